// Every field of a Pod, with every kind of value, is decoded as the decoder of kubectl 1.33 decodes it: the same is
// refused, by the same field, and the same is made of the rest. record-decode-verdicts.ts made the table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeModel } from '../../src/kubernetes/decode.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { readDocument } from '../../src/manifest/read-document.ts';
import { comparable, manifestWith, places, valueAt } from './decode-trials.ts';

/** `within`: values that are refused for a field in them. `taken`: what became of the others; null is nothing. */
type FieldsRow = {
  fields: string[];
  refused: string[];
  within: Record<string, string>;
  taken: Record<string, unknown>;
};
type ManifestRow = { manifest: string; refused?: string; pod?: object };

const rows: (FieldsRow | ManifestRow)[] = readFileSync(
  join(import.meta.dirname, 'decode-verdicts.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const placeOf = new Map(places().map((place) => [place.field, place]));

function decode(manifest: string): { refused?: string; pod?: unknown } {
  const read = readDocument(Buffer.from(manifest));
  assert.ok(read.ok, manifest);
  const { value, types } = decodeModel('V1Pod', read.document.value);
  // Go names no index and no key.
  if (types[0]) return { refused: types[0].path.toString().replaceAll(/\[[^\]]*\]/g, '') };
  return { pod: comparable(value) };
}

for (const row of rows)
  if ('fields' in row)
    test(`${row.fields[0]}${row.fields.length > 1 ? ` and ${row.fields.length - 1} like it` : ''}`, () => {
      for (const field of row.fields) judgeField(field, row);
    });

function judgeField(field: string, { refused, within, taken }: FieldsRow): void {
  const place = placeOf.get(field);
  assert.ok(place, `there is no ${field} any more`);
  const { steps } = place;
  const path = steps.filter((step) => typeof step === 'string' && step !== 'k').join('.');
  const outcome = (value: string) => decode(manifestWith(value, steps, 'p'));
  for (const value of refused) assert.equal(outcome(value).refused, path, `${field}: ${value}`);
  for (const [value, name] of Object.entries(within))
    assert.equal(outcome(value).refused, `${path}.${name}`, `${field}: ${value}`);
  for (const [value, became] of Object.entries(taken)) {
    const { pod, refused: at } = outcome(value);
    assert.equal(at, undefined, `${field}: ${value}`);
    assert.deepEqual(valueAt(pod, steps), became, `${field}: ${value}`);
  }
}

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;

for (const row of rows)
  if ('manifest' in row)
    test(row.manifest, () => {
      const { errors } = decodeManifest(Buffer.from(row.manifest), where);
      const refusal = errors.find(({ stage }) => stage === 'decode')?.field.replaceAll(/\[[^\]]*\]/g, '');
      assert.equal(refusal !== undefined, row.refused !== undefined, row.manifest);
      if (row.refused) assert.equal(refusal?.toLowerCase(), row.refused.toLowerCase());
      if (!row.pod) return;
      const { apiVersion: _, kind: __, ...pod } = decode(row.manifest).pod as Record<string, unknown>;
      assert.deepEqual({ apiVersion: 'v1', kind: 'Pod', ...pod }, row.pod);
    });
