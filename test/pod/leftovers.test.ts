// What is of no use any more is removed: after what needs it, and behind what somebody waits for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { narrate } from '../../src/pod/narrate.ts';
import { Life, observation } from './life.ts';
import { container, staticPod } from './pods.ts';

test('containers before their sandbox, directories after both', () => {
  const life = Life.running(staticPod('v1'));
  const main = life.idOf('main');
  const sandbox = life.idOf('POD');
  life.wantGone();
  life.go();
  life.ends('main');
  life.held.add('remove');
  life.go();
  assert.deepEqual(
    life
      .of('remove')
      .map(({ id, force }) => [id, force])
      .toSorted(),
    [
      [sandbox, true],
      [main, false],
    ].toSorted(),
  );
  assert.deepEqual(life.of('clean-host'), []);
  life.held.clear();
  life.go();
  assert.deepEqual(
    life.of('clean-host').map(({ uid, name, namespace }) => [uid, name, namespace]),
    [['v1', 'web-node', 'default']],
  );
  assert.deepEqual([life.state.leftovers, life.state.cleanups], [[], []]);
});

test('removing gives way to a Pod that starts, for 3 s at the most', () => {
  const life = Life.running(staticPod('v1'));
  life.want(staticPod('v2'));
  life.go();
  life.held.add('start-container');
  life.ends('main');
  life.go();
  assert.deepEqual(life.of('remove'), []);
  life.pass(2_999);
  assert.deepEqual(life.of('remove'), []);
  life.pass(1);
  assert.equal(life.of('remove').length, 2);
});

test('as soon as the Pod has started it goes on', () => {
  const life = Life.running(staticPod('v1'));
  life.want(staticPod('v2'));
  life.go();
  life.ends('main');
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.of('remove').length, 2);
  assert.deepEqual(
    life.of('clean-host').map(({ uid }) => uid),
    ['v1'],
  );
});

test('a Pod that waits for the directories of its own former life does not give way to itself', () => {
  const life = Life.running(staticPod('v1'));
  life.wantGone();
  life.go();
  life.want(staticPod('v1'));
  const { nowMs } = life;
  life.ends('main');
  life.go();
  assert.equal(life.nowMs, nowMs);
  assert.equal(life.slot('main').phase.at, 'running');
  const order = Life.told(life.issued);
  const cleaned = order.indexOf('clean-host');
  assert.ok(cleaned > 0 && cleaned < order.lastIndexOf('prepare-host'));
});

test('a Pod that has ended is not one that starts', () => {
  const life = Life.running(staticPod('v1', { restartPolicy: 'Never', initContainers: [container('init')] }));
  life.ends('init', 1);
  life.go();
  assert.deepEqual(
    [...life.engine.values()].map(({ name }) => name),
    ['init'],
  );
});

test('directories that cannot be removed are tried again, and do not keep the same UID from coming back', () => {
  const life = Life.running(staticPod('v1'));
  life.failNext('clean-host', 'HostPreparationFailed');
  life.wantGone();
  life.go();
  life.ends('main');
  life.go();
  assert.equal(life.state.cleanups.length, 1);
  life.want(staticPod('v1'));
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  life.pass(60_000);
  assert.equal(life.of('clean-host').length, 1, 'they are in use again');
});

test('directories that cannot be removed are tried again after 10 s', () => {
  const life = Life.running(staticPod('v1'));
  life.failNext('clean-host', 'HostPreparationFailed');
  life.wantGone();
  life.go();
  life.ends('main');
  life.go();
  life.pass(10_000);
  assert.deepEqual(life.state.cleanups, []);
});

