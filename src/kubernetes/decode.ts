// A document (what YAML or JSON said) -> an object of a model, as Go's JSON decoder reads it for the kubelet and as its
// encoder would write it: case-sensitive, strict in types, null is absent, unknown fields are dropped (and told). Pure.
import { FieldPath } from './field-path.ts';
import { forgetGivenEmpty, noteGivenEmpty } from './given-empty.ts';
import { parseQuantity, type Quantity, quantityText, roundUp } from './quantity.ts';
import { type Field, type FieldType, type Model, modelNamed } from './schema.ts';
import { timeText } from './time-text.ts';

/** Integers beyond 2^53 are bigints. A Map, so that no key means anything to JavaScript. */
export type DocumentValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | WrittenNumber
  | DocumentValue[]
  | DocumentMap;
/** `earlier`: of keys that a JSON text has more than once, the values before the one that is in the map. */
export type DocumentMap = Map<string, DocumentValue> & { earlier?: Map<string, DocumentValue[]> };

/**
 * A number of a JSON text with a fraction or an exponent: Go takes such a one as it is written, so `5.0` is no integer
 * (in YAML it is one, since it comes to Go as 5).
 */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** `model`: whose fields are wanted. */
export type WrongType = { path: FieldPath; wanted: string; found: DocumentValue; model?: Model };
export type UnknownField = { path: FieldPath; name: string; model: Model };

type Fields = Record<string, unknown>;
type Problems = { types: WrongType[]; unknown: UnknownField[] };

export function decodeModel(
  name: string,
  document: DocumentValue,
): { value: Record<string, unknown> } & Problems {
  const problems: Problems = { types: [], unknown: [] };
  const value = decodeFields(modelNamed(name), document, FieldPath.root, problems);
  return { value: value ?? {}, ...problems };
}

function decodeFields(
  model: Model,
  document: DocumentValue,
  path: FieldPath,
  problems: Problems,
  into?: Fields,
): Fields | undefined {
  if (!(document instanceof Map)) {
    problems.types.push({ path, wanted: 'a map of fields', found: document, model });
    return undefined;
  }
  const value = into ?? {};
  const { earlier }: DocumentMap = document;
  for (const [name, found] of document) {
    const field = model.fields.get(name);
    if (!field) {
      problems.unknown.push({ path: path.child(name), name, model });
      continue;
    }
    if (earlier || into) {
      for (const each of earlier?.get(name) ?? []) overwrite(value, field, each, path, problems);
      overwrite(value, field, found, path, problems);
      continue;
    }
    if (found === null) continue;
    const decoded = decodeValue(field.type, found, path, name, problems);
    if (decoded === undefined) continue;
    if (field.keepsZero || !isZero(decoded)) value[name] = decoded;
    else if (typeof decoded === 'object') noteGivenEmpty(value, name);
  }
  for (const field of model.always) if (value[field.name] === undefined) value[field.name] = absent(field);
  return value;
}

/** A JSON text says a field again: Go decodes each value into what the one before it left. */
function overwrite(
  value: Fields,
  field: Field,
  found: DocumentValue,
  path: FieldPath,
  problems: Problems,
): void {
  const { name, type, always, pointer, keepsZero } = field;
  if (found === null) {
    const isScalar = ['string', 'boolean', 'int32', 'int64', 'int-or-string'].includes(type.kind);
    const isPlain = isScalar ? always || !keepsZero : type.kind === 'model' && always && !pointer;
    // null leaves alone what is no pointer, list or map.
    if (isPlain) return;
    delete value[name];
    return forgetGivenEmpty(value, name);
  }
  const decoded = decodeValue(type, found, path, name, problems, value[name]);
  if (decoded !== undefined && (keepsZero || !isZero(decoded))) {
    value[name] = decoded;
    return;
  }
  delete value[name];
  if (typeof decoded === 'object') noteGivenEmpty(value, name);
}

const isZero = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || (typeof value === 'object' && isEmpty(value as object));

/** Empty lists and maps are left out; a model's object (it has a mark below) is a pointer and stays. */
const isEmpty = (value: object): boolean =>
  Array.isArray(value) ? value.length === 0 : emptyMaps.has(value);

const emptyMaps = new WeakSet<object>();

function decodeValue(
  type: FieldType,
  found: DocumentValue,
  parent: FieldPath,
  step: Step,
  problems: Problems,
  into?: unknown,
): unknown {
  switch (type.kind) {
    case 'string':
      if (typeof found === 'string') return found;
      break;
    case 'boolean':
      if (typeof found === 'boolean') return found;
      break;
    case 'int32':
    case 'int64':
      if (isInteger(found, type.kind)) return Math.max(-printedMax, Math.min(Number(found), printedMax));
      break;
    case 'int-or-string':
      if (typeof found === 'string' || isInteger(found, 'int32')) return found;
      break;
    case 'time': {
      const time = typeof found === 'string' ? timeText(found) : undefined;
      if (time !== undefined) return time ?? undefined;
      break;
    }
    case 'quantity':
    case 'amount': {
      const quantity = quantityOf(found);
      if (quantity) return quantityText(type.kind === 'amount' ? roundUp(quantity, -3) : quantity);
      break;
    }
    case 'any':
      return plain(found);
    case 'model':
      return decodeFields(type.model, found, stepTo(parent, step), problems, into as Fields | undefined);
    case 'list':
      if (Array.isArray(found))
        return decodeList(type.of, found, stepTo(parent, step), problems, into as unknown[] | undefined);
      break;
    case 'map':
      if (found instanceof Map)
        return decodeMap(type.of, found, stepTo(parent, step), problems, into as Fields | undefined);
      break;
  }
  problems.types.push({ path: stepTo(parent, step), wanted: wantedWords(type), found });
  return undefined;
}

