// A stream in pieces becomes documents, whatever the pieces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonLines } from '../../../src/engine/docker/json-lines.ts';

function read(bytes: Buffer, pieceBytes: number) {
  const taken: unknown[] = [];
  const lines = new JsonLines((value) => taken.push(value));
  for (let at = 0; at < bytes.length; at += pieceBytes) lines.push(bytes.subarray(at, at + pieceBytes));
  return { taken, cut: lines.cut };
}

test('documents come out whole, however the stream is cut, in the middle of a letter too', () => {
  const text = Buffer.from('{"a":"€"}\n\r\n{"b":2}\n');
  for (let pieceBytes = 1; pieceBytes <= text.length; pieceBytes++) {
    assert.deepEqual(read(text, pieceBytes), { taken: [{ a: '€' }, { b: 2 }], cut: false });
  }
});

test('an end in the middle of a document shows', () => {
  assert.deepEqual(read(Buffer.from('{"a":1}\n{"b"'), 4), { taken: [{ a: 1 }], cut: true });
});

test('what is no JSON, or has no end, throws', () => {
  assert.throws(() => read(Buffer.from('panic\n'), 3));
  assert.throws(() => read(Buffer.alloc(3 << 20, 'x'), 64 << 10), /over 1 MiB/);
});
