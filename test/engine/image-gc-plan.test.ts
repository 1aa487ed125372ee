// Which unused images go, and when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agesCount,
  bytesToFree,
  type Candidate,
  inEvictionOrder,
  tooOld,
} from '../../src/engine/image-gc-plan.ts';

const policy = { highThreshold: 85, lowThreshold: 80, minAgeMs: 120_000, maxAgeMs: 0 };
const image = (id: string, pulledAtMs: number, lastUsedMs: number): Candidate => ({
  id,
  names: [id],
  refs: [id],
  bytes: 1,
  pulledAtMs,
  lastUsedMs,
});

for (const [available, expected] of [
  [1000, 0],
  [160, 0],
  // 84.1 %: the free part is rounded down to 15 %, so that it counts as 85 % used.
  [159, 41],
  [150, 50],
  [0, 200],
] as const)
  test(`${available} of 1000 bytes available: ${expected} are freed`, () => {
    assert.equal(bytesToFree(policy, { capacityBytes: 1000, availableBytes: available }), expected);
  });

test('a threshold of 100 is never, a disk of no size is none, more than all is all', () => {
  const full = { capacityBytes: 1000, availableBytes: 0 };
  assert.equal(bytesToFree({ ...policy, highThreshold: 100 }, full), 0);
  assert.equal(bytesToFree(policy, { capacityBytes: 0, availableBytes: 0 }), 0);
  assert.equal(bytesToFree(policy, { capacityBytes: 1000, availableBytes: 2000 }), 0);
});

test('the one used longest ago goes first, of those the one pulled first; a young one stays', () => {
  const images = [
    image('late', 0, 300),
    image('b', 20, 100),
    image('a', 10, 100),
    image('young', 900_000, 0),
  ];
  const ids = inEvictionOrder(images, policy, 1_000_000).map(({ id }) => id);
  assert.deepEqual(ids, ['a', 'b', 'late']);
});

test('the maximum age counts from when it was last used, once monopod has watched for so long', () => {
  const aged = { ...policy, maxAgeMs: 1000 };
  assert.equal(agesCount(aged, 0, 999), false);
  assert.equal(agesCount(aged, 0, 1000), true);
  assert.equal(agesCount(policy, 0, 1e9), false);
  const images = [image('old', 0, 3999), image('used', 0, 4000)];
  assert.deepEqual(
    tooOld(images, aged, 5000).map(({ id }) => id),
    ['old'],
  );
});
