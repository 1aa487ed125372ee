import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podColumns } from '../../src/cli/pod-columns.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodStatus } from '../../src/kubernetes/pod.ts';

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
  ready?: boolean;
};

/** A Pod whose containers are in these states; ready when they run. */
function pod(main: Given[], init: Given[] = [], status: PodStatus = {}, metadata: Pod['metadata'] = {}): Pod {
  const statuses = (prefix: string, all: Given[]): ContainerStatus[] =>
    all.map(({ state, restarts = 0, last, ready }, at) => ({
      name: `${prefix}${at}`,
      image: 'i',
      imageID: '',
      state,
      lastState: last ?? {},
      restartCount: restarts,
      ready: ready ?? state.running !== undefined,
      started: state.running !== undefined,
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

test('running, waiting and ended containers', () => {
  assert.equal(shown([{ state: running }]), '1/1 Running 0');
  assert.equal(shown([{ state: running, ready: false }]), '0/1 Running 0');
  assert.equal(shown([{ state: running }, { state: running, ready: false }]), '1/2 Running 0');
  assert.equal(
    shown([{ state: waiting('ContainerCreating') }], [], { phase: 'Pending' }),
    '0/1 ContainerCreating 0',
  );
  assert.equal(shown([{ state: waiting('ImagePullBackOff') }, { state: running }]), '1/2 ImagePullBackOff 0');
  assert.equal(
    shown([{ state: exited(0, { reason: 'Completed' }) }], [], { phase: 'Succeeded' }),
    '0/1 Completed 0',
  );
  assert.equal(shown([{ state: exited(1, { reason: 'Error' }) }], [], { phase: 'Failed' }), '0/1 Error 0');
  assert.equal(shown([{ state: exited(137, { signal: 9 }) }]), '0/1 Signal:9 0');
  assert.equal(shown([{ state: exited(3) }]), '0/1 ExitCode:3 0');
});

test('the first container that is not well gives the status', () => {
  const first = { state: waiting('CrashLoopBackOff') };
  const second = { state: waiting('ErrImagePull') };
  assert.equal(shown([first, second]), '0/2 CrashLoopBackOff 0');
  assert.equal(shown([{ state: running }, second]), '1/2 ErrImagePull 0');
});

test('a container that is done beside one that runs leaves the Pod Running, or NotReady', () => {
  const containers = [{ state: exited(0, { reason: 'Completed' }) }, { state: running }];
  const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] });
  assert.equal(shown(containers, [], ready('True')), '1/2 Running 0');
  assert.equal(shown(containers, [], ready('False')), '1/2 NotReady 0');
});

test('no containers yet: the phase, or the reason of the Pod', () => {
  assert.equal(shown([], [], { phase: 'Pending', containerStatuses: undefined }), '0/0 Pending 0');
  assert.equal(shown([], [], { phase: 'Failed', reason: 'OutOfpods' }), '0/0 OutOfpods 0');
  assert.equal(podColumns({ metadata: { name: 'x' } }, nowMs).status, 'Unknown');
});

test('restarts, and how long ago the last was', () => {
  const last = died('2026-01-01T00:57:00Z');
  assert.equal(shown([{ state: running, restarts: 3, last }]), '1/1 Running 3 (3m ago)');
  const before = died('2026-01-01T00:10:00Z');
  assert.equal(
    shown([
      { state: running, restarts: 3, last: before },
      { state: running, restarts: 1, last },
    ]),
    '2/2 Running 4 (3m ago)',
  );
  assert.equal(shown([{ state: running, restarts: 2 }]), '1/1 Running 2');
});

test('init containers: how many are done, and what holds them up', () => {
  const main = [{ state: waiting('PodInitializing') }];
  const pending = { phase: 'Pending' };
  const done = { state: exited(0, { reason: 'Completed' }) };
  assert.equal(
    shown(main, [{ state: running }, { state: waiting('PodInitializing') }], pending),
    '0/1 Init:0/2 0',
  );
  assert.equal(shown(main, [done, { state: running }], pending), '0/1 Init:1/2 0');
  assert.equal(
    shown(main, [{ state: waiting('CrashLoopBackOff'), restarts: 4 }], pending),
    '0/1 Init:CrashLoopBackOff 4',
  );
  assert.equal(shown(main, [{ state: exited(1, { reason: 'Error' }) }], pending), '0/1 Init:Error 0');
  assert.equal(shown(main, [{ state: exited(2) }], pending), '0/1 Init:ExitCode:2 0');
  assert.equal(shown(main, [{ state: exited(137, { signal: 9 }) }], pending), '0/1 Init:Signal:9 0');
  assert.equal(shown(main, [done, done], pending), '0/1 PodInitializing 0');
});

test('restarts of init containers count until the Pod is initialized', () => {
  const done = { state: exited(0), restarts: 2 };
  const status = { conditions: [{ type: 'Initialized', status: 'True' }] };
  assert.equal(shown([{ state: running, restarts: 1 }], [done], status), '1/1 Running 1');
  // As after a reboot: the init containers run again in a Pod that was initialized.
  assert.equal(shown([{ state: running }], [{ state: running, restarts: 2 }], status), '1/1 Init:0/1 0');
});

test('sidecars count among the containers that are to be ready, and go on being counted', () => {
  const sidecar = { state: running, sidecar: true, restarts: 1 };
  assert.equal(shown([{ state: running, restarts: 1 }], [sidecar]), '2/2 Running 2');
  assert.equal(
    shown([{ state: waiting('PodInitializing') }], [sidecar, { state: running }]),
    '1/2 Init:1/2 1',
  );
});

test('a Pod that is being deleted is Terminating, until it has ended', () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:59:00Z' };
  assert.equal(shown([{ state: running }], [], {}, metadata), '1/1 Terminating 0');
  assert.equal(
    shown([{ state: exited(0, { reason: 'Completed' }) }], [], { phase: 'Succeeded' }, metadata),
    '0/1 Completed 0',
  );
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
