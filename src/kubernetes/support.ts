// Which fields of a Pod manifest happen here: the table (support-table.ts) looked up by model and field. Pure. Warnings
// come from it (asked-in-vain.ts), and the README's table (support-readme.ts).
import { modelNamed } from './schema.ts';
import type { ModelSupport, Vain } from './support-shape.ts';
import { supportTable } from './support-table.ts';

export type FieldSupport = { area: string; vain?: Vain };

const byModel = new Map<string, Map<string, FieldSupport>>();
for (const { title, models } of supportTable)
  for (const [model, support] of Object.entries(models)) enter(title, model, support);

/** Undefined: the table does not know the field. */
export const supportOf = (model: string, field: string): FieldSupport | undefined =>
  byModel.get(model)?.get(field);

/** Everything the table says, as it says it: `V1PodSpec.hostNetwork`. */
export const supportedFields = (): string[] =>
  [...byModel].flatMap(([model, fields]) => [...fields.keys()].map((field) => `${model}.${field}`));

function enter(area: string, model: string, support: ModelSupport): void {
  const fields = byModel.get(model) ?? new Map<string, FieldSupport>();
  byModel.set(model, fields);
  const put = (names: string, vain?: Vain) => {
    for (const field of names.split(' ')) {
      if (!modelNamed(model).fields.has(field)) throw new Error(`there is no field ${model}.${field}`);
      if (fields.has(field)) throw new Error(`${model}.${field} is in the support table twice`);
      fields.set(field, { area, ...(vain && { vain: { ...vain } }) });
    }
  };
  if (support.supported) put(support.supported);
  for (const [names, why] of Object.entries(support.noMeaning ?? {}))
    put(names, { kind: 'No meaning on one node', why });
  for (const [field, unless] of Object.entries(support.byDefault ?? {})) {
    const vain = fields.get(field)?.vain;
    if (!vain) throw new Error(`${model}.${field} has a meaning`);
    vain.unless = unless;
  }
  for (const [names, why] of Object.entries(support.notSupported ?? {}))
    put(names, { kind: 'Not supported', why });
  for (const [names, why] of Object.entries(support.refused ?? {}))
    put(names, { kind: 'Not supported', why, refused: true });
  for (const [field, vain] of Object.entries(support.inPart ?? {})) {
    const entry = fields.get(field);
    if (!entry || entry.vain) throw new Error(`${model}.${field} is not supported at all, nor in part`);
    fields.set(field, { area, vain });
  }
}
