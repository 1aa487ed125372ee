// The engine's frames become the first 10 KiB of what a command wrote, however they are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded, ExecOutput } from '../../../src/engine/docker/exec-output.ts';
import { frame } from './scripted-engine.ts';

const read = (bytes: Buffer, chunkBytes: number): string => {
  const output = new ExecOutput();
  for (let at = 0; at < bytes.length; at += chunkBytes) output.push(bytes.subarray(at, at + chunkBytes));
  return output.text;
};

test('stdout and stderr are one text, as they came', () => {
  const frames = Buffer.concat([frame('one\n'), frame('two\n', 2), frame(''), frame('three\n')]);
  for (const chunkBytes of [1, 3, 8, 11, 12, 1000])
    assert.equal(read(frames, chunkBytes), 'one\ntwo\nthree\n');
});

test('a command that wrote nothing has the empty text', () => {
  assert.equal(new ExecOutput().text, '');
  assert.equal(read(frame(''), 4), '');
});

test('what is over 10 KiB is dropped, in one frame or many', () => {
  const kept = 'x'.repeat(10_240);
  assert.equal(read(frame('x'.repeat(50_000)), 777), kept);
  assert.equal(read(Buffer.concat(Array.from({ length: 3000 }, () => frame('x'.repeat(11)))), 500), kept);
  assert.equal(bounded('x'.repeat(50_000)), kept);
  assert.equal(bounded('short'), 'short');
});

test('a character that the bound cuts in two is left out', () => {
  const text = `${'x'.repeat(10_239)}é and more`;
  assert.equal(read(frame(text), 4096), 'x'.repeat(10_239));
  assert.equal(bounded(text), 'x'.repeat(10_239));
});
