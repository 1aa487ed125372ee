// A Pod's state -> what its containers are shown as.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '../../src/errors.ts';
import { viewOf } from '../../src/pod/view.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

function shown(life: Life, name = 'main') {
  const { current } = life.state;
  assert.ok(current);
  const view = viewOf(life.state, current, ['192.0.2.1'], life.nowMs);
  const found = view.containers.find((one) => one.name === name);
  assert.ok(found);
  return { ...found, pod: view };
}

test('CrashLoopBackOff: waiting, with the delay and the last end; terminated until it is due', () => {
  const life = Life.running(staticPod('v1'));
  life.ends('main', 3);
  life.go();
  life.ends('main', 3);
  life.go();
  const { state, last, restartCount } = shown(life);
  assert.deepEqual(state, {
    is: 'waiting',
    reason: 'CrashLoopBackOff',
    message: 'back-off 10s restarting failed container=main pod=web-node_default(v1)',
  });
  assert.equal(last?.exitCode, 3);
  assert.equal(restartCount, 1);
});

test('a pull that fails: ErrImagePull, then ImagePullBackOff', () => {
  const life = new Life();
  life.failNext('ensure-image', 'ImagePullFailed', 'manifest unknown');
  life.failNext('ensure-image', 'ImagePullFailed', 'manifest unknown');
  life.want(staticPod('v1', { containers: [container('main', { imagePullPolicy: 'Always' })] }));
  life.go();
  assert.deepEqual(shown(life).state, { is: 'waiting', reason: 'ErrImagePull', message: 'manifest unknown' });
  life.pass(10_000);
  assert.deepEqual(shown(life).state, {
    is: 'waiting',
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "busybox:1": ErrImagePull: manifest unknown',
  });
  life.pass(20_000);
  assert.equal(shown(life).state.is, 'running');
});

for (const [code, reason] of [
  ['ContainerConfigInvalid', 'CreateContainerConfigError'],
  ['ContainerCreateFailed', 'CreateContainerError'],
] as const) {
  test(`a create that fails shows ${reason}`, () => {
    const life = new Life();
    life.failNext('create-container', code, 'why');
    life.want(staticPod('v1'));
    life.go();
    assert.deepEqual(shown(life).state, { is: 'waiting', reason, message: 'why' });
  });
}

test('ContainerCreating without init containers, PodInitializing with them', () => {
  const life = new Life();
  life.held.add('create-sandbox');
  life.want(staticPod('v1'));
  life.go();
  assert.deepEqual(shown(life).state, { is: 'waiting', reason: 'ContainerCreating', message: '' });
  const other = Life.running(staticPod('v1', { initContainers: [container('init')] }));
  assert.deepEqual(shown(other).state, { is: 'waiting', reason: 'PodInitializing', message: '' });
  assert.equal(shown(other, 'init').state.is, 'running');
});

for (const [type, code, text] of [
  ['prepare-host', 'HostPreparationFailed', 'FailedMount: why'],
  ['create-sandbox', 'SandboxCreateFailed', 'FailedCreatePodSandBox: why'],
] as const) {
  test(`what stands in the way of all is said with each: ${text}`, () => {
    const life = new Life();
    life.failNext(type, code, 'why');
    life.want(staticPod('v1'));
    life.go();
    assert.deepEqual(shown(life).state, { is: 'waiting', reason: 'ContainerCreating', message: text });
  });
}

test('a Pod that stops: since when, how long, and its containers are no longer ready', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 12 }));
  const { nowMs } = life;
  life.wantGone();
  life.go();
  const { pod, state } = shown(life);
  assert.deepEqual(pod.termination, { sinceMs: nowMs, graceSeconds: 12 });
  assert.equal(state.is === 'running' && state.stopping, true);
});

test('one that we stopped for a new sandbox waits; it has not Completed', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'OnFailure' }));
  life.held.add('create-sandbox');
  life.ends('POD', 137);
  life.go();
  life.ends('main', 0);
  life.go();
  const { state, last } = shown(life);
  assert.equal(state.is, 'waiting');
  assert.equal(last?.exitCode, 0);
});

test('the last known address stays with a Pod whose sandbox is gone', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'Never' }));
  life.ends('main', 0);
  life.go();
  const { pod } = shown(life);
  assert.deepEqual([pod.finished, pod.sandboxReady, pod.ips], [true, false, ['172.17.0.2']]);
});

