// Init containers and sidecars: their order, who waits for whom, who runs again (kuberuntime computeInitContainerActions).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/kubernetes/pod.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const sidecar = (name: string, more: Partial<Container> = {}) =>
  container(name, { restartPolicy: 'Always', ...more });

const startupProbe = { exec: { command: ['true'] }, periodSeconds: 1 };

const started = (life: Life) => life.of('start-container').map(({ container: name }) => name);
const signalled = (life: Life) => life.of('kill').map(({ container: name, signal }) => `${name} ${signal}`);

test('strict order: each init container waits for the end of the one before, a sidecar only for its start', () => {
  const life = Life.running(
    staticPod('v1', { initContainers: [container('one'), sidecar('side'), container('two')] }),
  );
  assert.deepEqual(started(life), ['one']);
  life.ends('one', 0);
  life.go();
  assert.deepEqual(started(life), ['one', 'side', 'two']);
  life.ends('two', 0);
  life.go();
  assert.deepEqual(started(life), ['one', 'side', 'two', 'main']);
  assert.equal(life.slot('side').phase.at, 'running');
});

test('a sidecar with a startup probe holds up the next until that has succeeded', () => {
  const life = new Life();
  life.held.add('probe');
  life.want(staticPod('v1', { initContainers: [sidecar('side', { startupProbe }), container('two')] }));
  life.go();
  life.pass(1000);
  assert.deepEqual(started(life), ['side']);
  life.held.clear();
  life.go();
  assert.deepEqual(started(life), ['side', 'two']);
});

test('a sidecar that ends while a later init container runs starts again beside it, and holds up nobody', () => {
  const life = Life.running(staticPod('v1', { initContainers: [sidecar('side'), container('two')] }));
  life.ends('side', 1);
  life.go();
  assert.deepEqual(started(life), ['side', 'two', 'side']);
  life.ends('side', 1);
  life.go();
  life.ends('two', 0);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running', 'while the sidecar is in back-off');
  assert.equal(life.slot('side').phase.at, 'exited');
  life.pass(10_000);
  assert.equal(life.slot('side').phase.at, 'running');
  assert.equal(life.slot('side').restartCount, 2);
});

for (const policy of ['Always', 'OnFailure', 'Never'] as const) {
  for (const exitCode of [0, 1]) {
    test(`a sidecar that ends with ${exitCode} starts again under ${policy}`, () => {
      const life = Life.running(
        staticPod('v1', { restartPolicy: policy, initContainers: [sidecar('side')] }),
      );
      life.ends('side', exitCode);
      life.go();
      assert.equal(life.slot('side').phase.at, 'running');
    });
  }
}

test('a sidecar does not keep a Pod alive: it is stopped gracefully once the main containers have ended', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'Never', initContainers: [sidecar('side')] }));
  life.ends('main', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'completing');
  assert.deepEqual(signalled(life), ['side SIGTERM']);
  life.ends('side', 143);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
  assert.equal(life.of('create-container').length, 2, 'nothing of it starts again');
});

