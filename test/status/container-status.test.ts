// Container statuses, as the kubelet's convertToAPIContainerStatuses, prober_manager UpdatePodStatus and status_manager
// normalizeStatus make them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../src/kubernetes/pod.ts';
import { containerStatuses, withForgottenInit } from '../../src/status/container-status.ts';
import type { PodView } from '../../src/status/view.ts';
import { crashed, ended, ends, type Given, init, podView, runs, sidecar, waits } from './views.ts';

const statuses = (containers: Given[], more: Partial<PodView> = {}) =>
  containerStatuses(withForgottenInit(podView(containers, 'Always', more)).containers);

function statusOf(container: Given, more: Partial<PodView> = {}): ContainerStatus {
  const { init, main } = statuses([container], more);
  const [status] = [...init, ...main];
  assert.ok(status);
  return status;
}

test('a container that runs', () => {
  assert.deepEqual(statusOf(runs({ restartCount: 2, last: ended(1) })), {
    name: 'main',
    state: { running: { startedAt: '1970-01-01T00:00:05Z' } },
    lastState: {
      terminated: {
        exitCode: 1,
        reason: 'Error',
        startedAt: '1970-01-01T00:00:01Z',
        finishedAt: '1970-01-01T00:00:02Z',
        containerID: 'docker://old',
      },
    },
    ready: true,
    restartCount: 2,
    image: 'busybox:1',
    imageID: 'sha256:1',
    containerID: 'docker://abc',
    started: true,
  });
});

test('one that waits has a reason, and says no more than it knows', () => {
  const view = waits({
    imageId: '',
    state: { is: 'waiting', reason: 'ErrImagePull', message: 'no such host' },
  });
  assert.deepEqual(statusOf(view), {
    name: 'main',
    state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: 'busybox:1',
    imageID: '',
    started: false,
  });
  const silent = statusOf(waits({ state: { is: 'waiting', reason: '', message: '' } }));
  assert.deepEqual(silent.state, { waiting: {} });
});

test('one that waits to start again has how it ended in lastState', () => {
  const { state, lastState, restartCount } = statusOf(crashed(3));
  assert.deepEqual(state, { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } });
  assert.equal(lastState?.terminated?.exitCode, 3);
  assert.equal(restartCount, 1);
});

test('one that has ended keeps how, with its message', () => {
  const view = ends(137, {
    state: { is: 'terminated', ...ended(137, { reason: 'OOMKilled', message: 'out of memory' }) },
  });
  const { state, ready, started, containerID } = statusOf(view);
  assert.equal(state?.terminated?.reason, 'OOMKilled');
  assert.equal(state?.terminated?.message, 'out of memory');
  assert.deepEqual([ready, started], [false, false]);
  assert.equal(containerID, 'docker://old');
});

test('a time that nobody knows is null, as metav1.Time writes it', () => {
  const lost = ended(137, { reason: 'ContainerStatusUnknown', startedAtMs: 0, finishedAtMs: 0, id: '' });
  const { state } = statusOf(ends(137, { state: { is: 'terminated', ...lost } }));
  assert.equal(
    JSON.stringify(state),
    '{"terminated":{"exitCode":137,"reason":"ContainerStatusUnknown","startedAt":null,"finishedAt":null}}',
  );
});

type Marks = { started: boolean; ready: boolean };
const marks: [situation: string, container: Given, expected: Marks][] = [
  ['waits', waits(), { started: false, ready: false }],
  ['runs', runs(), { started: true, ready: true }],
  [
    'its startup probe has not passed',
    runs({ started: false, ready: false }),
    { started: false, ready: false },
  ],
  ['its readiness probe fails', runs({ ready: false }), { started: true, ready: false }],
  ['is being stopped', runs({}, true), { started: true, ready: false }],
  ['has ended', ends(0), { started: false, ready: false }],
  ['init runs', init(runs({ started: true })), { started: true, ready: false }],
  ['init has ended well', init(ends(0)), { started: false, ready: true }],
  ['init has failed', init(ends(1)), { started: false, ready: false }],
  ['a sidecar runs', sidecar(runs()), { started: true, ready: true }],
  ['a sidecar is being stopped', sidecar(runs({}, true)), { started: true, ready: false }],
];
for (const [situation, container, expected] of marks)
  test(`started and ready: ${situation}`, () => {
    const { started, ready } = statusOf(container);
    assert.deepEqual({ started, ready }, expected);
  });

