import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, humanDuration } from '../../src/cli/age.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

test('ages have the units that matter, as in kubectl', () => {
  for (const [ms, text] of [
    [-2 * second, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [999, '0s'],
    [119 * second, '119s'],
    [120 * second, '2m'],
    [150 * second, '2m30s'],
    [10 * minute - 1, '9m59s'],
    [10 * minute + 30 * second, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [5 * hour + 7 * minute, '5h7m'],
    [8 * hour + 7 * minute, '8h'],
    [48 * hour - 1, '47h'],
    [2 * day, '2d'],
    [3 * day + 4 * hour, '3d4h'],
    [8 * day + 4 * hour, '8d'],
    [2 * year - 1, '729d'],
    [2 * year, '2y'],
    [3 * year + 20 * day, '3y20d'],
    [9 * year + 20 * day, '9y'],
  ] as const)
    assert.equal(humanDuration(ms), text);
});

test('an age is counted from a time, if there is one', () => {
  const nowMs = Date.UTC(2026, 0, 1, 0, 1);
  assert.equal(ageOf('2026-01-01T00:00:00Z', nowMs), '60s');
  for (const none of [undefined, '', 'yesterday']) assert.equal(ageOf(none, nowMs), '<unknown>');
});
