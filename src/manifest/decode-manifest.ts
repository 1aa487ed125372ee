// The manifest stage: bytes -> a static Pod with its identity, or errors with field, line and column. Pure and
// synchronous; runs in the decode pool. The steps are those of the kubelet's tryDecodeSinglePod.
import { type DecodeProblem, type DocumentValue, decodeModel } from '../kubernetes/decode.ts';
import { setPodDefaults } from '../kubernetes/default.ts';
import type { FieldPath } from '../kubernetes/field-path.ts';
import { nearName } from '../kubernetes/near-name.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { validatePod } from '../kubernetes/validate/pod.ts';
import { apiReferences } from './api-references.ts';
import type { Document } from './document.ts';
import { identify, type ManifestOrigin } from './identity.ts';
import { kindProblem } from './kind.ts';
import { readDocument } from './read-document.ts';
import type { FieldError, Verdict } from './static-pod.ts';

export function decodeManifest(bytes: Uint8Array, where: ManifestOrigin): Verdict {
  const read = readDocument(bytes);
  if (!read.ok) {
    const { message, line, column } = read;
    const error: FieldError = { stage: 'decode', field: '', type: 'Syntax error', message, line, column };
    return { accepted: false, errors: [error], warnings: [] };
  }
  return judge(read.document, where);
}

function judge(document: Document, where: ManifestOrigin): Verdict {
  const warnings: FieldError[] = document.notes.map((note) => ({
    stage: 'decode',
    field: '',
    type: 'Syntax error',
    ...note,
  }));
  const reject = (errors: FieldError[]): Verdict => ({ accepted: false, errors, warnings });
  const place = (path: FieldPath) => document.locate(path.steps());

  const kind = kindProblem(document.value);
  if (kind) return reject([{ ...kind.error, ...document.locate(kind.steps) }]);

  const { value, problems } = decodeModel('V1Pod', document.value);
  for (const problem of problems)
    if (problem.kind === 'unknown') warnings.push(unknownField(problem, document));
  const wrongTypes = problems.filter((problem) => problem.kind === 'type');
  if (wrongTypes.length > 0)
    return reject(wrongTypes.map((problem) => ({ ...wrongType(problem), ...place(problem.path) })));

  const pod = value as Pod;
  if (!pod.metadata?.name) {
    const message = 'a Pod needs a name';
    const at = document.locate(['metadata', 'name']);
    return reject([{ stage: 'validate', field: 'metadata.name', type: 'Required value', message, ...at }]);
  }
  if (pod.spec) setPodDefaults(pod.spec);
  const { key, uid } = identify(pod, document.value, where);
  const broken = validatePod(pod);
  if (broken.length > 0)
    return reject(
      broken.map(({ field, type, message, at }) => ({
        stage: 'validate',
        field,
        type,
        message,
        ...place(at),
      })),
    );
  const references = apiReferences(pod);
  if (references.length > 0)
    return reject(
      references.map(({ at, resource }) => ({
        stage: 'static',
        field: at.toString(),
        type: 'Forbidden',
        message: `static Pods may not reference ${resource}`,
        ...place(at),
      })),
    );
  const { origin, source } = where;
  return { accepted: true, staticPod: { key, uid, source, origin, pod }, errors: [], warnings };
}

function wrongType(problem: DecodeProblem & { kind: 'type' }): FieldError {
  return {
    stage: 'decode',
    field: problem.path.toString(),
    type: 'Type error',
    message: `must be ${problem.wanted}, is ${kindOf(problem.found)}`,
  };
}

function unknownField(problem: DecodeProblem & { kind: 'unknown' }, document: Document): FieldError {
  const near = nearName(problem.name, problem.model.fields.keys());
  return {
    stage: 'decode',
    field: problem.path.toString(),
    type: 'Unknown field',
    message: `no such field; it is ignored${near === undefined ? '' : `. Did you mean ${JSON.stringify(near)}?`}`,
    ...document.locate(problem.path.steps(), 'key'),
  };
}

/** What stands there, without repeating what may be a secret. */
function kindOf(value: DocumentValue): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'a map' : `the number ${value}`;
}
