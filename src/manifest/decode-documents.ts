// All documents of an answer: bytes -> a verdict on each Pod in them, be it a document of its own or an item of a v1
// PodList, as the kubelet's tryDecodeSinglePod and tryDecodePodList accept them. Pure; in the decode pool.
import type { DocumentValue } from '../kubernetes/decode.ts';
import { judge, judgePod, notesOf, unreadable } from './decode-manifest.ts';
import type { Document } from './document.ts';
import type { ManifestOrigin } from './identity.ts';
import { isPodList, kindProblem } from './kind.ts';
import { readDocuments } from './read-document.ts';
import type { FieldError, Verdict } from './static-pod.ts';

export type DocumentVerdict = {
  /** Where it stands among the others: `2` is the second document, `items[3]` the fourth of the list that is the only. */
  place: string;
  /** `namespace/name` as it is written, where a name is. */
  name?: string;
  /** Another before it has that name: rejected for that alone. */
  duplicate?: true;
  verdict: Verdict;
};

/** Of empty documents and lists, 10 MiB hold millions. */
const podsMax = 10_000;
/** A name that is wrong is shown all the same, but not whatever it is. */
const printable = /^[!-~]{1,254}$/;

export type DocumentsVerdict = {
  /** Without, there is nothing but comments. With, and yet without a Pod: there are lists without items. */
  hasDocuments: boolean;
  documents: DocumentVerdict[];
};

export function decodeDocuments(bytes: Uint8Array, where: ManifestOrigin): DocumentsVerdict {
  const read = readDocuments(bytes);
  const within: Within = { where, names: new Set() };
  const documents: DocumentVerdict[] = [];
  for (const [at, result] of read.entries()) {
    const place = String(at + 1);
    if (documents.length >= podsMax) {
      documents.push({ place, verdict: tooMany });
      break;
    }
    if (!result.ok) documents.push({ place, verdict: unreadable(result) });
    else if (isPodList(result.document.value))
      documents.push(...listVerdicts(result.document, read.length > 1 ? place : '', within));
    else documents.push({ place, ...verdictOn(result.document, within, judge) });
  }
  return { hasDocuments: read.length > 0, documents };
}

const tooMany: Verdict = {
  accepted: false,
  errors: [
    { stage: 'decode', field: '', type: 'Too many', message: `there are more than ${podsMax} documents` },
  ],
  warnings: [],
};

/** `names`: those that were there before. */
type Within = { where: ManifestOrigin; names: Set<string> };

/** Each has the same origin in its hash: a Pod stays itself when documents change places. */
function verdictOn(
  document: Document,
  { where, names }: Within,
  judgeIt: typeof judge,
): Omit<DocumentVerdict, 'place'> {
  const name = nameIn(document.value);
  const verdict = judgeIt(document, where);
  if (name === undefined) return { verdict };
  if (!names.has(name)) {
    names.add(name);
    return { name, verdict };
  }
  if (!verdict.accepted) return { verdict };
  const error: FieldError = {
    stage: 'validate',
    field: 'metadata.name',
    type: 'Duplicate value',
    message: `a document before this one is ${name}, too: that one counts`,
    ...document.locate(['metadata', 'name']),
  };
  const rejected: Verdict = { accepted: false, errors: [error], warnings: verdict.warnings };
  return { name, duplicate: true, verdict: rejected };
}

function nameIn(value: DocumentValue): string | undefined {
  const metadata = value instanceof Map ? value.get('metadata') : undefined;
  if (!(metadata instanceof Map)) return undefined;
  const name = metadata.get('name');
  const namespace = metadata.get('namespace') ?? '';
  if (typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  if (!printable.test(name) || !printable.test(`${namespace}.`)) return undefined;
  return `${namespace || 'default'}/${name}`;
}

function listVerdicts(list: Document, place: string, within: Within): DocumentVerdict[] {
  const errors = listProblems(list);
  const items = (list.value as Map<string, DocumentValue>).get('items');
  if (errors.length > 0)
    return [{ place: place || '1', verdict: { accepted: false, errors, warnings: notesOf(list) } }];
  const verdicts = ((items ?? []) as DocumentValue[]).map((_, index) => ({
    place: `${place && `${place}/`}items[${index}]`,
    ...itemVerdict(list, index, within),
  }));
  // Of the list as a whole, and told once.
  verdicts[0]?.verdict.warnings.unshift(...notesOf(list));
  return verdicts;
}

/**
 * `items: null` is how Go writes a list without items. Where `items` is not written at all, no encoder of Kubernetes was
 * at work and rather a mistake was made: unlike for the kubelet, that does not end every Pod.
 */
function listProblems(list: Document): FieldError[] {
  const map = list.value as Map<string, DocumentValue>;
  const items = map.get('items');
  const wrong = (field: string, type: FieldError['type'], message: string): FieldError[] => [
    { stage: 'decode', field, type, message, ...list.locate(field.split('.')) },
  ];
  if (items === undefined)
    return wrong('items', 'Required value', 'must be given: a list of Pods, or [] for no Pods');
  if (items !== null && !Array.isArray(items)) return wrong('items', 'Type error', 'must be a list of Pods');
  if (items !== null && items.length > podsMax)
    return wrong('items', 'Too many', `must have at most ${podsMax} items`);
  const metadata = map.get('metadata') ?? new Map();
  if (!(metadata instanceof Map)) return wrong('metadata', 'Type error', 'must be a map of fields');
  if (metadata.get('continue'))
    return wrong(
      'metadata.continue',
      'Invalid value',
      'this is a part of a list only: the others are missing',
    );
  return [];
}

function itemVerdict(list: Document, index: number, within: Within): Omit<DocumentVerdict, 'place'> {
  const before = ['items', index];
  const value =
    ((list.value as Map<string, DocumentValue>).get('items') as DocumentValue[])[index] ?? new Map();
  const item: Document = {
    value,
    locate: (steps, to) => list.locate([...before, ...steps], to),
    notes: [],
  };
  const { verdict, ...rest } = verdictOn(item, within, judgeItem);
  const inList = (error: FieldError): FieldError => ({
    ...error,
    field: `items[${index}]${error.field && `.${error.field}`}`,
  });
  return {
    ...rest,
    verdict: { ...verdict, errors: verdict.errors.map(inList), warnings: verdict.warnings.map(inList) },
  };
}

/** An item of a PodList is a Pod whatever it says of itself. */
function judgeItem(item: Document, where: ManifestOrigin): Verdict {
  const verdict = judgePod(item, where);
  if (!(item.value instanceof Map)) return verdict;
  const said = new Map<string, DocumentValue>([
    ['apiVersion', item.value.get('apiVersion') || 'v1'],
    ['kind', item.value.get('kind') || 'Pod'],
  ]);
  const kind = kindProblem(said);
  if (!kind) return verdict;
  const message = `${kind.error.message}; as an item of a PodList it is taken for one`;
  return {
    ...verdict,
    warnings: [{ ...kind.error, message, ...item.locate(kind.steps) }, ...verdict.warnings],
  };
}
