// Generator (npm run generate; a test holds the README against it): the support table -> the README's part between the
// markers. A model that is supported wholly is not spelled out: the field that leads to it stands for all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelIn } from './asked-in-vain.ts';
import { type Model, modelNamed } from './schema.ts';
import { supportOf } from './support.ts';
import type { ModelSupport, VainKind } from './support-shape.ts';
import { supportTable } from './support-table.ts';

const begin = '<!-- support: written by npm run generate -->\n';
const end = '<!-- end of support -->\n';

/** The README with its part made anew. */
export function withSupport(readme: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error('the README has no markers for the support table');
  return readme.slice(0, from + begin.length) + supportText() + readme.slice(to);
}

function supportText(): string {
  const supported = supportTable
    .map(({ title, models }) => ({ title, fields: supportedOf(models) }))
    .filter(({ fields }) => fields !== '')
    .map(({ title, fields }) => `| ${title} | ${fields} |\n`);
  return `
| supported | |
|---|---|
${supported.join('')}
| no meaning on one node | |
|---|---|
${inVain('No meaning on one node')}
| not supported | |
|---|---|
${inVain('Not supported')}
`;
}

const supportedOf = (models: Record<string, ModelSupport>): string =>
  Object.entries(models)
    .flatMap(([model, { supported = '' }]) => {
      const shown = words(supported).filter((field) => {
        const within = modelOf(model, field);
        return !within || isWhole(within);
      });
      return isWhole(modelNamed(model)) ? [] : named(model, shown);
    })
    .join(', ');

/** One row a reason, in the order of the table. */
function inVain(wanted: VainKind): string {
  const rows = new Map<string, string[]>();
  const row = (why: string, fields: string[]) => rows.set(why, [...(rows.get(why) ?? []), ...fields]);
  for (const { models } of supportTable)
    for (const [model, { noMeaning = {}, notSupported = {}, refused = {}, inPart = {} }] of Object.entries(
      models,
    )) {
      const whole = wanted === 'Not supported' ? [notSupported, refused] : [noMeaning];
      for (const list of whole)
        for (const [names, why] of Object.entries(list)) row(why, named(model, words(names)));
      for (const [field, { kind, why, which }] of Object.entries(inPart))
        if (kind === wanted)
          row(
            why,
            named(model, [field]).map((name) => `${name} (${which})`),
          );
    }
  return [...rows].map(([why, fields]) => `| ${fields.join(', ')} | ${why} |\n`).join('');
}

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

function modelOf(model: string, field: string): Model | undefined {
  const type = modelNamed(model).fields.get(field)?.type;
  return type && modelIn(type);
}

/** Nothing in it or beneath it is in vain. */
const isWhole = (model: Model): boolean =>
  [...model.fields.values()].every(({ name, type }) => {
    const within = modelIn(type);
    return !supportOf(model.name, name)?.vain && (!within || isWhole(within));
  });

/** `containers[].{args, command}`, for each place where the model stands. */
function named(model: string, fields: string[]): string[] {
  if (fields.length === 0) return [];
  const list = fields.join(', ');
  const braced = fields.length === 1 ? list : `{${list}}`;
  return placesOf(model).map((place) => `\`${place === '' ? list : place + braced}\``);
}

/** Where in a Pod the model stands: `spec.` is left out, and initContainers are as containers. */
function placesOf(wanted: string, model = modelNamed('V1Pod'), path = ''): string[] {
  const here = model.name === wanted ? [path] : [];
  const beneath = [...model.fields.values()].flatMap(({ name, type }) => {
    const within = modelIn(type);
    const vain = supportOf(model.name, name)?.vain;
    if (!within || name === 'initContainers' || (vain && !vain.when && !vain.whenKey)) return [];
    if (model.name === 'V1Pod' && name === 'spec') return placesOf(wanted, within, '');
    return placesOf(wanted, within, `${path}${name}${type.kind === 'list' ? '[]' : ''}.`);
  });
  return [...here, ...beneath];
}

if (import.meta.main) {
  const readme = join(import.meta.dirname, '../../README.md');
  writeFileSync(readme, withSupport(readFileSync(readme, 'utf8')));
}