test('an engine that is away is said', () => {
  const life = Life.running(staticPod('v1'));
  life.send({ type: 'engine', available: false, sinceMs: life.nowMs - 5, message: 'gone' });
  assert.deepEqual(shown(life).pod.engineAway, { sinceMs: life.nowMs - 5, message: 'gone' });
  assert.equal(shown(life).state.is, 'running');
});

const sleep = { sleep: { seconds: 1 } };

test('while postStart runs the container is not shown as running; when it failed, as PostStartHookError', () => {
  const life = new Life();
  life.held.add('run-hook');
  life.want(staticPod('v1', { containers: [container('main', { lifecycle: { postStart: sleep } })] }));
  life.go();
  assert.deepEqual(shown(life).state, { is: 'waiting', reason: 'ContainerCreating', message: '' });
  assert.deepEqual([shown(life).started, shown(life).ready], [false, false]);
  life.answer(life.waiting('run-hook'), fail('HookFailed', 'exit 1'));
  life.go();
  life.held.add('create-container');
  life.ends('main', 143);
  assert.equal(shown(life).state.is, 'waiting');
  life.held.delete('create-container');
  life.go();
  life.answer(life.waiting('run-hook'), fail('HookFailed', 'exit 1'));
  life.go();
  life.ends('main', 143);
  life.go();
  const { state } = shown(life);
  assert.ok(state.is === 'waiting' && state.reason === 'CrashLoopBackOff');
});

test('what waits for an init container or a sidecar is PodInitializing', () => {
  const initContainers = [container('side', { restartPolicy: 'Always' }), container('init')];
  const life = Life.running(staticPod('v1', { initContainers }));
  assert.deepEqual(shown(life).state, { is: 'waiting', reason: 'PodInitializing', message: '' });
  assert.deepEqual([shown(life, 'side').sidecar, shown(life, 'init').sidecar], [true, false]);
  assert.deepEqual([shown(life, 'side').ready, shown(life, 'init').ready], [true, false]);
  assert.equal(shown(life).pod.initialized, false);
  life.ends('init', 0);
  life.go();
  assert.equal(shown(life, 'init').ready, true);
  assert.equal(shown(life).pod.initialized, true);
  life.ends('side', 1);
  assert.equal(shown(life).pod.initialized, true, 'and it stays so while a sidecar is down');
});

test('ready turns false as soon as the container is being stopped', () => {
  const life = Life.running(staticPod('v1'));
  assert.equal(shown(life).ready, true);
  life.wantGone();
  assert.equal(shown(life).ready, false);
});

test('a Pod past its deadline says why', () => {
  const life = Life.running(staticPod('v1', { activeDeadlineSeconds: 5 }));
  life.pass(5000);
  assert.equal(shown(life).pod.failed?.reason, 'DeadlineExceeded');
});

test('while all containers restart, the Pod says so, and each of them', () => {
  const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [9] } };
  const watcher = container('watcher', { restartPolicy: 'Never', restartPolicyRules: [rule] });
  const life = Life.running(staticPod('v1', { containers: [watcher, container('main')] }));
  life.ends('watcher', 9);
  life.go();
  assert.equal(shown(life).pod.restartingAll, true);
  life.held.add('create-container');
  life.ends('main', 143);
  life.go();
  assert.equal(shown(life).pod.restartingAll, false);
  assert.equal(shown(life).last?.reason, 'RestartingAllContainers');
});

for (const [what, message, reason, exitCode] of [
  [
    'a program that is not there',
    'exec: "nope": executable file not found in $PATH',
    'ContainerCannotRun',
    127,
  ],
  [
    'a program that may not be run',
    'exec: "/etc/motd": permission denied: unknown',
    'ContainerCannotRun',
    126,
  ],
  ['a runtime that cannot even try', 'OCI runtime create failed: cannot join network', 'StartError', 128],
] as const) {
  test(`${what} shows as ${reason}, ${exitCode}`, () => {
    const life = new Life();
    life.failNext('start-container', 'ContainerStartFailed', message);
    life.want(staticPod('v1', { restartPolicy: 'Never' }));
    life.go();
    const { state } = shown(life);
    assert.ok(state.is === 'terminated');
    assert.deepEqual([state.reason, state.exitCode], [reason, exitCode]);
  });
}

test('the resources of the manifest are those of a container once there is one', () => {
  const resources = { requests: { cpu: '1' }, limits: { cpu: '2' } };
  const life = new Life();
  life.want(staticPod('v1', { containers: [container('main', { resources }), container('bare')] }));
  life.go();
  assert.deepEqual(shown(life).resources, resources);
  assert.deepEqual(shown(life, 'bare').resources, {});
});
