// What a text means before it has fields: read here as the decoder of kubectl 1.33 reads it, each text of the table.
// Not in the table, because they are read otherwise on purpose: what is nested more than 1,000 deep (Go: 10,000), aliases
// of more nodes than the text has characters and 20,000 (Go: a ratio only), and what stands behind the document that
// counts, of which go-yaml happens to see the next few hundred bytes. Of equal keys of a JSON object a document shows the
// last: laying it over those before, as Go does, takes types (decode.ts, decode-verdicts.test.ts).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DocumentValue, WrittenNumber } from '../../src/kubernetes/decode.ts';
import { readDocument } from '../../src/manifest/read-document.ts';
import { bytesOf, isJson, type Row } from './text-verdicts-row.ts';

const rows = readFileSync(join(import.meta.dirname, 'text-verdicts.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line): Row => JSON.parse(line));

function sorted(value: DocumentValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${sorted(value.get(name))}`).join()}}`;
  }
  if (typeof value === 'bigint' || value instanceof WrittenNumber) return String(value);
  return Object.is(value, -0) ? '-0' : JSON.stringify(value ?? null);
}

const part = (value: DocumentValue | undefined, step: string | number): DocumentValue | undefined => {
  if (value instanceof Map) return value.get(String(step));
  return Array.isArray(value) ? value[Number(step)] : undefined;
};

for (const [what, isOne] of [
  ['YAML', (row: Row) => !isJson(row)],
  ['JSON', isJson],
] as const)
  test(`${what} is refused and understood as by the decoder of kubectl`, () => {
    const differing: string[] = [];
    const asked = rows.filter(isOne);
    for (const row of asked) {
      const read = readDocument(bytesOf(row, 't'));
      const root = read.ok ? read.document.value : undefined;
      const value = isJson(row) ? part(root, 'spec') : part(part(part(root, 'extensions'), 0), 'extension');
      const mine = read.ok ? sorted(value) : undefined;
      if (mine !== row.value)
        differing.push(`${JSON.stringify(row)}: ${mine ?? (read.ok ? '' : read.message)}`);
      if (!read.ok) assert.ok((read.line ?? 0) > 0 && (read.column ?? 0) > 0 && read.message.length > 9);
    }
    assert.deepEqual(differing, []);
    assert.ok(asked.length > 100 && asked.some(({ value }) => value === undefined));
  });
