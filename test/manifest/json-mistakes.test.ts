// Mistakes in a manifest that is JSON, and where they are said to be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../src/manifest/read-document.ts';

const mistake = (text: string) => {
  const read = readDocument(Buffer.from(text));
  return read.ok ? 'none' : `${read.line}:${read.column} ${read.message}`;
};

test('what is never closed is shown where it begins', () => {
  assert.equal(mistake('{"a": 1,\n "b": [1, {"c": 2}'), '2:7 this "[" is never closed');
  assert.equal(mistake('{"a": {"b": 1}\n\n'), '1:1 this "{" is never closed');
  assert.equal(mistake('{"a": 1 "b": 2}'), '1:9 "," or "}" is expected here: is a comma or a quote missing?');
});

test('YAML that begins with a brace is told that it is JSON', () => {
  assert.equal(
    mistake('{kind: Pod}'),
    '1:2 a key in double quotes is expected here: what begins with "{" is JSON',
  );
  assert.equal(mistake('# no JSON\n{kind: Pod}'), 'none');
});