test('an init container that fails for good ends the Pod, its sidecars with it', () => {
  const life = Life.running(
    staticPod('v1', { restartPolicy: 'Never', initContainers: [sidecar('side'), container('two')] }),
  );
  life.ends('two', 1);
  life.go();
  assert.deepEqual(signalled(life), ['side SIGTERM']);
  life.ends('side', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
});

test('sidecars stop after the main containers, the last first, within one grace', () => {
  const life = Life.running(
    staticPod('v1', { initContainers: [sidecar('a'), sidecar('b')], terminationGracePeriodSeconds: 30 }),
  );
  life.wantGone();
  life.go();
  assert.deepEqual(signalled(life), ['main SIGTERM']);
  life.pass(10_000);
  life.ends('main', 0);
  life.go();
  assert.deepEqual(signalled(life), ['main SIGTERM', 'b SIGTERM']);
  life.pass(15_000);
  life.ends('b', 0);
  life.go();
  assert.deepEqual(signalled(life).slice(2), ['a SIGTERM']);
  life.pass(4_900);
  assert.deepEqual(signalled(life).slice(2), ['a SIGTERM']);
  life.pass(200);
  assert.deepEqual(signalled(life).slice(3), ['a SIGKILL'], 'what is left of the grace, not a new one');
});

test('a main container that uses up the grace leaves each sidecar two seconds', () => {
  const life = Life.running(
    staticPod('v1', { initContainers: [sidecar('a'), sidecar('b')], terminationGracePeriodSeconds: 5 }),
  );
  life.wantGone();
  life.go();
  life.pass(5000);
  assert.deepEqual(
    signalled(life),
    ['main SIGTERM', 'a SIGTERM', 'b SIGTERM', 'main SIGKILL'].sort(byTime(life)),
  );
  life.pass(1900);
  assert.ok(!signalled(life).includes('a SIGKILL'));
  life.pass(200);
  assert.ok(signalled(life).includes('a SIGKILL') && signalled(life).includes('b SIGKILL'));
});

/** The order within one moment does not matter. */
const byTime = (life: Life) => (a: string, b: string) =>
  signalled(life).indexOf(a) - signalled(life).indexOf(b);

test('init containers do not run again when their container is removed by hand, nor after a restart of the main one', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('one')] }));
  life.ends('one', 0);
  life.go();
  life.removedByHand('one');
  life.ends('main', 1);
  life.go();
  assert.deepEqual(started(life), ['one', 'main', 'main']);
});

test('a new sandbox runs all of them again, sidecars in their order', () => {
  const life = Life.running(staticPod('v1', { initContainers: [sidecar('side'), container('two')] }));
  life.ends('two', 0);
  life.go();
  life.ends('POD', 137);
  life.go();
  life.ends('main', 143);
  life.ends('side', 143);
  life.go();
  assert.deepEqual(started(life), ['side', 'two', 'main', 'side', 'two']);
  assert.equal(life.slot('two').phase.at, 'running');
  life.ends('two', 0);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.slot('side').restartCount, 1);
});

test('each container has its own back-off, init containers included', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('one')] }));
  for (const wait of [0, 10_000, 20_000]) {
    life.pass(wait);
    assert.equal(life.slot('one').phase.at, 'running', `after ${wait} ms`);
    life.ends('one', 1);
    life.go();
  }
  assert.equal(life.slot('one').phase.at, 'exited');
  assert.equal(life.slot('main').phase.at, 'created');
});

test('in a new sandbox a sidecar holds up the next again until its startup probe has succeeded', () => {
  const life = Life.running(
    staticPod('v1', { initContainers: [sidecar('side', { startupProbe }), container('two')] }),
  );
  life.pass(1000);
  life.ends('two', 0);
  life.go();
  life.held.add('probe');
  life.ends('POD', 137);
  life.go();
  life.ends('main', 143);
  life.ends('side', 143);
  life.go();
  life.pass(1000);
  assert.deepEqual(started(life), ['side', 'two', 'main', 'side']);
  life.held.clear();
  life.go();
  assert.deepEqual(started(life).slice(4), ['two']);
});

test('by labels alone: a Pod whose main container runs is initialized, though its sidecar is down', () => {
  const pod = staticPod('v1', {
    initContainers: [sidecar('side')],
    containers: [container('a'), container('b')],
  });
  const life = Life.running(pod);
  life.ends('side', 1);
  life.go();
  life.ends('side', 1);
  const next = new Life();
  next.nowMs = life.nowMs;
  for (const [id, seen] of life.engine) next.engine.set(id, seen);
  next.failNext('start-container', 'ContainerStartFailed', 'not now');
  next.want(pod);
  next.go();
  next.ends('b', 1);
  next.go();
  assert.equal(next.slot('b').phase.at, 'running');
});
