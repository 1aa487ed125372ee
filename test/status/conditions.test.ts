// Conditions, one row a situation, as the kubelet's status.Generate…Condition have them (pkg/kubelet/status/generate.go).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodCondition } from '../../src/kubernetes/pod.ts';
import { conditionsOf } from '../../src/status/conditions.ts';
import { phaseOf } from '../../src/status/phase.ts';
import type { PodView } from '../../src/status/view.ts';
import { container } from '../pod/pods.ts';
import { crashed, ends, type Given, init, podView, runs, sidecar, waits } from './views.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const now = '2026-01-02T03:04:05Z';

const conditions = (view: PodView, previous: PodCondition[] = [], atMs = nowMs) =>
  conditionsOf(view, phaseOf(view), previous, atMs);

function condition(all: PodCondition[], type: string): PodCondition {
  const found = all.find((one) => one.type === type);
  assert.ok(found, type);
  return found;
}

type Verdict = [status: string, reason?: string, message?: string];
const verdict = (all: PodCondition[], type: string): Verdict => {
  const { status, reason, message } = condition(all, type);
  return [status, reason, message];
};
const yes: Verdict = ['True', undefined, undefined];
const no: Verdict = ['False', undefined, undefined];

type Row = [situation: string, view: PodView, expected: Verdict, previous?: PodCondition[]];
function check(type: string, rows: Row[]): void {
  for (const [situation, view, expected, previous] of rows)
    test(`${type}, ${situation}: ${expected.filter(Boolean).join(' ')}`, () => {
      assert.deepEqual(verdict(conditions(view, previous), type), expected);
    });
}

const never = (containers: Given[], more: Partial<PodView> = {}) => podView(containers, 'Never', more);
const pod = (...containers: Given[]) => podView(containers);
const starting = { started: false, ready: false };

// GeneratePodReadyToStartContainersCondition (which says why only from 1.37 on)
check('PodReadyToStartContainers', [
  ['the sandbox is ready', pod(runs()), yes],
  ['there is none, or it is dead', podView([waits()], 'Always', { sandboxReady: false }), no],
]);

// GeneratePodInitializedCondition, HasAnyRegularContainerStarted
const incomplete = (...names: string[]): Verdict => [
  'False',
  'ContainersNotInitialized',
  `containers with incomplete status: [${names.join(' ')}]`,
];
const wasInitialized: PodCondition[] = [{ type: 'Initialized', status: 'True', lastTransitionTime: now }];
check('Initialized', [
  ['no init containers', pod(waits()), yes],
  ['init waits', pod(init(waits()), waits()), incomplete('init-main')],
  ['init runs', pod(init(runs()), waits()), incomplete('init-main')],
  ['init has failed for good', never([init(ends(1)), waits()]), incomplete('init-main')],
  [
    'one of two has ended well',
    pod(init(ends(0)), init(waits({ name: 'b' })), waits()),
    incomplete('init-b'),
  ],
  ['all have ended well', pod(init(ends(0)), waits()), yes],
  ['a sidecar that has started is done', pod(sidecar(runs()), waits()), yes],
  ['started, though its readiness probe fails', pod(sidecar(runs({ ready: false })), waits()), yes],
  ['a sidecar whose startup probe runs', pod(sidecar(runs(starting)), waits()), incomplete('sidecar-main')],
  [
    'those behind a sidecar that waits',
    pod(sidecar(waits()), init(waits()), waits()),
    incomplete('sidecar-main', 'init-main'),
  ],
  ['a sidecar starts again beside main', pod(sidecar(crashed()), runs()), yes],
  ['main has ended', pod(sidecar(runs(starting)), ends(1)), yes],
  ['a sidecar starts again before main has run', pod(sidecar(crashed()), waits()), yes, wasInitialized],
  ['init runs again after a new sandbox', pod(init(runs()), crashed()), yes, wasInitialized],
  [
    'main waits to start again, and nobody knows of before',
    pod(init(runs()), crashed()),
    incomplete('init-main'),
  ],
  [
    'the Pod has succeeded',
    never([init(ends(0)), ends(0)], { finished: true }),
    ['True', 'PodCompleted', undefined],
  ],
  ['the Pod has failed', never([init(ends(0)), ends(1)], { finished: true }), yes],
]);

// GenerateContainersReadyCondition
const unready = (...names: string[]): Verdict => [
  'False',
  'ContainersNotReady',
  `containers with unready status: [${names.join(' ')}]`,
];
const completed: Verdict = ['False', 'PodCompleted', undefined];
const podFailed: Verdict = ['False', 'PodFailed', undefined];
const containersReady: Row[] = [
  ['all run', pod(runs()), yes],
  ['all wait', pod(waits({ name: 'b' }), waits({ name: 'a' })), unready('b', 'a')],
  ['a readiness probe fails', pod(runs({ name: 'a', ready: false }), runs({ name: 'b' })), unready('a')],
  ['one is being stopped', pod(runs({}, true)), unready('main')],
  ['one is in CrashLoopBackOff', pod(runs(), crashed(1, { name: 'b' })), unready('b')],
  ['init containers do not count', pod(init(runs()), waits()), unready('main')],
  [
    'sidecars do, and first',
    pod(waits({ name: 'a' }), sidecar(runs({ ready: false }))),
    unready('sidecar-main', 'a'),
  ],
  ['a sidecar in CrashLoopBackOff', pod(sidecar(crashed()), runs()), unready('sidecar-main')],
  ['the Pod has succeeded', never([ends(0)], { finished: true }), completed],
  ['the Pod has failed', never([ends(1)], { finished: true }), podFailed],
  [
    'past its deadline',
    podView([runs()], 'Always', { failed: { reason: 'DeadlineExceeded', message: '' } }),
    podFailed,
  ],
];
check('ContainersReady', containersReady);

