// What the stricter measure refuses, and what it leaves a warning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { strictly } from '../../src/manifest/strict.ts';

const judge = (text: string) =>
  strictly(decodeManifest(Buffer.from(text), { origin: '/m/w', source: 'file', nodeName: 'n', seenAtMs: 0 }));
const head = 'apiVersion: v1\nkind: Pod\nmetadata: {name: w}\nspec:\n  containers:\n';

test('unknown fields and keys that are there twice refuse the manifest, beside the errors it has', () => {
  const text = `${head}  - {name: a, name: b, image: c, imag: d}\n`;
  const verdict = judge(text);
  assert.equal(verdict.accepted, false);
  assert.equal(verdict.staticPod, undefined);
  assert.deepEqual(
    verdict.errors.map(({ type, field, line, column }) => ({ type, field, line, column })),
    [
      { type: 'Duplicate key', field: '', line: 6, column: 15 },
      { type: 'Unknown field', field: 'spec.containers[0].imag', line: 6, column: 34 },
    ],
  );
  assert.deepEqual(
    judge(`${head}  - {name: A, image: c, imag: d}\n`).errors.map(({ type }) => type),
    ['Unknown field', 'Invalid value'],
  );
});

test('what is lawful stays so: further documents, fields without meaning here', () => {
  const verdict = judge(`${head}  - {name: a, image: c}\n  nodeName: here\n---\nx: y\n`);
  assert.ok(verdict.accepted);
  assert.deepEqual(
    verdict.warnings.map(({ type }) => type),
    ['Syntax error', 'No meaning on one node'],
  );
});
