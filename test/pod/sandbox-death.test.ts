// The sandbox is killed or removed by somebody: the whole Pod stops gracefully and starts over, as its policy allows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Life } from './life.ts';
import { container, staticPod, withHostPort } from './pods.ts';

const told = Life.told;

for (const how of ['killed', 'removed'] as const) {
  test(`${how}: its containers get their grace, then all is made anew, as one restart`, () => {
    const life = Life.running(staticPod('v1', { containers: [container('a'), container('b')] }));
    const first = life.idOf('POD');
    const effects = how === 'killed' ? life.ends('POD', 137) : life.removedByHand('POD');
    assert.deepEqual(told(effects), ['kill a SIGTERM', 'kill b SIGTERM']);
    life.go();
    life.ends('a', 0);
    life.go();
    assert.equal(life.of('create-sandbox').length, 1, 'b still stops');
    life.ends('b', 143);
    life.go();
    assert.equal(life.of('create-sandbox').length, 2);
    assert.notEqual(life.idOf('POD'), first);
    for (const name of ['a', 'b']) {
      assert.equal(life.slot(name).phase.at, 'running');
      assert.equal(life.slot(name).restartCount, 1);
    }
    const attempts = life.of('create-sandbox').map(({ attempt }) => attempt);
    assert.deepEqual(attempts, [0, 1]);
  });
}

test('a container that outlives its grace meanwhile is killed', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 5 }));
  life.ends('POD', 137);
  life.go();
  life.pass(4_999);
  assert.equal(life.of('kill').length, 1);
  life.pass(1);
  assert.equal(life.of('kill').at(-1)?.signal, 'SIGKILL');
});

test('init containers run again, before the main ones', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('init')] }));
  life.ends('init', 0);
  life.go();
  life.ends('POD', 137);
  life.go();
  life.ends('main', 143);
  life.go();
  assert.equal(life.slot('init').phase.at, 'running');
  assert.notEqual(life.slot('main').phase.at, 'running');
  life.ends('init', 0);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.deepEqual([life.slot('init').restartCount, life.slot('main').restartCount], [1, 1]);
});

test('main containers are made anew as soon as the sidecar before them has started, without another word', () => {
  const sidecar = container('beside', { restartPolicy: 'Always' });
  const life = Life.running(staticPod('v1', { initContainers: [sidecar] }));
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  life.ends('POD', 137);
  life.ends('main', 143);
  life.ends('beside', 143);
  life.go();
  assert.deepEqual([life.slot('beside').phase.at, life.slot('main').phase.at], ['running', 'running']);
});

test('while it still starts, the new sandbox is made at once', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('init')] }));
  life.ends('POD', 137);
  life.go();
  life.ends('init', 143);
  const { nowMs } = life;
  life.go();
  assert.equal(life.of('create-sandbox').length, 2);
  assert.equal(life.slot('init').phase.at, 'running');
  assert.equal(life.nowMs, nowMs);
});

test('with host ports, the dead sandbox is removed before the new one is created', () => {
  const life = Life.running(staticPod('v1', { containers: [withHostPort('main')] }));
  life.held.add('remove');
  life.ends('POD', 137);
  life.go();
  life.ends('main', 143);
  life.go();
  assert.equal(life.of('create-sandbox').length, 1);
  life.held.clear();
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
});

for (const exitCode of [0, 143]) {
  test(`OnFailure: a container that we stopped for it (exit code ${exitCode}) has not ended of its own accord`, () => {
    const life = Life.running(staticPod('v1', { restartPolicy: 'OnFailure' }));
    life.ends('POD', 137);
    life.go();
    life.ends('main', exitCode);
    life.go();
    assert.equal(life.state.current?.stage, 'active');
    assert.equal(life.slot('main').phase.at, 'running');
  });
}

test('OnFailure: what had ended well before is not run again', () => {
  const life = Life.running(
    staticPod('v1', { restartPolicy: 'OnFailure', containers: [container('a'), container('b')] }),
  );
  life.ends('a', 0);
  life.go();
  life.ends('POD', 137);
  life.go();
  life.ends('b', 143);
  life.go();
  assert.deepEqual([life.slot('a').phase.at, life.slot('b').phase.at], ['exited', 'running']);
});

test('Never: nothing is started any more, and the Pod has ended', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'Never' }));
  life.ends('POD', 137);
  life.go();
  assert.equal(life.of('kill').length, 1);
  life.ends('main', 143);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
  assert.equal(life.of('create-sandbox').length, 1);
  assert.equal(life.wakeAtMs, undefined);
});

test('Never, while an init container runs: that does not run again, however it took its end', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'Never', initContainers: [container('init')] }));
  life.ends('POD', 137);
  life.go();
  life.ends('init', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
  assert.equal(life.of('create-sandbox').length, 1);
});

test('Never, with a container that has not run yet: that one is not started any more', () => {
  const life = new Life();
  life.failNext('create-container', 'ContainerCreateFailed');
  life.want(staticPod('v1', { restartPolicy: 'Never', containers: [container('late'), container('early')] }));
  life.go();
  assert.equal(life.slot('early').phase.at, 'running');
  life.ends('early', 0);
  life.ends('POD', 137);
  life.go();
  life.pass(600_000);
  assert.equal(life.of('create-sandbox').length, 1);
  assert.equal(life.state.current?.stage, 'finished');
});

test('Never, before anything ran: it is made anew', () => {
  const life = new Life();
  life.held.add('create-container');
  life.want(staticPod('v1', { restartPolicy: 'Never' }));
  life.go();
  life.ends('POD', 137);
  life.held.clear();
  life.go();
  life.pass(10_000);
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.engine.size, 2, 'the container made for the dead sandbox is gone');
});

test('a sandbox that cannot be started is made anew with back-off', () => {
  const life = new Life();
  life.failNext('start-sandbox', 'SandboxCreateFailed', 'port is already allocated');
  life.failNext('start-sandbox', 'SandboxCreateFailed', 'port is already allocated');
  life.want(staticPod('v1'));
  life.go();
  assert.equal(life.state.current?.sandboxProblem?.reason, 'FailedCreatePodSandBox');
  assert.equal(life.of('create-sandbox').length, 1);
  life.pass(10_000);
  assert.equal(life.of('create-sandbox').length, 2);
  life.pass(19_999);
  assert.equal(life.of('create-sandbox').length, 2);
  life.pass(1);
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.state.current?.sandboxProblem, undefined);
});