// GeneratePodReadyCondition: as ContainersReady, and the readiness gates
check('Ready', containersReady);
const gated = (given: PodCondition[], ...containers: Given[]): PodView => {
  const view = podView(
    containers,
    'Always',
    {},
    { readinessGates: [{ conditionType: 'a.b/c' }, { conditionType: 'd' }] },
  );
  return { ...view, pod: { ...view.pod, status: { conditions: given } } };
};
const gate = (type: string, status: string): PodCondition => ({ type, status });
const missing = (type: string) => `corresponding condition of pod readiness gate "${type}" does not exist.`;
check('Ready', [
  [
    'readiness gates without conditions',
    gated([], runs()),
    ['False', 'ReadinessGatesNotReady', `${missing('a.b/c')}, ${missing('d')}`],
  ],
  [
    'a gate that is not met',
    gated([gate('a.b/c', 'True'), gate('d', 'Unknown')], runs()),
    ['False', 'ReadinessGatesNotReady', 'the status of pod readiness gate "d" is not "True", but Unknown'],
  ],
  ['all gates are met', gated([gate('a.b/c', 'True'), gate('d', 'True')], runs()), yes],
  ['containers go before gates', gated([], waits()), unready('main')],
  [
    'the Pod stops, before any container does',
    podView([runs()], 'Always', { termination: { sinceMs: 0, graceSeconds: 30 } }),
    ['False', 'PodTerminating', undefined],
  ],
]);

check('PodScheduled', [['always', pod(waits()), yes]]);

// GenerateAllContainersRestartingCondition, podutil.AllContainersCouldRestart
const restartAll: Partial<Container> = {
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }],
};
const ruled = (more: Partial<PodView>, ...containers: Given[]) =>
  podView(containers, 'Never', more, { containers: [container('main', restartAll)] });
check('AllContainersRestarting', [
  ['nothing is restarted', ruled({}, runs()), no],
  [
    'all are being restarted',
    ruled({ restartingAll: true }, ends(42)),
    ['True', 'RestartAllContainersStarted', 'container exited with restart policy rule'],
  ],
  ['the Pod has succeeded', ruled({ finished: true }, ends(0)), completed],
  ['the Pod has failed', ruled({ finished: true }, ends(1)), podFailed],
]);

const usual = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
const types = (view: PodView) => conditions(view).map(({ type }) => type);

test('the kubelet has five conditions, and one more for a Pod with a RestartAllContainers rule', () => {
  assert.deepEqual(types(pod(runs())), usual);
  assert.deepEqual(types(ruled({}, runs())), [...usual, 'AllContainersRestarting']);
  const inInit = podView([runs()], 'Never', {}, { initContainers: [container('i', restartAll)] });
  assert.deepEqual(types(inInit), [...usual, 'AllContainersRestarting']);
  const other = { ...restartAll, restartPolicyRules: [{ action: 'Restart' }] };
  assert.deepEqual(types(podView([runs()], 'Never', {}, { containers: [container('main', other)] })), usual);
});

test('conditions of others in the manifest are kept as they are; a word on those of the kubelet does not count', () => {
  const other: PodCondition = { type: 'd', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' };
  const view = gated([other, gate('Ready', 'True')], waits());
  const made = conditions(view);
  assert.deepEqual(made[0], other);
  assert.deepEqual(types(view), ['d', ...usual]);
  assert.equal(condition(made, 'Ready').status, 'False');
});

test('observedGeneration is there for a Pod that has a generation (CalculatePodConditionObservedGeneration)', () => {
  const of = (generation?: number) => {
    const view = ruled({}, runs());
    return conditions({ ...view, pod: { ...view.pod, metadata: { ...view.pod.metadata, generation } } });
  };
  for (const none of [undefined, 0])
    for (const made of of(none)) assert.ok(!('observedGeneration' in made), made.type);
  for (const made of of(3))
    assert.equal(made.observedGeneration, made.type === 'AllContainersRestarting' ? undefined : 3, made.type);
});

test('lastProbeTime is null in JSON, as metav1.Time writes it', () => {
  const [made] = conditions(pod(runs()));
  assert.equal(
    JSON.stringify(made),
    `{"type":"PodReadyToStartContainers","status":"True","lastProbeTime":null,"lastTransitionTime":"${now}"}`,
  );
});

test('lastTransitionTime is kept while the status of a condition stays, and only then (updateLastTransitionTime)', () => {
  const first = conditions(pod(waits()));
  assert.equal(condition(first, 'Ready').lastTransitionTime, now);
  const second = conditions(pod(runs()), first, nowMs + 5_000);
  assert.equal(condition(second, 'Ready').lastTransitionTime, '2026-01-02T03:04:10Z');
  assert.equal(condition(second, 'PodScheduled').lastTransitionTime, now);
  const third = conditions(pod(runs()), second, nowMs + 9_000);
  assert.deepEqual(third, second);
});

test('another reason is no transition', () => {
  const first = conditions(pod(waits()));
  const later = conditions(never([ends(1)], { finished: true }), first, nowMs + 5_000);
  assert.deepEqual(verdict(later, 'Ready'), podFailed);
  assert.equal(condition(later, 'Ready').lastTransitionTime, now);
});