/** A field, the index of a list, or the key of a map. */
type Step = string | number | { key: string };

function stepTo(parent: FieldPath, step: Step): FieldPath {
  if (typeof step === 'object') return parent.key(step.key);
  return typeof step === 'number' ? parent.index(step) : parent.child(step);
}

function decodeList(
  of: FieldType,
  found: DocumentValue[],
  path: FieldPath,
  problems: Problems,
  into?: unknown[] | null,
): unknown[] {
  return found.map((item, index) =>
    item === null
      ? (into?.[index] ?? zeroOf(of))
      : decodeValue(of, item, path, index, problems, into?.[index]),
  );
}

function decodeMap(
  of: FieldType,
  found: DocumentMap,
  path: FieldPath,
  problems: Problems,
  into?: Fields,
): Fields {
  const decoded = (key: string, item: DocumentValue) =>
    item === null ? zeroOf(of) : decodeValue(of, item, path, { key }, problems);
  for (const [key, items] of found.earlier ?? []) for (const item of items) decoded(key, item);
  const entries = [...found].map(([key, item]): [string, unknown] => [key, decoded(key, item)]);
  // fromEntries defines properties: a key `__proto__` is a key like any other.
  const map = Object.fromEntries(into ? [...Object.entries(into), ...entries] : entries);
  if (Object.keys(map).length === 0) emptyMaps.add(map);
  return map;
}

/** An optional list that is written all the same is written as null, and so is a pointer. */
const absent = ({ required, pointer, type }: Field): unknown =>
  pointer || (type.kind === 'list' && !required) ? null : zeroOf(type);

function zeroOf(type: FieldType): unknown {
  switch (type.kind) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'int-or-string':
      return 0;
    case 'quantity':
    case 'amount':
      return '0';
    case 'list':
      return [];
    case 'time':
    case 'any':
      return null;
    case 'map':
      return {};
    case 'model': {
      const value: Record<string, unknown> = {};
      for (const field of type.model.always) value[field.name] = absent(field);
      return value;
    }
  }
}

/** The largest number that, written by JavaScript, is an int64 to whoever reads it. */
const printedMax = 2 ** 63 - 1024;
const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function isInteger(found: DocumentValue, kind: 'int32' | 'int64'): found is number | bigint {
  if (typeof found === 'bigint') return kind === 'int64' && found >= int64Min && found <= int64Max;
  if (typeof found !== 'number' || !Number.isInteger(found)) return false;
  return kind === 'int32' ? found >= -(2 ** 31) && found < 2 ** 31 : Math.abs(found) < 2 ** 63;
}

/** Quantity.UnmarshalJSON: a string or any number, without surrounding space. */
function quantityOf(found: DocumentValue): Quantity | undefined {
  const isAmount = ['string', 'number', 'bigint'].includes(typeof found) || found instanceof WrittenNumber;
  if (!isAmount) return undefined;
  // A number's text is the same in Go's JSON and here: `1e+21`, `1e-7`.
  const text = String(found);
  return parseQuantity(text) ?? parseQuantity(withoutSpace(text));
}

/** unicode.IsSpace, but for what stands in JSON as an escape, such as a tab: Kubernetes sees no space there. */
const space = /[ \x85\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]/;

function withoutSpace(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && space.test(text.charAt(begin))) begin++;
  while (begin < end && space.test(text.charAt(end - 1))) end--;
  return text.slice(begin, end);
}

/** As JSON would have it. */
function plain(value: DocumentValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]): [string, unknown] => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'bigint' || value instanceof WrittenNumber ? Number(value) : value;
}

function wantedWords(type: FieldType): string {
  switch (type.kind) {
    case 'string':
      return 'a string';
    case 'boolean':
      return 'true or false';
    case 'int32':
    case 'int64':
      return `a whole number (${type.kind})`;
    case 'int-or-string':
      return 'a whole number or a string';
    case 'time':
      return 'a time (RFC 3339, as 2006-01-02T15:04:05Z)';
    case 'quantity':
    case 'amount':
      return 'a quantity (as 100m, 0.5, 64Mi or 1Gi)';
    case 'list':
      return `a list of ${type.of.kind === 'model' ? 'maps' : `${wordsMany(type.of)}`}`;
    case 'map':
      return 'a map';
    default:
      return 'a map of fields';
  }
}

const wordsMany = (type: FieldType): string => (type.kind === 'string' ? 'strings' : 'whole numbers');
