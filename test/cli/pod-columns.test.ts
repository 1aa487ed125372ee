// What `get pods` shows, one row a situation, as kubectl's printPod has it (pkg/printers/internalversion/printers.go).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podColumns } from '../../src/cli/pod-columns.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodStatus } from '../../src/kubernetes/pod.ts';
import { generateStatus } from '../../src/status/generate.ts';
import type { PodView } from '../../src/status/view.ts';
import { crashed, ends, init, podView, runs, type Given as Seen, sidecar, waits } from '../status/views.ts';

const nowMs = Date.UTC(2026, 0, 1, 1);
const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const waiting = (reason?: string): ContainerState => ({ waiting: { reason } });
const exited = (exitCode: number, more: { reason?: string; signal?: number } = {}): ContainerState => ({
  terminated: { exitCode, ...more },
});
const died = (finishedAt: string): ContainerState => ({ terminated: { exitCode: 1, finishedAt } });

type Given = {
  state: ContainerState;
  restarts?: number;
  last?: ContainerState;
  sidecar?: boolean;
  /** Both as `running` unless said otherwise. */
  ready?: boolean;
  started?: boolean;
};

/** A Pod whose containers are in these states; ready when they run. */
function pod(main: Given[], init: Given[] = [], status: PodStatus = {}, metadata: Pod['metadata'] = {}): Pod {
  const statuses = (prefix: string, all: Given[]): ContainerStatus[] =>
    all.map(({ state, restarts = 0, last, ready, started }, at) => ({
      name: `${prefix}${at}`,
      image: 'i',
      imageID: '',
      state,
      lastState: last ?? {},
      restartCount: restarts,
      ready: ready ?? state.running !== undefined,
      started: started ?? state.running !== undefined,
    }));
  const specs = (prefix: string, all: Given[]): Container[] =>
    all.map(({ sidecar }, at) => ({
      name: `${prefix}${at}`,
      image: 'i',
      ...(sidecar && { restartPolicy: 'Always' }),
    }));
  return {
    metadata: { name: 'web-node1', namespace: 'default', ...metadata },
    spec: { containers: specs('c', main), initContainers: specs('i', init) },
    status: {
      phase: 'Running',
      containerStatuses: statuses('c', main),
      initContainerStatuses: statuses('i', init),
      ...status,
    },
  };
}

const shown = (...given: Parameters<typeof pod>) => {
  const { ready, status, restarts } = podColumns(pod(...given), nowMs);
  return [ready, status, restarts].join(' ');
};

type Row = [expected: string, situation: string, ...pod: Parameters<typeof pod>];
function check(rows: Row[]): void {
  for (const [expected, situation, ...given] of rows)
    test(`${situation}: ${expected}`, () => {
      assert.equal(shown(...given), expected);
    });
}

const done: Given = { state: exited(0, { reason: 'Completed' }) };
const runningOne: Given = { state: running };
const pending: PodStatus = { phase: 'Pending' };
const initializing: Given[] = [{ state: waiting('PodInitializing') }];
const condition = (type: string, status: string) => ({ conditions: [{ type, status }] });

check([
  ['1/1 Running 0', 'it runs', [runningOne]],
  ['0/1 Running 0', 'it runs and is not ready', [{ state: running, ready: false }]],
  ['1/2 Running 0', 'one of two is ready', [runningOne, { state: running, ready: false }]],
  ['0/1 ContainerCreating 0', 'it waits', [{ state: waiting('ContainerCreating') }], [], pending],
  ['0/1 Pending 0', 'it waits for no reason', [{ state: waiting() }], [], pending],
  ['1/2 ImagePullBackOff 0', 'one waits', [{ state: waiting('ImagePullBackOff') }, runningOne]],
  ['0/1 Completed 0', 'it has succeeded', [done], [], { phase: 'Succeeded' }],
  ['0/1 Error 0', 'it has failed', [{ state: exited(1, { reason: 'Error' }) }], [], { phase: 'Failed' }],
  ['0/1 Signal:9 0', 'ended by a signal, and no reason', [{ state: exited(137, { signal: 9 }) }]],
  ['0/1 ExitCode:3 0', 'ended, and no reason', [{ state: exited(3) }]],
]);

check([
  [
    '0/2 CrashLoopBackOff 0',
    'the first that is not well gives the status',
    [{ state: waiting('CrashLoopBackOff') }, { state: waiting('ErrImagePull') }],
  ],
  ['1/2 ErrImagePull 0', 'one that runs does not', [runningOne, { state: waiting('ErrImagePull') }]],
  ['1/2 Running 0', 'one is done, the Pod is ready', [done, runningOne], [], condition('Ready', 'True')],
  [
    '1/2 NotReady 0',
    'one is done, the Pod is not ready',
    [done, runningOne],
    [],
    condition('Ready', 'False'),
  ],
  ['0/2 Completed 0', 'one is done, the other not ready', [done, { state: running, ready: false }]],
]);

