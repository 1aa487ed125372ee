// Whatever the files say, the answer is options or an error with a place: never a stack.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configKeys } from '../../../src/config/kubelet/keys.ts';
import { valuesOf } from '../../../src/config/kubelet/load.ts';
import { kubeletConfiguration } from '../../../src/config/kubelet/schema.ts';
import { reader, text } from './files.ts';

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const values = [
  ...[
    'null',
    '~',
    '0',
    '-1',
    '1e400',
    '1.5',
    '99999999999999999999',
    'true',
    'yes',
    '""',
    '"\\u0000"',
    '20s',
    '-5m',
  ],
  ...[
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '[a, 1]',
    '{a: b}',
    '{a: null}',
    '{__proto__: {x: 1}}',
    '{a: [null, b]}',
    '{? [a] : b}',
  ],
  ...[
    '*a',
    '&a [*a]',
    '!!binary x',
    '"x,y=z<w"',
    '{"a,b": "c"}',
    'unix://',
    '::',
    '/',
    '../..',
    '2001-01-01',
    '{{ x }}',
  ],
];
const names = [
  ...Object.keys(kubeletConfiguration),
  '__proto__',
  'constructor',
  'toString',
  'maxpods',
  '',
  '?',
  'a.b',
];

test('any keys with any values', () => {
  const random = randomOf(7);
  const pick = (of: string[]) => of[Math.floor(random() * of.length)] ?? '';
  let taken = 0;
  for (let round = 0; round < 1500; round++) {
    const keys = Array.from(
      { length: 1 + Math.floor(random() * 4) },
      () => `${JSON.stringify(pick(names))}: ${pick(values)}`,
    );
    const outcome = reader.read(Buffer.from(text(keys.join('\n'))));
    if (!outcome.ok || !(outcome.document.value instanceof Map)) continue;
    const file = { file: '/c.yaml', document: outcome.document, root: outcome.document.value };
    const result = valuesOf({ base: file, dropIns: [file] }, reader, { evictionHard: {} });
    if (Array.isArray(result))
      for (const error of result) assert.match(error, /^\/c\.yaml:\d+:\d+: /, keys.join('\n'));
    else taken += 1;
  }
  assert.ok(taken > 50, `only ${taken} were taken`);
  assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
});

test('every key of an option is one that a KubeletConfiguration has', () => {
  for (const key of Object.values(configKeys)) {
    if (key === undefined) continue;
    const type = key.path
      .split('.')
      .reduce<unknown>(
        (fields, step) => (fields as Record<string, unknown> | undefined)?.[step],
        kubeletConfiguration,
      );
    assert.ok(type !== undefined, key.path);
  }
});
