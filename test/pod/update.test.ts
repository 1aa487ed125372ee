// An edit: the old generation stops, the new one is prepared meanwhile, and nothing of it runs before the old is dead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import { Life } from './life.ts';
import { container, staticPod, withHostPort } from './pods.ts';

const told = Life.told;
const two = { containers: [container('a'), container('b')] };
const uids = ({ state: { current, next } }: Life) => [current?.staticPod.uid, next?.staticPod.uid];

test('all containers get the stop signal at once; the next generation is prepared beside', () => {
  const life = Life.running(staticPod('v1', two));
  const effects = [...life.want(staticPod('v2', two)), ...life.go()];
  assert.deepEqual(told(effects).slice(0, 2), ['kill a SIGTERM', 'kill b SIGTERM']);
  assert.deepEqual(
    life.of('create-container', effects).map((effect) => effect.container),
    ['a', 'b'],
  );
  assert.equal(life.state.next?.sandbox.at, 'ready');
  assert.deepEqual(life.of('start-container', effects), []);
});

test('it starts when the last old container is dead, and not before', () => {
  const life = Life.running(staticPod('v1', two));
  life.want(staticPod('v2', two));
  life.go();
  life.ends('a', 0);
  assert.deepEqual(life.of('start-container', life.go()), []);
  assert.deepEqual(uids(life), ['v1', 'v2']);
  life.ends('b', 0);
  assert.deepEqual(
    told(life.pending).filter((line) => line.startsWith('start')),
    ['start-container a'],
  );
  life.go();
  assert.deepEqual(uids(life), ['v2', undefined]);
  assert.deepEqual([life.slot('a').phase.at, life.slot('b').phase.at], ['running', 'running']);
});

test('the init containers of the new one wait as well', () => {
  const life = Life.running(staticPod('v1'));
  const effects = [...life.want(staticPod('v2', { initContainers: [container('init')] })), ...life.go()];
  assert.deepEqual(life.of('start-container', effects), []);
  life.ends('main');
  life.go();
  assert.equal(life.slot('init').phase.at, 'running');
});

test('SIGKILL comes when the grace is over since the signal was taken, and again if that shows nothing', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 7 }));
  life.wantGone();
  life.nowMs += 1_500;
  life.go();
  const killed = (effects = life.issued) => life.of('kill', effects).map(({ signal }) => signal);
  assert.deepEqual(killed(), ['SIGTERM']);
  assert.deepEqual(killed(life.pass(6_999)), []);
  assert.deepEqual(killed(life.pass(1)), ['SIGKILL']);
  assert.deepEqual(killed(life.pass(9_999)), []);
  assert.deepEqual(killed(life.pass(1)), ['SIGKILL']);
});

test('while the engine has not taken the stop signal there is no SIGKILL, however long it takes', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 7 }));
  life.held.add('kill');
  life.wantGone();
  life.nowMs += 60_000;
  life.send({ type: 'tick' });
  assert.deepEqual(told(life.pending), ['kill main SIGTERM']);
});

for (const [seconds, graceSeconds] of [
  [0, 2],
  [1, 2],
  [undefined, 30],
  [45, 45],
] as const) {
  test(`terminationGracePeriodSeconds ${seconds} leaves ${graceSeconds} s`, () => {
    const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: seconds }));
    const { nowMs } = life;
    life.wantGone();
    life.go();
    life.pass((life.wakeAtMs ?? 0) - nowMs);
    assert.equal(life.of('kill').at(-1)?.signal, 'SIGKILL');
    assert.equal(life.nowMs - nowMs, graceSeconds * 1000);
  });
}

test("the stop signal is the image's, and the manifest's goes before it", () => {
  const lifecycle = { stopSignal: 'SIGUSR1' };
  const life = Life.running(staticPod('v1', { containers: [container('a'), container('b', { lifecycle })] }));
  for (const name of ['a', 'b']) {
    const seen = life.engine.get(life.idOf(name));
    assert.ok(seen);
    life.send({ type: 'observed', observation: { ...seen, stopSignal: 'SIGQUIT' } });
  }
  assert.deepEqual(told(life.wantGone()), ['kill a SIGQUIT', 'kill b SIGUSR1']);
});