check([
  ['0/0 Pending 0', 'no containers yet: the phase', [], [], { ...pending, containerStatuses: undefined }],
  [
    '0/0 OutOfpods 0',
    'no containers: the reason of the Pod',
    [],
    [],
    { phase: 'Failed', reason: 'OutOfpods' },
  ],
  [
    '1/1 DeadlineExceeded 0',
    'past its deadline, still running',
    [runningOne],
    [],
    { phase: 'Failed', reason: 'DeadlineExceeded' },
  ],
  [
    '0/1 Error 0',
    'past its deadline: how the container ended goes before',
    [{ state: exited(137, { reason: 'Error' }) }],
    [],
    { phase: 'Failed', reason: 'DeadlineExceeded' },
  ],
  [
    '0/1 RestartingAllContainers 0',
    'all containers are being restarted',
    [{ state: waiting('RestartingAllContainers') }],
    [{ state: waiting('RestartingAllContainers') }],
    condition('Initialized', 'True'),
  ],
]);

const last = died('2026-01-01T00:57:00Z');
const before = died('2026-01-01T00:10:00Z');
check([
  ['1/1 Running 3 (3m ago)', 'restarts', [{ state: running, restarts: 3, last }]],
  ['1/1 Running 2', 'restarts, when is not known', [{ state: running, restarts: 2 }]],
  [
    '2/2 Running 4 (3m ago)',
    'restarts of two, the latest counts',
    [
      { state: running, restarts: 3, last: before },
      { state: running, restarts: 1, last },
    ],
  ],
]);

check([
  [
    '0/1 Init:0/2 0',
    'the first runs',
    initializing,
    [runningOne, { state: waiting('PodInitializing') }],
    pending,
  ],
  ['0/1 Init:0/1 0', 'the first waits', initializing, [{ state: waiting('PodInitializing') }], pending],
  ['0/1 Init:1/2 0', 'the second runs', initializing, [done, runningOne], pending],
  [
    '0/1 Init:CrashLoopBackOff 4',
    'one is in CrashLoopBackOff',
    initializing,
    [{ state: waiting('CrashLoopBackOff'), restarts: 4 }],
    pending,
  ],
  ['0/1 Init:ErrImagePull 0', 'no image', initializing, [{ state: waiting('ErrImagePull') }], pending],
  ['0/1 Init:Error 0', 'one has failed', initializing, [{ state: exited(1, { reason: 'Error' }) }], pending],
  ['0/1 Init:ExitCode:2 0', 'failed, and no reason', initializing, [{ state: exited(2) }], pending],
  [
    '0/1 Init:Signal:9 0',
    'killed, and no reason',
    initializing,
    [{ state: exited(137, { signal: 9 }) }],
    pending,
  ],
  ['0/1 PodInitializing 0', 'all are done', initializing, [done, done], pending],
  [
    '1/1 Running 1',
    'restarts of init containers count until the Pod is initialized',
    [{ state: running, restarts: 1 }],
    [{ ...done, restarts: 2 }],
    condition('Initialized', 'True'),
  ],
  [
    '1/1 Init:0/1 0',
    'init runs again in a Pod that was initialized, as after a reboot',
    [runningOne],
    [{ state: running, restarts: 2 }],
    condition('Initialized', 'True'),
  ],
]);

const side: Given = { state: running, sidecar: true };
check([
  [
    '2/2 Running 2',
    'a sidecar counts in all columns',
    [{ ...runningOne, restarts: 1 }],
    [{ ...side, restarts: 1 }],
  ],
  ['1/2 Init:1/2 0', 'one that has started counts as done', initializing, [side, runningOne], pending],
  [
    '0/2 Init:0/2 0',
    'one that has not does not',
    initializing,
    [{ ...side, ready: false, started: false }, done],
    pending,
  ],
  ['0/2 Init:1/2 0', 'started and not ready', initializing, [{ ...side, ready: false }, runningOne], pending],
  ['0/2 PodInitializing 0', 'started, main waits', initializing, [{ ...side, ready: false }], pending],
  [
    '0/2 Init:CrashLoopBackOff 3',
    'one crashes before main runs',
    initializing,
    [{ state: waiting('CrashLoopBackOff'), sidecar: true, restarts: 3 }],
    pending,
  ],
  [
    '1/2 Init:CrashLoopBackOff 3',
    'one crashes beside main',
    [runningOne],
    [{ state: waiting('CrashLoopBackOff'), sidecar: true, restarts: 3 }],
    condition('Initialized', 'True'),
  ],
  [
    '2/2 Running 5 (3m ago)',
    'restarts of a sidecar go on counting, and when',
    [{ ...runningOne, restarts: 1, last: before }],
    [{ ...side, restarts: 4, last }],
    condition('Initialized', 'True'),
  ],
  [
    '1/2 Completed 0',
    'main has completed, the sidecar still stops',
    [done],
    [side],
    { phase: 'Running', ...condition('Initialized', 'True') },
  ],
  [
    '0/2 Completed 0',
    'main has completed, the sidecar has ended',
    [done],
    [{ state: exited(0, { reason: 'Completed' }), sidecar: true }],
    { phase: 'Succeeded' },
  ],
]);

