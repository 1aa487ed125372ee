// How many dead containers of earlier attempts stay, and for how long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText, restore } from '../../src/pod/checkpoint.ts';
import { deadContainersOf } from '../../src/pod/plan-dead.ts';
import type { Retention } from '../../src/pod/planning.ts';
import { viewOf } from '../../src/pod/view.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const attemptsOf = (life: Life, name = 'main') =>
  [...life.engine.values()]
    .filter((seen) => seen.name === name)
    .map(({ state, id }) => `${id.split('-').at(-1)} ${state}`);

/** Ends `times` times, a minute after each start, and runs again. */
function lived(retention: Retention | undefined, times: number): Life {
  const life = new Life();
  life.retention = retention;
  life.want(staticPod('v1'));
  life.go();
  for (let time = 0; time < times; time++) {
    life.pass(60_000);
    life.ends('main', time + 1);
    life.go();
    life.pass(300_000);
  }
  return life;
}

function lastExitCode(life: Life) {
  const { current } = life.state;
  assert.ok(current);
  return viewOf(life.state, current, [], life.nowMs).containers[0]?.last?.exitCode;
}

for (const [perContainer, dead] of [
  [undefined, 1],
  [0, 0],
  [1, 1],
  [3, 3],
  [-1, 5],
] as const)
  test(`${perContainer ?? 'by default, 1'} a container: ${dead} of five stay`, () => {
    const life = lived(perContainer === undefined ? undefined : { perContainer, minAgeMs: 0 }, 5);
    const attempts = attemptsOf(life);
    assert.deepEqual(
      attempts.map((attempt) => attempt.split(' ')[1]),
      [...Array(dead).fill('exited'), 'running'],
    );
    assert.equal(lastExitCode(life), dead > 0 ? 5 : undefined, 'lastState goes with its container');
    assert.equal(life.slot('main').restartCount, 5);
  });

test('the latest attempt stays, however it ended', () => {
  const life = new Life();
  life.retention = { perContainer: 0, minAgeMs: 0 };
  life.want(staticPod('v1', { restartPolicy: 'Never' }));
  life.go();
  life.ends('main', 1);
  life.go();
  life.pass(60_000);
  assert.equal(attemptsOf(life).length, 1);
});

test('none goes before its time', () => {
  const life = lived({ perContainer: 0, minAgeMs: 1_000_000 }, 1);
  assert.equal(attemptsOf(life).length, 2);
  assert.equal(lastExitCode(life), 1);
  life.pass(1_000_000);
  assert.equal(attemptsOf(life).length, 1);
  assert.equal(lastExitCode(life), undefined);
});

test('what is kept is known after a restart of monopod, with its checkpoint and without', () => {
  const life = lived({ perContainer: 3, minAgeMs: 0 }, 5);
  const before = attemptsOf(life);
  for (const restored of [restore(checkpointText(life.state, []))?.state, undefined]) {
    const after = new Life();
    after.retention = life.retention;
    for (const [id, seen] of life.engine) after.engine.set(id, seen);
    if (restored) after.state = restored;
    after.nowMs = life.nowMs;
    after.want(staticPod('v1'));
    after.go();
    assert.deepEqual(attemptsOf(after), before);
    assert.equal(lastExitCode(after), 5);
  }
});

test('all of them go with the Pod', () => {
  const life = lived({ perContainer: 3, minAgeMs: 0 }, 5);
  life.wantGone();
  life.go();
  life.ends('main', 0);
  life.go();
  life.pass(60_000);
  assert.equal(life.engine.size, 0);
});

test('an init container that runs again with a new sandbox keeps as many', () => {
  const life = new Life();
  life.want(staticPod('v1', { initContainers: [container('init')] }));
  life.go();
  life.ends('init', 0);
  life.go();
  for (let time = 0; time < 3; time++) {
    life.pass(600_000);
    life.ends('POD', 137);
    life.go();
    if (life.slot('main').phase.at === 'running') life.ends('main', 137);
    life.go();
    life.pass(600_000);
    life.ends('init', 0);
    life.go();
  }
  assert.equal(attemptsOf(life, 'init').length, 2);
});

test('one that the node has no room for goes, and its lastState with it', () => {
  const life = lived(undefined, 1);
  assert.equal(lastExitCode(life), 1);
  const [dead] = deadContainersOf(life.state);
  assert.equal(dead?.container, 'main');
  life.send({ type: 'discard', id: dead?.id ?? '' });
  life.go();
  assert.equal(attemptsOf(life).length, 1);
  assert.equal(lastExitCode(life), undefined);
  assert.deepEqual(deadContainersOf(life.state), []);
  const before = life.issued.length;
  life.send({ type: 'discard', id: life.idOf('main') });
  assert.equal(life.issued.length, before, 'what is not dead does not go');
});
