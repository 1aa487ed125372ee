// The generated field table, compiled for decoding: model -> its fields, each with type and with what Go's JSON
// encoder does when the value is zero. Pure data.
import { FIELDS } from './generated/fields.ts';
import { KEPT_AT_ZERO, POINTERS_WRITTEN_ALWAYS, WRITTEN_ALWAYS } from './zero-values.ts';

/** An `amount` is a quantity in a ResourceList: no finer than thousandths (SetDefaults_ResourceList). */
export type FieldType =
  | {
      kind:
        | 'string'
        | 'boolean'
        | 'int32'
        | 'int64'
        | 'time'
        | 'quantity'
        | 'amount'
        | 'int-or-string'
        | 'any';
    }
  | { kind: 'list' | 'map'; of: FieldType }
  | { kind: 'model'; model: Model };

export type Field = {
  name: string;
  type: FieldType;
  required: boolean;
  /** Written even when it was absent. */
  always: boolean;
  /** An explicit zero (`0`, `false`, `""`) says something: a pointer in the Go types. */
  keepsZero: boolean;
  /** To a model, and written even when it was absent: as null. */
  pointer: boolean;
};

export type Model = { name: string; fields: Map<string, Field>; always: Field[] };

const models = new Map<string, Model>();

export function modelNamed(name: string): Model {
  const known = models.get(name);
  if (known) return known;
  const table = FIELDS[name];
  if (!table) throw new Error(`no model ${name} in the generated field table`);
  const model: Model = { name, fields: new Map(), always: [] };
  models.set(name, model);
  for (const [field, text] of Object.entries(table)) {
    const id = `${name}.${field}`;
    const required = text.endsWith('!');
    const type = typeOf(required ? text.slice(0, -1) : text);
    const entry = {
      name: field,
      type,
      required,
      always: required || WRITTEN_ALWAYS.has(id),
      keepsZero: required || WRITTEN_ALWAYS.has(id) || KEPT_AT_ZERO.has(id),
      pointer: POINTERS_WRITTEN_ALWAYS.has(id),
    };
    model.fields.set(field, entry);
    if (entry.always) model.always.push(entry);
  }
  return model;
}

function typeOf(text: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', of: typeOf(text.slice(2)) };
  if (text === 'map:quantity') return { kind: 'map', of: { kind: 'amount' } };
  if (text.startsWith('map:')) return { kind: 'map', of: typeOf(text.slice(4)) };
  switch (text) {
    case 'string':
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'time':
    case 'quantity':
    case 'int-or-string':
    case 'any':
      return { kind: text };
    default:
      return { kind: 'model', model: modelNamed(text) };
  }
}