test('stopSignal is left out: ContainerStopSignals is off by default', () => {
  assert.ok(!('stopSignal' in statusOf(runs({ stopSignal: 'SIGUSR1' }))));
});

const names = (those: ContainerStatus[]) => those.map(({ name }) => name);

test('init containers and sidecars keep the order of the manifest, main ones go by name', () => {
  const { init: inits, main } = statuses([
    init(ends(0, { name: 'z' })),
    sidecar(runs({ name: 'y' })),
    init(ends(0, { name: 'a' })),
    runs({ name: 'c' }),
    runs({ name: 'a' }),
    runs({ name: 'b' }),
  ]);
  assert.deepEqual(names(inits), ['init-z', 'sidecar-y', 'init-a']);
  assert.deepEqual(names(main), ['a', 'b', 'c']);
});

const says = (name: string, message: string): Given =>
  ends(1, { name, state: { is: 'terminated', ...ended(1, { message }) } });
const bytesOf = ({ state }: ContainerStatus) => Buffer.byteLength(state?.terminated?.message ?? '');

test('termination messages of a Pod share 12 KiB evenly, lastState apart', () => {
  const long = 'x'.repeat(20_000);
  assert.equal(bytesOf(statusOf(says('a', long))), 12 * 1024);
  const { init: inits, main } = statuses([init(says('a', long)), says('b', long), says('c', 'short')]);
  assert.deepEqual([...inits, ...main].map(bytesOf), [4096, 4096, 5]);
  const { lastState } = statusOf(crashed(1, { last: ended(1, { message: long }) }));
  assert.equal(lastState?.terminated?.message?.length, 12 * 1024);
});

test('a message is cut after a whole character', () => {
  const { main } = statuses([says('a', `x${'é'.repeat(10_000)}`), says('b', '')]);
  const message = main[0]?.state?.terminated?.message ?? '';
  assert.equal(message, `x${'é'.repeat(3071)}`);
  const { main: whole } = statuses([says('a', 'é'.repeat(3072)), says('b', '')]);
  assert.equal(whole[0]?.state?.terminated?.message, 'é'.repeat(3072), 'what just fits is whole');
});

test('an init container of which nothing is left, in a Pod that is past it, has ended well', () => {
  const past = { initialized: true };
  const gone = statusOf(init(waits()), past);
  assert.deepEqual(
    { ...gone.state?.terminated, ready: gone.ready },
    {
      exitCode: 0,
      reason: 'Completed',
      message:
        'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
      startedAt: null,
      finishedAt: null,
      ready: true,
    },
  );
  assert.equal(gone.containerID, undefined);
  assert.ok(statusOf(init(waits()), { initialized: false }).state?.waiting, 'the Pod is not past it');
  assert.ok(statusOf(sidecar(waits()), past).state?.waiting, 'a sidecar starts again');
  assert.ok(statusOf(init(crashed()), past).state?.waiting, 'one that waits to start again');
  assert.ok(statusOf(waits(), past).state?.waiting, 'a main container');
});

test('resources: what was allocated are the requests', () => {
  const resources = { requests: { cpu: '1' }, limits: { cpu: '2' } };
  const status = statusOf(runs({ resources }));
  assert.deepEqual([status.allocatedResources, status.resources], [{ cpu: '1' }, resources]);
  const bare = statusOf(runs({ resources: {} }));
  assert.deepEqual([bare.allocatedResources, bare.resources], [undefined, {}]);
});

test('its volume mounts, and which are read-only with what is mounted below', () => {
  const mounts = [
    { name: 'a', mountPath: '/a', subPath: 'x' },
    { name: 'b', mountPath: '/b', readOnly: true },
    { name: 'c', mountPath: '/c', readOnly: true, recursiveReadOnly: 'IfPossible' },
    { name: 'd', mountPath: '/d', readOnly: true, recursiveReadOnly: 'IfPossible' },
    { name: 'e', mountPath: '/e', readOnly: false },
  ];
  for (const view of [waits, runs])
    assert.deepEqual(statusOf(view({ volumeMounts: mounts, readOnlyRecursively: ['/d'] })).volumeMounts, [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/b', readOnly: true, recursiveReadOnly: 'Disabled' },
      { name: 'c', mountPath: '/c', readOnly: true, recursiveReadOnly: 'Disabled' },
      { name: 'd', mountPath: '/d', readOnly: true, recursiveReadOnly: 'Enabled' },
      { name: 'e', mountPath: '/e' },
    ]);
});
