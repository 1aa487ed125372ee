// A document -> the fields it sets that do nothing here, by the support table. Visits only what may have any. Pure.
import type { DocumentValue } from './decode.ts';
import { FieldPath } from './field-path.ts';
import { type FieldType, type Model, modelNamed } from './schema.ts';
import { supportOf } from './support.ts';
import type { Vain } from './support-shape.ts';

export type AskedInVain = { path: FieldPath; vain: Vain };

/** In the order of the document. Only of one that decodes without errors. */
export function askedInVain(document: DocumentValue): AskedInVain[] {
  const found: AskedInVain[] = [];
  visit(watchedIn(modelNamed('V1Pod')), document, FieldPath.root, found);
  return found;
}

/** By field, of one model: those in vain, and those that have such beneath. */
type Watched = Map<string, { vain?: Vain; beneath?: Watched }>;

const watched = new Map<string, Watched>();

function watchedIn(model: Model): Watched {
  const known = watched.get(model.name);
  if (known) return known;
  const fields: Watched = new Map();
  watched.set(model.name, fields);
  for (const { name, type } of model.fields.values()) {
    const vain = supportOf(model.name, name)?.vain;
    const wholly = vain && !vain.when && !vain.whenKey;
    const within = wholly ? undefined : modelIn(type);
    const beneath = within && watchedIn(within);
    const warns = vain && !vain.refused;
    if (warns || (beneath && beneath.size > 0))
      fields.set(name, { ...(warns && { vain }), ...(beneath && { beneath }) });
  }
  return fields;
}

/** The model of a field, or of its list's items. */
export function modelIn(type: FieldType): Model | undefined {
  if (type.kind === 'model') return type.model;
  return type.kind === 'list' || type.kind === 'map' ? modelIn(type.of) : undefined;
}

function visit(fields: Watched, document: DocumentValue, path: FieldPath, found: AskedInVain[]): void {
  if (!(document instanceof Map)) return;
  for (const [name, value] of document) {
    const field = fields.get(name);
    if (!field) continue;
    const { vain, beneath } = field;
    const at = path.child(name);
    if (vain) judge(vain, value, at, found);
    if (!beneath) continue;
    if (!Array.isArray(value)) visit(beneath, value, at, found);
    else for (const [index, item] of value.entries()) visit(beneath, item, at.index(index), found);
  }
}

function judge(vain: Vain, value: DocumentValue, path: FieldPath, found: AskedInVain[]): void {
  const { when, whenKey, unless } = vain;
  if (whenKey && value instanceof Map) {
    for (const [key, item] of value)
      if (item !== null && whenKey(key)) found.push({ path: path.key(key), vain });
  } else if (when ? when(value) : !isNothing(value) && value !== unless) found.push({ path, vain });
}

/** What is written but says nothing: `status: {}`, `creationTimestamp: null`. */
function isNothing(value: DocumentValue): boolean {
  if (value instanceof Map) return value.size === 0;
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === '' || value === 0 || value === false;
}
