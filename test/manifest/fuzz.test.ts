// The decoder under mutation: whatever bytes come, it answers, in time, and touches nothing else. Seeded: a failure names
// its seed, and FUZZ_SEED runs it alone. FUZZ_ROUNDS makes it longer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as YAML from 'yaml';
import { type DocumentValue, WrittenNumber } from '../../src/kubernetes/decode.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { readDocument } from '../../src/manifest/read-document.ts';
import { resolvePlain } from '../../src/manifest/scalar.ts';

const rounds = Number(process.env.FUZZ_ROUNDS ?? 4000);
const onlySeed = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);
const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;

const corpus = readFileSync(join(import.meta.dirname, 'pods.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).manifest as string)
  .filter((manifest) => manifest.length < 5000)
  // The JSON ones in YAML as well: by flow style alone little of that is met.
  .flatMap((manifest) =>
    manifest.startsWith('{')
      ? [manifest, YAML.stringify(JSON.parse(manifest), { version: '1.1' })]
      : [manifest],
  );

/** mulberry32 */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const fragments = [
  ...'{}[]:,-?&*!|>\'"%@`#~\n\t \r\0\x07'.split(''),
  ...[
    '\n  ',
    '\n- ',
    ': ',
    '&a ',
    '*a',
    '<<: ',
    '!!int ',
    '!!binary ',
    '---\n',
    '...\n',
    '? ',
    '|\n  ',
    '\\u0000',
  ],
  ...[
    'null',
    'yes',
    '0644',
    '1e999',
    '-1',
    '99999999999999999999',
    '.inf',
    '1Gi',
    '""',
    '[]',
    '{}',
    '\u{1f600}',
    '\ud83d',
  ],
  ...[
    '__proto__: {polluted: yes}',
    'constructor: {prototype: {polluted: yes}}',
    'toString: x',
    'hasOwnProperty',
  ],
];

type Random = (below: number) => number;

/** One character changed, as a bad disk or a slip of the finger would. */
function flipped(text: string, random: Random): string {
  const at = random(Math.max(text.length, 1));
  const code = (text.charCodeAt(at) || 0) ^ (1 << random(8));
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}

/** Lines left out, doubled, exchanged, indented otherwise, or taken from another manifest; or the end cut off. */
function withOtherLines(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random(lines.length);
  const line = lines[at] ?? '';
  const other = (corpus[random(corpus.length)] ?? '').split('\n');
  const changes = [
    () => lines.splice(at, 1 + random(3)),
    () => lines.splice(at, 0, ...lines.slice(at, at + 1 + random(4))),
    () => lines.splice(at, 2, lines[at + 1] ?? '', line),
    () => lines.splice(at, 1, ' '.repeat(1 + random(4)) + line),
    () => lines.splice(at, 1, line.replace(/^ {1,2}/, '')),
    () => lines.splice(at, 1, line.replace(/^ /, '\t')),
    () => lines.splice(at, random(3), other[random(other.length)] ?? ''),
    () => lines.splice(0, lines.length, text.slice(0, random(text.length + 1))),
    () => lines.splice(0, lines.length, ...lines.map((each) => `${each}\r`)),
  ];
  changes[random(changes.length)]?.();
  return lines.join('\n');
}

/** A part of the text replaced by a part of itself, of another manifest, or by what means something in YAML. */
function spliced(text: string, random: Random): string {
  const at = random(text.length + 1);
  const length = random(12);
  const other = corpus[random(corpus.length)] ?? '';
  const from = random(other.length + 1);
  const inserts = [
    () => fragments[random(fragments.length)] ?? '',
    () => other.slice(from, from + random(60)),
    () => text.slice(at, at + length).repeat(1 + random(4)),
    () => '',
  ];
  const insert = inserts[random(inserts.length)]?.() ?? '';
  return text.slice(0, at) + insert + text.slice(at + (random(2) === 0 ? length : 0));
}

function mutated(text: string, random: Random): string {
  const mutations = [flipped, withOtherLines, spliced, spliced];
  let result = text;
  for (let left = 1 + random(4); left > 0; left--)
    result = mutations[random(mutations.length)]?.(result, random) ?? result;
  return result;
}

function eachRound(check: (text: string) => void): void {
  const seeds = onlySeed === undefined ? Array.from({ length: rounds }, (_, round) => round) : [onlySeed];
  for (const seed of seeds) {
    const random = randomFrom(seed);
    const text = mutated(corpus[random(corpus.length)] ?? '', random);
    try {
      check(text);
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} on ${JSON.stringify(text)}`, { cause: error });
    }
  }
}

const reportedMax = 100;
/** Of what is no part of the manifest. */
const messageLengthMax = 1_500;

test('every mutation gets a verdict that makes sense, and no prototype changes', () => {
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  eachRound((text) => {
    const lines = Buffer.from(text)
      .toString()
      .split(/\r\n|[\n\r\x85\u2028\u2029]/);
    const verdict = decodeManifest(Buffer.from(text), where);
    assert.equal(verdict.accepted, verdict.errors.length === 0);
    assert.ok(verdict.errors.length <= reportedMax && verdict.warnings.length <= 5 * reportedMax);
    for (const { stage, field, message, line, column } of [...verdict.errors, ...verdict.warnings]) {
      assert.ok(['decode', 'validate', 'static', 'support'].includes(stage) && message !== '');
      assert.ok(message.length + field.length <= text.length + messageLengthMax, `${field}: ${message}`);
      assert.ok(line !== undefined && line >= 1 && line <= lines.length);
      // Behind the last character at most: where something is missing.
      assert.ok(column !== undefined && column >= 1 && column <= (lines[line - 1] ?? '').length + 1);
    }
    assert.deepEqual(decodeManifest(Buffer.from(text), where), verdict, 'once more');
  });
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('decoding what was decoded gives the same: as JSON and as YAML', () => {
  let accepted = 0;
  eachRound((text) => {
    const verdict = decodeManifest(Buffer.from(text), where);
    if (!verdict.accepted) return;
    accepted++;
    const { pod } = verdict.staticPod;
    const again = {
      ...pod,
      metadata: { ...pod.metadata, name: pod.metadata?.name?.replace(/-node-1$/, '') },
    };
    for (const encoded of [
      JSON.stringify(again),
      accepted % 10 === 0 ? YAML.stringify(again, { version: '1.1' }) : undefined,
    ]) {
      if (encoded === undefined) continue;
      const second = decodeManifest(Buffer.from(encoded), where);
      assert.ok(second.accepted, JSON.stringify(second.errors));
      assert.deepEqual(withoutIdentity(second.staticPod.pod), withoutIdentity(pod));
    }
  });
  assert.ok(onlySeed !== undefined || accepted > rounds / 20, `only ${accepted} accepted`);
});

function withoutIdentity(pod: { metadata?: object }): object {
  const { uid, annotations, ...metadata } = pod.metadata as Record<string, unknown>;
  const own = Object.entries(annotations as object).filter(
    ([name]) => !name.startsWith('kubernetes.io/config.'),
  );
  return { ...pod, metadata: { ...metadata, annotations: Object.fromEntries(own) } };
}

test('what both read, our reader and the yaml package read the same', () => {
  let compared = 0;
  eachRound((text) => {
    // What YAML 1.1 of go-yaml and of the package are known to take differently.
    if (
      !text.isWellFormed() ||
      /[!%?\t\r\x85\u2028\u2029\ufeff&*]|<<|[|>]|#|\\|---|\.\.\.|:[,\]}]/.test(text)
    )
      return;
    const mine = readDocument(Buffer.from(text));
    const theirs = parsedByPackage(text);
    if (!mine.ok || theirs === undefined) return;
    compared++;
    assert.equal(JSON.stringify(sorted(mine.document.value)), JSON.stringify(sorted(theirs)));
  });
  assert.ok(onlySeed !== undefined || compared > rounds / 20, `only ${compared} compared`);
});

function parsedByPackage(text: string): DocumentValue | undefined {
  const options = {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  } as const;
  const document = YAML.parseDocument(text, options);
  return document.errors.length > 0 ? undefined : nodeValue(document.contents);
}

function nodeValue(node: unknown): DocumentValue | undefined {
  if (node === null) return null;
  if (YAML.isSeq(node)) return node.items.map((item) => nodeValue(item) ?? null);
  if (YAML.isMap(node)) {
    const entries = node.items.map(
      ({ key, value }) => [String(nodeValue(key)), nodeValue(value) ?? null] as const,
    );
    return new Map(entries);
  }
  const scalar = node as YAML.Scalar;
  return scalar.type === 'PLAIN' ? resolvePlain(scalar.source ?? '') : String(scalar.value ?? '');
}

function sorted(value: DocumentValue): unknown {
  if (value instanceof Map)
    return [...value]
      .map(([key, item]) => [key, sorted(item)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  if (Array.isArray(value)) return value.map(sorted);
  return typeof value === 'bigint' || value instanceof WrittenNumber ? Number(value) : value;
}
