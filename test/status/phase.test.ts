// The phase of a Pod, one row a situation, as the kubelet's getPhase has them (pkg/kubelet/kubelet_pods.go).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Phase, phaseOf } from '../../src/status/phase.ts';
import type { PodView } from '../../src/status/view.ts';
import {
  crashed,
  ended,
  ends,
  type Given,
  init,
  type Policy,
  podView,
  runs,
  sidecar,
  waits,
} from './views.ts';

type Phases = Partial<Record<Policy, Phase>> | Phase;
type Row = [situation: string, containers: Given[], phases: Phases, more?: Partial<PodView>];

/** Stopped by us to be started anew, having ended with 0. */
const stoppedWell = crashed(0, { restartable: true });
const starting = { started: false, ready: false };
const finished = { finished: true };

function check(rows: Row[]): void {
  for (const [situation, containers, phases, more] of rows) {
    const expected =
      typeof phases === 'string' ? { Always: phases, OnFailure: phases, Never: phases } : phases;
    test(`${situation}: ${typeof phases === 'string' ? phases : Object.entries(phases).flat().join(' ')}`, () => {
      for (const policy of ['Always', 'OnFailure', 'Never'] as const)
        if (expected[policy])
          assert.equal(phaseOf(podView(containers, policy, more)), expected[policy], policy);
    });
  }
}

check([
  ['all wait', [waits(), waits()], 'Pending'],
  ['all run', [runs(), runs()], 'Running'],
  ['one runs, one waits for its first start', [runs(), waits()], 'Pending'],
  ['one runs, one has ended well', [runs(), ends(0)], 'Running'],
  ['one runs, one has failed', [runs(), ends(1)], 'Running'],
  ['one runs, one is in CrashLoopBackOff', [runs(), crashed()], 'Running'],
  ['one runs before its startup probe has passed', [runs(starting)], 'Running'],
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
  ['one ended well, one waits for its first start', [ends(0), waits()], 'Pending'],
  ['one ended well, one is in CrashLoopBackOff', [ends(0), crashed()], { OnFailure: 'Running' }],
  ['all wait to start again, having ended well', [stoppedWell], { Always: 'Running', OnFailure: 'Running' }],
]);

// Regular init containers: pendingRegularInitContainers, failedInitializationNotRestartable.
check([
  ['init runs', [init(runs()), waits()], 'Pending'],
  ['init waits', [init(waits()), waits()], 'Pending'],
  ['init has failed', [init(ends(1)), waits()], { Always: 'Pending', OnFailure: 'Pending', Never: 'Failed' }],
  ['init is in CrashLoopBackOff', [init(crashed()), waits()], { Always: 'Pending', OnFailure: 'Pending' }],
  ['init has ended well, main waits', [init(ends(0)), waits()], 'Pending'],
  ['init has ended well, main runs', [init(ends(0)), runs()], 'Running'],
  [
    'init has failed for good, a sidecar still runs',
    [sidecar(runs()), init(ends(1)), waits()],
    { Never: 'Failed' },
  ],
  ['init runs again after a new sandbox, main ran', [init(runs()), crashed(0)], 'Pending'],
  ['init waits again after a new sandbox, main ran', [init(crashed(0)), crashed(0)], { Always: 'Running' }],
]);

// Policies of containers and their rules (podutil.ContainerShouldRestart): what counts is `restartable`.
check([
  ['init failed, its own policy says Never', [init(ends(1, { restartable: false })), waits()], 'Failed'],
  [
    'init failed, its own policy or rule restarts it',
    [init(ends(1, { restartable: true })), waits()],
    'Pending',
  ],
  ['init ended well, and that is all it does', [init(ends(0, { restartable: false })), runs()], 'Running'],
  ['main failed, its own policy or rule restarts it', [ends(1, { restartable: true })], 'Running'],
  ['main waits after a failure that a rule restarts', [crashed(42, { restartable: true })], 'Running'],
  ['main failed, its own policy says Never', [ends(1, { restartable: false })], 'Failed'],
  ['main ended well, its own policy says OnFailure', [ends(0, { restartable: false })], 'Succeeded'],
  [
    'one ended for good, the other starts again by its own policy',
    [ends(1, { restartable: false }), ends(1, { restartable: true })],
    'Running',
  ],
]);

