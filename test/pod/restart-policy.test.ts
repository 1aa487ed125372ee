// What starts again after it ended, and when a Pod has ended for good.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

for (const [policy, exitCode, again] of [
  ['Always', 0, true],
  ['Always', 1, true],
  ['OnFailure', 0, false],
  ['OnFailure', 1, true],
  ['Never', 0, false],
  ['Never', 1, false],
] as const) {
  test(`${policy}, exit code ${exitCode}: ${again ? 'starts again' : 'has ended'}`, () => {
    const life = Life.running(staticPod('v1', { restartPolicy: policy }));
    life.ends('main', exitCode);
    life.go();
    assert.equal(life.slot('main').phase.at, again ? 'running' : 'exited');
    assert.equal(life.state.current?.stage, again ? 'active' : 'finished');
    assert.equal(life.slot('main').restartCount, again ? 1 : 0);
  });
}

test('a Pod has ended when all its containers have; the sandbox then goes, the containers stay for their logs', () => {
  const life = Life.running(
    staticPod('v1', { restartPolicy: 'Never', containers: [container('a'), container('b')] }),
  );
  life.ends('a', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'active');
  life.ends('b', 3);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
  assert.deepEqual([...life.engine.values()].map(({ name }) => name).toSorted(), ['a', 'b']);
  assert.equal(life.wakeAtMs, undefined, 'nothing is left to do');
});

test('OnFailure: what ended well stays ended while another fails on', () => {
  const life = Life.running(
    staticPod('v1', { restartPolicy: 'OnFailure', containers: [container('a'), container('b')] }),
  );
  life.ends('a', 0);
  life.ends('b', 1);
  life.go();
  assert.deepEqual([life.slot('a').phase.at, life.slot('b').phase.at], ['exited', 'running']);
  assert.equal(life.state.current?.stage, 'active');
  life.ends('b', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
});

for (const [policy, stage] of [
  ['Never', 'finished'],
  ['OnFailure', 'active'],
  ['Always', 'active'],
] as const) {
  test(`an init container that fails under ${policy}: the Pod is ${stage}`, () => {
    const life = Life.running(
      staticPod('v1', { restartPolicy: policy, initContainers: [container('init')] }),
    );
    life.ends('init', 1);
    life.go();
    assert.equal(life.state.current?.stage, stage);
    assert.equal(life.slot('init').phase.at, stage === 'finished' ? 'exited' : 'running');
    // What was created early and never ran is taken away again.
    assert.equal(
      [...life.engine.values()].some(({ name }) => name === 'main'),
      stage === 'active',
    );
  });
}

test('a container that cannot be started has ended, and its Pod by policy', () => {
  const life = new Life();
  life.failNext('start-container', 'ContainerStartFailed', 'exec: "nope": not found');
  life.want(staticPod('v1', { restartPolicy: 'Never' }));
  life.go();
  const { phase } = life.slot('main');
  assert.ok(phase.at === 'exited');
  assert.equal(phase.exit.exitCode, 127);
  assert.equal(phase.exit.reason, 'ContainerCannotRun');
  assert.match(phase.exit.message, /nope/);
  assert.equal(life.state.current?.stage, 'finished');
});

for (const [what, seen, reason] of [
  ['ended well', { exitCode: 0 }, 'Completed'],
  ['failed', { exitCode: 2 }, 'Error'],
  ['ran out of memory', { exitCode: 137, oomKilled: true }, 'OOMKilled'],
  ['never ran', { exitCode: 127, startedAtMs: undefined, error: 'no such file' }, 'ContainerCannotRun'],
] as const) {
  test(`one that ${what} says ${reason}`, () => {
    const life = Life.running(staticPod('v1', { restartPolicy: 'Never' }));
    const running = life.engine.get(life.idOf('main'));
    assert.ok(running);
    life.send({ type: 'observed', observation: { ...running, state: 'exited', finishedAtMs: 5, ...seen } });
    const { phase } = life.slot('main');
    assert.equal(phase.at === 'exited' && phase.exit.reason, reason);
  });
}

test('a container that somebody removed counts as ended with 137 and comes back as one restart', () => {
  const life = Life.running(staticPod('v1'));
  life.removedByHand('main');
  life.go();
  const { phase, last, restartCount } = life.slot('main');
  assert.equal(phase.at, 'running');
  assert.equal(restartCount, 1);
  assert.deepEqual([last?.exitCode, last?.reason], [137, 'ContainerStatusUnknown']);
});

test('the attempt before is kept for its logs, the one before that is removed', () => {
  const life = Life.running(staticPod('v1'));
  for (let count = 0; count < 3; count++) {
    life.ends('main', 1);
    life.go();
    life.pass(60_000);
  }
  const attempts = [...life.engine.values()].filter(({ name }) => name === 'main');
  assert.deepEqual(
    attempts.map(({ attempt, restartCount }) => [attempt, restartCount]),
    [
      [2, 2],
      [3, 3],
    ],
  );
});

test('an older word of its running does not bring back what has ended', () => {
  const life = Life.running(staticPod('v1'));
  life.ends('main', 1);
  life.go();
  const running = life.engine.get(life.idOf('main'));
  assert.ok(running);
  life.nowMs += 1_000;
  life.ends('main', 1);
  life.send({ type: 'observed', observation: running });
  assert.equal(life.slot('main').phase.at, 'exited');
});

test('words that are late or repeated change nothing', () => {
  const life = Life.running(staticPod('v1'));
  const early = life.engine.get(life.idOf('main'));
  assert.ok(early);
  life.ends('main', 1);
  life.go();
  const after = life.state;
  const running = life.slot('main').phase;
  assert.equal(running.at, 'running');
  // The first attempt once more: running, and that it ended.
  const exited = { ...early, state: 'exited' as const, exitCode: 1, finishedAtMs: life.nowMs };
  for (const observation of [early, exited, exited]) {
    life.send({ type: 'observed', observation });
    life.go();
  }
  assert.deepEqual(life.slot('main'), after.current?.containers[0]);
});
