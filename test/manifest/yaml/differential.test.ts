// Our reader against the `yaml` package, on documents that neither of us wrote: random values, written by the package
// in every style it has, must come back from both as the same value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DocumentOptions, parse, type SchemaOptions, stringify, type ToStringOptions } from 'yaml';
import { readDocument } from '../../../src/manifest/read-document.ts';
import { SimulatedClock } from '../../simulation/clock.ts';
import { randomFrom } from '../../simulation/draw.ts';

type Options = DocumentOptions & SchemaOptions & ToStringOptions;

const documents = 3_000;

const words = [
  'a',
  'sh -c',
  '- dash',
  'key: value',
  '# no comment',
  'ends with colon:',
  "it's",
  'say "hi"',
  'tab\there',
  'line\nbreak',
  'para\n\ngraph\n',
  '\n leading',
  'trailing ',
  ' leading',
  '',
  'yes',
  'NO',
  'on',
  'null',
  '~',
  '0644',
  '0x1f',
  '1_000',
  '1e3',
  '.5',
  '-.inf',
  '12:30',
  '2024-01-01',
  '&anchor',
  '*alias',
  '!tag',
  '%percent',
  '@at',
  '`tick',
  '{brace',
  '[bracket',
  'a, b',
  '? question',
  '| pipe',
  '> fold',
  'ünïcödé 世界 🙂',
  'back\\slash',
  '\u00a0nbsp',
  'x'.repeat(200),
  'word '.repeat(60),
];
const numbers = [0, 1, -1, 8080, 0.5, -2.25, 1e21, 9007199254740991, 123456.789];

function draw(random: () => number, depth: number): unknown {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const kind =
    depth > 4
      ? pick(['text', 'number', 'flag'])
      : pick(['text', 'text', 'number', 'flag', 'list', 'map', 'map']);
  const many = () => Math.floor(random() * 5);
  if (kind === 'text') return pick(words);
  if (kind === 'number') return pick(numbers);
  if (kind === 'flag') return pick([true, false, null]);
  if (kind === 'list') return Array.from({ length: many() }, () => draw(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: many() }, () => [pick(words) || 'empty', draw(random, depth + 1)]),
  );
}

const styles: Options[] = [
  {},
  { indent: 4 },
  { indentSeq: false },
  { collectionStyle: 'flow' },
  { defaultStringType: 'QUOTE_SINGLE' },
  { defaultStringType: 'QUOTE_DOUBLE' },
  { defaultStringType: 'BLOCK_FOLDED' },
  { defaultStringType: 'BLOCK_LITERAL' },
  { defaultKeyType: 'QUOTE_DOUBLE', lineWidth: 20 },
  { lineWidth: 0 },
  { lineWidth: 30, minContentWidth: 10 },
];

test(`${documents} random documents read as the yaml package reads them`, () => {
  const { random } = new SimulatedClock(randomFrom(20_260_101));
  for (let index = 0; index < documents; index++) {
    const style = styles[index % styles.length] ?? {};
    const text = stringify(
      { root: draw(random, 0), more: draw(random, 1) },
      { version: '1.1', aliasDuplicateObjects: false, ...style },
    );
    // What begins with a brace is JSON to the kubelet.
    const read = readDocument(new TextEncoder().encode(text.startsWith('{') ? `---\n${text}` : text));
    const shown = `document ${index}, ${JSON.stringify(style)}:\n${text}`;
    assert.ok(read.ok, `${shown}\n${read.ok ? '' : `${read.line}:${read.column} ${read.message}`}`);
    assert.deepEqual(
      read.document.value,
      parse(text, { version: '1.1', uniqueKeys: false, mapAsMap: true }),
      shown,
    );
  }
});
