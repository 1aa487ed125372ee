// The manifest stage: bytes -> a static Pod with its identity, or errors with field, line and column. Pure and
// synchronous; runs in the decode pool. The steps are those of the kubelet's tryDecodeSinglePod.
import { type AskedInVain, askedInVain } from '../kubernetes/asked-in-vain.ts';
import { type DocumentValue, decodeModel, type UnknownField, type WrongType } from '../kubernetes/decode.ts';
import { setPodDefaults } from '../kubernetes/default.ts';
import type { FieldPath } from '../kubernetes/field-path.ts';
import { nearName } from '../kubernetes/near-name.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { validatePod } from '../kubernetes/validate/pod.ts';
import { type RuleError, ruleMessage } from '../kubernetes/validate/rule-errors.ts';
import { apiReferences } from './api-references.ts';
import { boundToFail } from './bound-to-fail.ts';
import type { Document, DocumentNote, ReadResult } from './document.ts';
import { identify, type ManifestOrigin, markSeen } from './identity.ts';
import { kindProblem, meantBy } from './kind.ts';
import { readDocument } from './read-document.ts';
import type { FieldError, Verdict } from './static-pod.ts';
import { wrongTypeMessage } from './wrong-type.ts';

export function decodeManifest(bytes: Uint8Array, where: ManifestOrigin): Verdict {
  const read = readDocument(bytes);
  return read.ok ? judge(read.document, where) : unreadable(read);
}

export function unreadable({ message, line, column }: Extract<ReadResult, { ok: false }>): Verdict {
  const error: FieldError = { stage: 'decode', field: '', type: 'Syntax error', message, line, column };
  return { accepted: false, errors: [error], warnings: [] };
}

/** A document that says what it is. */
export function judge(document: Document, where: ManifestOrigin): Verdict {
  const kind = kindProblem(document.value);
  if (!kind) return judgePod(document, where);
  return {
    accepted: false,
    errors: [{ ...kind.error, ...document.locate(kind.steps) }],
    warnings: notesOf(document),
  };
}

/** A document that is taken for a Pod whatever it says it is. */
export function judgePod(document: Document, where: ManifestOrigin): Verdict {
  const notes = notesOf(document);
  const { value, types, unknown } = decodeModel('V1Pod', document.value);
  const warnings = [...notes, ...bounded(unknown, (field) => unknownField(field, document))];
  const place = (path: FieldPath) => document.locate(path.steps(), 'head');
  const reject = <Problem>(problems: Problem[], report: (problem: Problem) => FieldError): Verdict => ({
    accepted: false,
    errors: bounded(problems, report),
    warnings,
  });
  if (types.length > 0)
    return reject(types, (problem) => ({ ...wrongType(problem), ...document.locate(problem.path.steps()) }));

  warnings.push(...bounded(askedInVain(document.value), (field) => inVain(field, document)));

  const pod: Pod = Object.assign(value, { apiVersion: 'v1', kind: 'Pod' });
  if (!pod.metadata?.name)
    return reject([nameless], (error) => ({ ...error, ...document.locate(['metadata', 'name']) }));
  setPodDefaults(pod);
  const { key, uid } = identify(pod, document.value, where);
  const broken = validatePod(pod);
  if (broken.length > 0)
    return reject(broken, (error) => ({
      stage: 'validate',
      field: error.field.toString(),
      type: error.type,
      message: ruleMessage(error) + asUnwritten(error, document.value),
      ...document.locate(stepsWritten(error.at, document.value), 'head'),
    }));
  const references = apiReferences(pod);
  if (references.length > 0)
    return reject(references, ({ at, message }) => ({
      stage: 'static',
      field: at.toString(),
      type: 'Forbidden',
      message,
      ...place(at),
    }));
  warnings.push(
    ...bounded(boundToFail(pod), ({ at, message }) => ({
      stage: 'support',
      field: at.toString(),
      type: 'Invalid value',
      message,
      ...place(at),
    })),
  );
  markSeen(pod, where);
  const { origin, source } = where;
  return { accepted: true, staticPod: { key, uid, source, origin, pod }, errors: [], warnings };
}

const nameless = {
  stage: 'validate',
  field: 'metadata.name',
  type: 'Required value',
  message: 'a Pod needs a name',
} as const;

/** A value that nobody wrote is no clue to what is missing. */
function asUnwritten({ at, type, value }: RuleError, document: DocumentValue): string {
  const unwritten = !isWritten(at.steps(), document);
  return unwritten && type === 'Invalid value' && (value === 0 || value === '') ? ' (it is not given)' : '';
}

/** A request that nobody wrote was copied from its limit: that is the line to mend. */
function stepsWritten(at: FieldPath, document: DocumentValue): (string | number)[] {
  const steps = at.steps();
  if (steps.at(-2) !== 'requests' || isWritten(steps, document)) return steps;
  return steps.with(-2, 'limits');
}

function isWritten(steps: (string | number)[], document: DocumentValue): boolean {
  let found: DocumentValue | undefined = document;
  for (const step of steps) {
    if (found instanceof Map) found = found.get(String(step));
    else found = Array.isArray(found) ? found[Number(step)] : undefined;
  }
  return found !== undefined && found !== null;
}

/** More than this of one kind helps nobody, and has to travel between threads. */
const reportedMax = 100;

function bounded<Problem>(problems: Problem[], report: (problem: Problem) => FieldError): FieldError[] {
  const reported = problems.slice(0, reportedMax).map(report);
  const last = reported.at(-1);
  if (last && problems.length > reportedMax)
    last.message += ` (and ${problems.length - reportedMax} more like these)`;
  return reported;
}

export const notesOf = ({ notes }: Document): FieldError[] => bounded(notes, noteOf);

const noteOf = ({ kind, ...note }: DocumentNote): FieldError => ({
  stage: 'decode',
  field: '',
  type: kind === 'duplicate' ? 'Duplicate key' : 'Syntax error',
  ...note,
});

const wrongType = (problem: WrongType): FieldError => ({
  stage: 'decode',
  field: problem.path.toString(),
  type: 'Type error',
  message: wrongTypeMessage(problem),
});

function unknownField({ path, name, model }: UnknownField, document: Document): FieldError {
  const near = nearName(name, model.fields.keys());
  const meant = path.steps().length === 1 ? meantBy(name) : undefined;
  const nothing = `no such field: it does nothing${near === undefined ? '' : `. Did you mean ${JSON.stringify(near)}?`}`;
  return {
    stage: 'decode',
    field: path.toString(),
    type: 'Unknown field',
    message: meant === undefined ? nothing : `is taken for ${JSON.stringify(meant)}, which it should be`,
    ...document.locate(path.steps(), 'key'),
  };
}

function inVain({ path, vain }: AskedInVain, document: Document): FieldError {
  const { kind: type, why: message } = vain;
  return {
    stage: 'support',
    field: path.toString(),
    type,
    message,
    ...document.locate(path.steps(), 'key'),
  };
}
