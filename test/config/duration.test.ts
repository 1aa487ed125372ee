import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

test('durations as Go reads them', () => {
  for (const [text, ms] of [
    ['20s', 20_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['2h45m10s', 9_910_000],
    ['250us', 0.25],
    ['3µs', 0.003],
    ['-1s', -1000],
    ['+1s', 1000],
    ['0', 0],
    ['0s', 0],
  ] as const)
    assert.equal(parseDuration(text), ms, text);
});

test('what Go does not read is no duration', () => {
  for (const text of ['', '20', '20 s', 's', '1d', '1m-30s', '--1s', '.s', '1,5s', '20S', 'abc'])
    assert.equal(parseDuration(text), undefined, text);
});

test('durations as Go prints them, which it reads again', () => {
  for (const [ms, text] of [
    [0, '0s'],
    [20_000, '20s'],
    [90_000, '1m30s'],
    [3_600_000, '1h0m0s'],
    [500, '500ms'],
    [1.5, '1.5ms'],
    [1500, '1.5s'],
    [0.25, '250µs'],
    [-90_000, '-1m30s'],
  ] as const) {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text), ms);
  }
});
