// A thousand lives of a Pod, and those that once went wrong, by name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './world.ts';

const seeds = 1000;

/** Seed -> what was wrong when it first failed. */
const once: Record<number, string> = {
  11: 'SIGKILL at the end of a grace whose SIGTERM the hanging engine had never taken',
  12: 'the grace counted from when SIGTERM was asked for, not from when it was taken',
  15: 'a Pod that ended while monopod was down stayed published',
  1664: 'under Never, a sandbox that died before any main container ran left the Pod Pending for ever',
  1823: 'a late word of running brought a dead leftover back to life, and its end was never asked for',
  771: 'a crash between a start and its checkpoint cost a running container its life',
  3972: 'the end of a leftover, lost on the way, was never noticed by the list',
  101048: 'without checkpoint and init container, a Pod that runs was initialized anew',
};

test(`no invariant breaks in ${seeds} simulated lives`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(seed);
    assert.deepEqual(violations, [], `seed ${seed}: npm run sim -- --seeds 1 --seed ${seed} --trace`);
  }
});

for (const [seed, what] of Object.entries(once)) {
  test(`seed ${seed}: ${what}`, async () => {
    assert.deepEqual((await simulate(Number(seed))).violations, []);
  });
}

test('the same seed lives the same life', async () => {
  const [first, second] = [await simulate(7), await simulate(7)];
  assert.ok(first.log.length > 20);
  assert.deepEqual(second.log, first.log);
});
