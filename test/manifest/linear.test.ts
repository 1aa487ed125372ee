// Eight times the text takes about eight times as long, whatever kind of text: nothing in the decoder is quadratic.
// Measured in CPU time of this thread, and only where it takes long enough to be measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputs } from '../../bench/decode-inputs.ts';
import { decodeDocuments } from '../../src/manifest/decode-documents.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;
const length = 24 * 1024;
const factor = 8;
/** What is faster than this is fast enough, and too short to compare. */
const measurableMs = 100;
/** Garbage, caches and compilation come on top; what is quadratic takes 64 times as long. */
const ratioMax = 4 * factor;

function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function assertLinear(kind: string, decode: (bytes: Uint8Array) => void): void {
  const make = inputs[kind];
  assert.ok(make, kind);
  const small = Buffer.from(make(length));
  const large = Buffer.from(make(length * factor));
  const largeMs = cpuMs(() => decode(large));
  if (largeMs < measurableMs) return;
  // So often that it can be measured as well.
  const smallMs = cpuMs(() => {
    for (let round = 0; round < factor; round++) decode(small);
  });
  const ratio =
    (Math.min(
      largeMs,
      cpuMs(() => decode(large)),
    ) *
      factor) /
    Math.max(smallMs, 1);
  assert.ok(ratio <= ratioMax, `${kind}: ${factor} times the text took ${ratio.toFixed(0)} times as long`);
}

test('a manifest of any kind of text is decoded in linear time', () => {
  for (const kind of Object.keys(inputs)) assertLinear(kind, (bytes) => decodeManifest(bytes, where));
});

test('many documents of any kind of text are, too', () => {
  for (const kind of ['further documents', 'many markers', 'comments', 'never closed', 'JSON'])
    assertLinear(kind, (bytes) => decodeDocuments(bytes, where));
});
