// The phase of a Pod, case by case as the kubelet's getPhase has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseOf } from '../../src/status/phase.ts';
import type { ContainerView } from '../../src/status/view.ts';
import { ended, ends, init, type Policy, podView, runs, waits } from './views.ts';

const crashed = waits({ last: ended(1) });
/** Stopped by us to be started anew, having ended with 0. */
const stoppedWell = waits({ last: ended(0) });

type Phases = Partial<Record<Policy, string>> & { all?: string };
const cases: [string, ContainerView[], Phases][] = [
  ['all wait', [waits(), waits()], { all: 'Pending' }],
  ['all run', [runs(), runs()], { all: 'Running' }],
  ['one runs, one waits for its first start', [runs(), waits()], { all: 'Pending' }],
  ['one runs, one has ended well', [runs(), ends(0)], { all: 'Running' }],
  ['one runs, one has failed', [runs(), ends(1)], { all: 'Running' }],
  ['one runs, one is in CrashLoopBackOff', [runs(), crashed], { all: 'Running' }],
  [
    'all have ended well',
    [ends(0), ends(0)],
    { Always: 'Running', OnFailure: 'Succeeded', Never: 'Succeeded' },
  ],
  ['all have failed', [ends(1), ends(2)], { Always: 'Running', OnFailure: 'Running', Never: 'Failed' }],
  [
    'one ended well, one failed',
    [ends(0), ends(1)],
    { Always: 'Running', OnFailure: 'Running', Never: 'Failed' },
  ],
  ['one ended well, one waits for its first start', [ends(0), waits()], { all: 'Pending' }],
  [
    'one ended well, one is in CrashLoopBackOff',
    [ends(0), crashed],
    { Always: 'Running', OnFailure: 'Running' },
  ],
  ['all wait to start again, having ended well', [stoppedWell], { Always: 'Running', OnFailure: 'Running' }],
  ['init runs', [init(runs()), waits()], { all: 'Pending' }],
  ['init waits', [init(waits()), waits()], { all: 'Pending' }],
  ['init has failed', [init(ends(1)), waits()], { Always: 'Pending', OnFailure: 'Pending', Never: 'Failed' }],
  ['init is in CrashLoopBackOff', [init(crashed), waits()], { Always: 'Pending', OnFailure: 'Pending' }],
  ['init has ended well, main waits', [init(ends(0)), waits()], { all: 'Pending' }],
  ['init has ended well, main runs', [init(ends(0)), runs()], { all: 'Running' }],
  [
    'init runs again after a new sandbox, main ran',
    [init(runs()), crashed],
    { Always: 'Running', OnFailure: 'Running' },
  ],
];

for (const [what, containers, phases] of cases) {
  test(`${what}: ${Object.entries(phases).flat().join(' ')}`, () => {
    for (const policy of ['Always', 'OnFailure', 'Never'] as const) {
      const expected = phases[policy] ?? phases.all;
      if (expected !== undefined) assert.equal(phaseOf(podView(containers, policy)), expected, policy);
    }
  });
}

test('a Pod that has ended for good is Succeeded if all its main containers ended well, else Failed', () => {
  const finished = { finished: true };
  assert.equal(phaseOf(podView([ends(0), ends(0)], 'OnFailure', finished)), 'Succeeded');
  assert.equal(phaseOf(podView([ends(0), ends(1)], 'Never', finished)), 'Failed');
  assert.equal(phaseOf(podView([ends(0), waits()], 'Never', finished)), 'Failed', 'one never ran');
  assert.equal(phaseOf(podView([init(ends(1)), waits()], 'Never', finished)), 'Failed');
});
