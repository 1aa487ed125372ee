// Sizes and numbers of log files, on the command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logFiles, logSize } from '../../src/config/log-flags.ts';

test('a size is a quantity of bytes; below 0 is never', () => {
  assert.deepEqual(
    ['10Mi', '1k', '1.5Ki', '4096', '-1', '-5Mi'].map(logSize),
    [10_485_760, 1000, 1536, 4096, -1, -1],
  );
  for (const bad of ['', '10MB', 'x', '1m', '1.3']) assert.throws(() => logSize(bad), /quantity of bytes/);
  assert.throws(() => logSize('0'), /must not be 0/);
});

test('a log that is rotated has at least two files', () => {
  assert.equal(logFiles('2'), 2);
  for (const bad of ['0', '1']) assert.throws(() => logFiles(bad), /at least 2/);
  assert.throws(() => logFiles('-1'), /whole number/);
});
