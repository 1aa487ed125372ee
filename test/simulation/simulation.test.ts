// Hundreds of lives of a Pod, drawn from seeds, and that much happens in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { Coverage } from './coverage.ts';
import { livePlan, liveSeed } from './life.ts';
import { once } from './once.ts';
import { shrink } from './shrink.ts';

const seeds = 600;

async function liveWell(seed: number, coverage?: Coverage): Promise<void> {
  const { violation, plan } = await liveSeed(seed, { coverage });
  if (!violation) return;
  const shortest = await shrink(plan, violation.rule, livePlan);
  const { log } = await livePlan(shortest);
  const told = `${violation.rule}: ${violation.what}\n${stringify(shortest)}\n${log.slice(-60).join('\n')}`;
  assert.fail(`seed ${seed} (npm run sim -- --seeds 1 --seed ${seed} --trace --shrink): ${told}`);
}

test(`no rule is broken in ${seeds} simulated lives, and in them everything happens that can`, async () => {
  const coverage = new Coverage();
  for (let seed = 1; seed <= seeds; seed++) await liveWell(seed, coverage);
  for (const { plan } of once) await livePlan(plan, { coverage });
  const never = [...coverage.counts].filter(([, count]) => count === 0).map(([what]) => what);
  assert.deepEqual(never, []);
});

for (const { what, plan } of once) {
  test(`once: ${what}`, async () => {
    const { violation, log } = await livePlan(plan);
    assert.equal(violation, undefined, log.join('\n'));
  });
}

test('the same seed lives the same life, and so does the plan that is left of it', async () => {
  const [first, second] = [await liveSeed(7), await liveSeed(7)];
  assert.ok(first.log.length > 20);
  assert.deepEqual(second.log, first.log);
  assert.deepEqual((await livePlan(first.plan)).log, first.log);
});