const deleted = { deletionTimestamp: '2026-01-01T00:59:00Z' };
check([
  ['1/1 Terminating 0', 'it stops', [runningOne], [], {}, deleted],
  ['0/1 Terminating 0', 'it stops, having completed', [done], [], { phase: 'Running' }, deleted],
  ['0/1 Completed 0', 'it has stopped, and succeeded', [done], [], { phase: 'Succeeded' }, deleted],
  [
    '0/1 Error 0',
    'it has stopped, and failed',
    [{ state: exited(1, { reason: 'Error' }) }],
    [],
    { phase: 'Failed' },
    deleted,
  ],
]);

test('a Pod of which nothing is known', () => {
  assert.equal(podColumns({ metadata: { name: 'x' } }, nowMs).status, 'Unknown');
});

// From what is seen of containers, through the status, to the columns: a Pod with a sidecar and an init container.
const starting = { started: false, ready: false };
const inLine = (reason = 'PodInitializing'): Seen => waits({ state: { is: 'waiting', reason, message: '' } });
const life: [expected: string, stage: string, containers: Seen[], more?: Partial<PodView>][] = [
  ['0/2 Init:0/2 0', 'nothing runs', [sidecar(inLine()), init(inLine()), inLine()]],
  ['0/2 Init:0/2 0', 'the sidecar starts', [sidecar(runs(starting)), init(inLine()), inLine()]],
  ['1/2 Init:1/2 0', 'init runs', [sidecar(runs()), init(runs()), inLine()]],
  ['1/2 Init:Error 0', 'init has failed', [sidecar(runs()), init(ends(1)), inLine()]],
  ['1/2 Init:CrashLoopBackOff 1 (59m ago)', 'init waits', [sidecar(runs()), init(crashed()), inLine()]],
  ['1/2 PodInitializing 0', 'init is done', [sidecar(runs()), init(ends(0)), inLine()]],
  ['2/2 Running 0', 'all run', [sidecar(runs()), init(ends(0)), runs()]],
  ['1/2 Running 0', 'a readiness probe fails', [sidecar(runs({ ready: false })), init(ends(0)), runs()]],
  ['1/2 CrashLoopBackOff 1 (59m ago)', 'main crashes', [sidecar(runs()), init(ends(0)), crashed()]],
  ['0/2 Completed 0', 'main is done, the sidecar stops', [sidecar(runs({}, true)), init(ends(0)), ends(0)]],
  ['0/2 Completed 0', 'all is done', [sidecar(ends(0)), init(ends(0)), ends(0)], { finished: true }],
];
for (const [expected, stage, containers, more] of life)
  test(`${stage}: ${expected}`, () => {
    const { pod: manifest, ...view } = podView(containers, 'OnFailure', more);
    const status = generateStatus({ pod: manifest, ...view }, undefined, nowMs);
    const columns = podColumns({ ...manifest, status }, 3_600_000);
    assert.equal([columns.ready, columns.status, columns.restarts].join(' '), expected);
  });

test('the other columns, and what stands where there is nothing', () => {
  const bare = podColumns({ metadata: { name: 'x' } }, nowMs);
  assert.deepEqual(
    [bare.namespace, bare.age, bare.ip, bare.node, bare.source],
    ['default', '<unknown>', '<none>', '<none>', '<none>'],
  );
  const full = podColumns(
    {
      metadata: {
        name: 'x',
        namespace: 'kube-system',
        annotations: {
          'kubernetes.io/config.source': 'file',
          'kubernetes.io/config.seen': '2026-01-01T00:30:00.123456789Z',
        },
      },
      spec: { containers: [], nodeName: 'node1' },
      status: { podIP: '10.0.0.1', startTime: '2026-01-01T00:59:00Z' },
    },
    nowMs,
  );
  assert.deepEqual(
    [full.namespace, full.age, full.ip, full.node, full.source],
    ['kube-system', '29m', '10.0.0.1', 'node1', 'file'],
  );
});
