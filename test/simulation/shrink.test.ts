// A long life in which an artificial rule is broken is shrunk to what it takes to break it, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { livePlan, liveSeed } from './life.ts';
import type { Plan } from './plan.ts';
import type { MakeRule } from './rules/rule.ts';
import { shrink } from './shrink.ts';

/** Nobody may ever be told to stop. */
const noSignals: MakeRule = (_history, report) => ({
  happened: ({ type }, { name }) => {
    if (type === 'signalled') report('a signal was sent', name);
  },
});

const live = (plan: Plan) => livePlan(plan, { makeRules: [noSignals] });

test('what is left: the Pod that was told to stop, why it was, and nothing that went wrong besides', async () => {
  let seed = 1;
  let outcome = await liveSeed(seed, { makeRules: [noSignals] });
  while (outcome.violation?.rule !== 'a signal was sent' || outcome.plan.actions.length < 8)
    outcome = await liveSeed(++seed, { makeRules: [noSignals] });
  const shortest = await shrink(outcome.plan, outcome.violation.rule, live);
  assert.equal((await live(shortest)).violation?.rule, 'a signal was sent');
  assert.ok(shortest.actions.length <= 2, JSON.stringify(shortest.actions));
  assert.deepEqual(shortest.troubles, []);
  assert.equal(shortest.pods.length <= 2, true);
  for (const without of shortest.actions.keys()) {
    const less = { ...shortest, actions: shortest.actions.toSpliced(without, 1) };
    assert.notEqual(
      (await live(less)).violation?.rule,
      'a signal was sent',
      'every action that is left is needed',
    );
  }
});

test('a plan in which nothing breaks stays as it is', async () => {
  const { plan } = await liveSeed(3);
  assert.deepEqual(await shrink(plan, 'no such rule', live), plan);
});