const clashing: [string, Partial<PodSpec>, Partial<PodSpec>, boolean][] = [
  ['no host port', {}, {}, false],
  [
    'host ports on both sides',
    { containers: [withHostPort('main')] },
    { containers: [withHostPort('main')] },
    true,
  ],
  ['a host port on the old side only', { containers: [withHostPort('main')] }, {}, false],
  ['a host port on the new side only', {}, { containers: [withHostPort('main')] }, false],
  ['host network on both sides', { hostNetwork: true }, { hostNetwork: true }, true],
  ['host network on one side', { hostNetwork: true }, {}, false],
];
for (const [what, before, after, waits] of clashing) {
  test(`${what}: the new sandbox ${waits ? 'waits for the end of the old' : 'is made at once'}`, () => {
    const life = Life.running(staticPod('v1', before));
    const effects = [...life.want(staticPod('v2', after)), ...life.go()];
    assert.equal(life.of('create-sandbox', effects).length, waits ? 0 : 1);
    life.ends('main');
    life.go();
    assert.deepEqual(uids(life), ['v2', undefined]);
    assert.equal(life.slot('main').phase.at, 'running', 'without waiting for anything more');
  });
}

test('with host ports, the old sandbox is gone before the new one is created', () => {
  const ports = { containers: [withHostPort('main')] };
  const life = Life.running(staticPod('v1', ports));
  life.want(staticPod('v2', ports));
  life.go();
  life.held.add('remove');
  life.ends('main');
  life.go();
  assert.equal(life.of('create-sandbox').length, 1);
  life.held.clear();
  life.go();
  assert.equal(life.of('create-sandbox').length, 2);
});

test('of five edits during a grace only the last starts; what was prepared for the others goes', () => {
  const life = Life.running(staticPod('v1'));
  for (const uid of ['v2', 'v3', 'v4', 'v5', 'v6']) {
    life.want(staticPod(uid));
    life.go();
    life.nowMs += 1_000;
  }
  const startedBefore = life.of('start-container').length;
  life.ends('main');
  life.go();
  life.pass(60_000);
  assert.deepEqual(uids(life), ['v6', undefined]);
  assert.equal(life.of('start-container').length, startedBefore + 1);
  assert.deepEqual(new Set([...life.engine.values()].map(({ identity }) => identity.uid)), new Set(['v6']));
  assert.equal(life.of('kill').length, 1, 'the grace began once');
  assert.deepEqual(
    life
      .of('clean-host')
      .map(({ uid }) => uid)
      .toSorted(),
    ['v1', 'v2', 'v3', 'v4', 'v5'],
  );
});

test('an edit back to what stops does not bring it back to life: it stops, and starts anew', () => {
  const life = Life.running(staticPod('v1'));
  const first = life.idOf('main');
  life.want(staticPod('v2'));
  life.go();
  life.want(staticPod('v1'));
  life.go();
  assert.equal(life.state.current?.stage, 'terminating');
  assert.equal(life.state.next, undefined);
  life.ends('main');
  life.go();
  life.pass(10_000);
  assert.deepEqual(uids(life), ['v1', undefined]);
  assert.notEqual(life.idOf('main'), first);
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.slot('main').restartCount, 0);
});

test('the same Pod said again changes nothing', () => {
  const life = Life.running(staticPod('v1'));
  assert.deepEqual(life.want(staticPod('v1')), []);
  assert.equal(life.state.next, undefined);
});

test('a Pod removed while it starts is stopped as soon as the call under way is answered', () => {
  const life = new Life();
  life.held.add('start-container');
  life.want(staticPod('v1'));
  life.go();
  life.wantGone();
  life.go();
  assert.deepEqual(life.of('kill'), []);
  life.held.clear();
  life.go();
  assert.deepEqual(
    life.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
  life.ends('main');
  life.go();
  assert.equal(life.engine.size, 0);
  assert.equal(life.state.current, undefined);
});

test('while it stops nothing more of it is pulled or created', () => {
  const life = new Life();
  life.failNext('create-container', 'ContainerCreateFailed');
  life.want(staticPod('v1', { containers: [container('late'), container('early')] }));
  life.go();
  life.wantGone();
  const before = life.of('create-container').length;
  life.go();
  life.pass(25_000);
  assert.equal(life.of('create-container').length, before);
});

test('what a dropped generation asked for and gets late is removed', () => {
  const life = Life.running(staticPod('v1'));
  life.held.add('create-sandbox');
  life.want(staticPod('v2'));
  life.go();
  life.want(staticPod('v3'));
  life.held.clear();
  life.go();
  life.ends('main');
  life.go();
  life.pass(60_000);
  assert.deepEqual(new Set([...life.engine.values()].map(({ identity }) => identity.uid)), new Set(['v3']));
});