test('what cannot be removed is told of: of a container once, of directories at every try', () => {
  const life = Life.running(staticPod('v1'));
  const lines: string[] = [];
  const send = life.send.bind(life);
  life.send = (event) => {
    const before = life.state;
    const effects = send(event);
    lines.push(...narrate(before, life.state).map(({ message, fields }) => `${message}: ${fields.cause}`));
    return effects;
  };
  // Of the container, of the sandbox; and of both again.
  for (const message of ['busy', 'busy', 'busy', 'still busy'])
    life.failNext('remove', 'EngineError', message);
  life.failNext('clean-host', 'HostPreparationFailed', 'held');
  life.failNext('clean-host', 'HostPreparationFailed', 'held');
  life.wantGone();
  life.go();
  life.ends('main');
  life.go();
  life.pass(60_000);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('cannot')),
    [
      'cannot remove a container of the Pod; trying again: busy',
      'cannot remove a container of the Pod; trying again: busy',
      'cannot remove a container of the Pod; trying again: still busy',
      'cannot remove all directories of the Pod; trying again: held',
      'cannot remove all directories of the Pod; trying again: held',
    ],
  );
  assert.deepEqual(life.state.cleanups, []);
});

test('StillRunning: it was started behind our back, and gets its grace like any other', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 5 }));
  life.want(staticPod('v2'));
  life.go();
  const old =
    life.idOf('POD') &&
    [...life.engine.values()].find(({ name, identity }) => name === 'main' && identity.uid === 'v1');
  assert.ok(old);
  life.send({
    type: 'observed',
    observation: { ...old, state: 'exited', exitCode: 0, finishedAtMs: life.nowMs },
  });
  // On the engine it runs, against what was told.
  life.go();
  const kills = () =>
    life
      .of('kill')
      .filter(({ id }) => id === old.id)
      .map(({ signal }) => signal);
  assert.deepEqual(kills(), ['SIGTERM', 'SIGTERM']);
  life.pass(5_000);
  assert.equal(kills().at(-1), 'SIGKILL');
  const dead = { ...old, state: 'exited' as const, exitCode: 137, finishedAtMs: life.nowMs };
  life.engine.set(old.id, dead);
  life.send({ type: 'observed', observation: dead });
  life.go();
  assert.equal(life.engine.has(old.id), false);
});

test('one that was seen dead stays dead, whatever older word comes late', () => {
  const life = Life.running(staticPod('v1'));
  const running = life.engine.get(life.idOf('main'));
  assert.ok(running);
  life.wantGone();
  life.go();
  life.held.add('remove');
  life.ends('main');
  const dead = life.engine.get(running.id);
  assert.ok(dead);
  life.go();
  for (const observation of [dead, running]) life.send({ type: 'observed', observation });
  life.held.clear();
  life.go();
  assert.deepEqual([life.of('kill').length, life.engine.size], [1, 0]);
});

test('a removal that fails is tried again', () => {
  const life = Life.running(staticPod('v1'));
  life.failNext('remove', 'EngineError');
  life.wantGone();
  life.go();
  life.ends('main');
  life.go();
  assert.equal(life.state.leftovers.length, 1);
  life.pass(500);
  assert.deepEqual(life.state.leftovers, []);
});

test('a stranger with our labels is stopped gracefully and removed, and its directories with it', () => {
  const life = Life.running(staticPod('v1'));
  const labels = { 'io.kubernetes.pod.terminationGracePeriod': '7' };
  const stranger = observation(
    { id: 'stranger', state: 'running', startedAtMs: 1, stopSignal: 'SIGHUP', labels },
    'other',
  );
  const box = observation({ id: 'box', name: 'POD', state: 'running', startedAtMs: 1 }, 'other');
  for (const seen of [stranger, box]) {
    life.engine.set(seen.id, seen);
    life.send({ type: 'observed', observation: seen });
  }
  assert.deepEqual(
    life.of('kill').map(({ id, signal }) => [id, signal]),
    [['stranger', 'SIGHUP']],
  );
  life.go();
  life.pass(6_999);
  assert.equal(life.of('kill').length, 1);
  life.pass(1);
  assert.equal(life.of('kill').at(-1)?.signal, 'SIGKILL');
  const dead = { ...stranger, state: 'exited' as const, exitCode: 137 };
  life.engine.set(stranger.id, dead);
  life.send({ type: 'observed', observation: dead });
  life.go();
  assert.deepEqual(
    life.of('clean-host').map(({ uid }) => uid),
    ['other'],
  );
  assert.equal(life.slot('main').phase.at, 'running');
});