// Sidecars: pendingRestartableInitContainers counts until the Pod has been initialized, terminated ones never.
check([
  ['a sidecar runs, main waits', [sidecar(runs()), waits()], 'Pending'],
  ['a sidecar waits for its first start', [sidecar(waits()), waits()], 'Pending'],
  ['a sidecar and main run', [sidecar(runs()), runs()], 'Running'],
  ['a sidecar has not started, main never ran', [sidecar(runs(starting)), crashed(0)], { Always: 'Pending' }],
  ['a sidecar starts again beside main', [sidecar(runs(starting)), runs()], 'Running', { initialized: true }],
  [
    'a sidecar is in CrashLoopBackOff beside main',
    [sidecar(crashed()), runs()],
    'Running',
    { initialized: true },
  ],
  ['a sidecar has ended, main runs', [sidecar(ends(1)), runs()], 'Running', { initialized: true }],
  ['a sidecar waits in a new sandbox, main ran', [sidecar(waits()), crashed(0)], 'Pending'],
  ['a sidecar has never run, main runs', [sidecar(waits()), runs()], 'Pending', { initialized: true }],
  ['main has completed, a sidecar still stops', [sidecar(runs({}, true)), ends(0)], { Never: 'Running' }],
  ['the same, and nothing will start again', [sidecar(runs({}, true)), ends(0)], 'Running', finished],
  ['main has failed, a sidecar still stops', [sidecar(runs({}, true)), ends(1)], { Never: 'Running' }],
  ['main has completed, a sidecar is being started', [sidecar(crashed()), ends(0)], { Never: 'Running' }],
  ['the same, its last end is what is shown of it', [sidecar(ends(1)), ends(0)], { Never: 'Running' }],
  ['main has completed, sidecars were killed', [sidecar(ends(137)), ends(0)], 'Succeeded', finished],
  ['main has failed, sidecars ended well', [sidecar(ends(0)), ends(1)], 'Failed', finished],
]);

// podIsTerminal: a Pod that stops, once its containers have ended, under any policy.
const stops = { termination: { sinceMs: 9_000, graceSeconds: 30 } };
check([
  ['stops, containers still run', [runs({}, true)], 'Running', stops],
  ['stops before anything has run', [waits()], 'Pending', stops],
  ['has stopped, all ended well', [ends(0), ends(0)], 'Succeeded', { ...stops, ...finished }],
  ['has stopped, one was killed', [ends(0), ends(137)], 'Failed', { ...stops, ...finished }],
  ['has stopped, one never ran', [ends(0), waits()], 'Failed', { ...stops, ...finished }],
  ['has stopped while init ran', [init(ends(143)), waits()], 'Failed', { ...stops, ...finished }],
  ['has stopped, sidecars last', [sidecar(ends(137)), ends(0)], 'Succeeded', { ...stops, ...finished }],
]);

// generateAPIPodStatus, PodSyncHandlers: the deadline ends a Pod whatever its containers are at.
const failed = { failed: { reason: 'DeadlineExceeded', message: 'too long' } };
check([
  ['past its deadline, still running', [runs()], 'Failed', failed],
  ['past its deadline before it ran', [waits()], 'Failed', failed],
  ['past its deadline, all ended well', [ends(0)], 'Failed', { ...failed, ...finished }],
]);

// RestartAllContainers: whatever policies say, what was ended for it starts again.
const swept = ended(137, { reason: 'RestartingAllContainers' });
check([
  [
    'all restart: the one that asked for it has ended',
    [ends(42), runs({}, true)],
    'Running',
    { restartingAll: true },
  ],
  ['all restart: all have ended', [ends(42), ends(137)], 'Running', { restartingAll: true }],
  ['all restart: swept away', [init(crashed(1, { last: swept })), crashed(1, { last: swept })], 'Running'],
  ['all restart: init runs again', [init(runs()), crashed(1, { last: swept })], 'Pending'],
]);
