// The engine goes away, hangs, or says something unknown: nothing is planned on guesses, and nothing is counted for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const away = (life: Life) =>
  life.send({ type: 'engine', available: false, sinceMs: life.nowMs, message: 'connect ECONNREFUSED' });
const back = (life: Life) =>
  life.send({ type: 'engine', available: true, sinceMs: life.nowMs, message: 'it answers' });

test('while it is away nothing is done but to ask, with back-off', () => {
  const life = Life.running(staticPod('v1'));
  for (let count = 0; count < 5; count++) life.failNext('list', 'EngineUnavailable');
  away(life);
  life.want(staticPod('v2'));
  const effects = life.pass(10_000);
  assert.deepEqual(new Set(effects.map(({ type }) => type)), new Set(['list']));
  assert.equal(effects.length, 4, '0.5 s, 1 s, 2 s, 4 s');
  assert.equal(life.state.engine.available, false);
});

test('when it is back the list comes first, then what was wanted meanwhile', () => {
  const life = Life.running(staticPod('v1'));
  away(life);
  assert.deepEqual(life.wantGone(), []);
  assert.deepEqual(Life.told(back(life)), ['list']);
  assert.equal(life.state.engine.available, false, 'only the list shows that it answers');
  life.go();
  assert.deepEqual(
    life.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
  assert.equal(life.state.engine.available, true);
});

test('what ran on runs on: no restart, no call but the list', () => {
  const life = Life.running(staticPod('v1', { containers: [container('a'), container('b')] }));
  away(life);
  back(life);
  assert.deepEqual(Life.told(life.go()), []);
  assert.deepEqual([life.slot('a').restartCount, life.slot('b').restartCount], [0, 0]);
});

test('what went down with it comes back at once, and no restart is counted', () => {
  const life = Life.running(staticPod('v1', { containers: [container('a'), container('b')] }));
  for (let times = 0; times < 3; times++) {
    // The engine may still report an end or two before it goes.
    life.ends('a', 143);
    away(life);
    life.pass(1_000);
    for (const name of ['b', 'POD']) life.ends(name, 143, false);
    back(life);
    life.go();
    life.pass(100);
    assert.deepEqual([life.slot('a').phase.at, life.slot('b').phase.at], ['running', 'running']);
  }
  assert.equal(life.slot('b').restartCount, 0);
});

test('what dies long after the engine came back is not excused by that', () => {
  const life = Life.running(staticPod('v1'));
  away(life);
  back(life);
  life.go();
  life.pass(60_000);
  for (const name of ['main', 'POD']) life.ends(name, 137, false);
  life.send({
    type: 'listed',
    containers: [...life.engine.values()].map(({ id, state }) => ({ id, state })),
  });
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.slot('main').restartCount, 1);
});

test('one container that died by itself while the engine was away is one restart', () => {
  const life = Life.running(staticPod('v1'));
  away(life);
  life.ends('main', 1, false);
  back(life);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.slot('main').restartCount, 1);
});

for (const type of ['create-sandbox', 'create-container', 'start-sandbox', 'start-container'] as const) {
  for (const code of ['EngineTimeout', 'EngineUnavailable', 'ThreadExited'] as const) {
    test(`${type} answered by ${code}: the engine is asked what became of it, nothing is made twice`, () => {
      const life = new Life();
      life.held.add(type);
      life.want(staticPod('v1'));
      life.go();
      const effect = life.waiting(type);
      life.held.clear();
      // It was carried out, but nobody heard.
      life.answer(effect);
      const whole = life.state;
      const lost = new Life();
      lost.held.add(type);
      lost.want(staticPod('v1'));
      lost.go();
      for (const [id, seen] of life.engine) lost.engine.set(id, seen);
      const [first] = lost.answer(lost.waiting(type), { ok: false, error: { code, message: 'lost' } });
      assert.equal(first, undefined, 'it waits before it asks');
      lost.held.clear();
      lost.pass(1_000);
      assert.equal(lost.slot('main').phase.at, 'running');
      assert.equal(lost.slot('main').restartCount, 0);
      assert.equal(lost.engine.size, 2);
      assert.equal(lost.of('create-sandbox').length, 1);
      assert.equal(lost.slot('main').problem, undefined);
      assert.ok(whole.current);
    });
  }
}

for (const restartPolicy of ['Never', 'Always'])
  test(`${restartPolicy}: a start that the engine could not see to is no end of the container: it is started again`, () => {
    const life = new Life();
    life.failNext('start-container', 'EngineError', 'ttrpc: closed');
    life.want(staticPod('v1', { restartPolicy, containers: [container('a'), container('b')] }));
    life.go();
    assert.equal(life.slot('a').phase.at, 'created');
    assert.match(life.slot('a').problem?.message ?? '', /ttrpc: closed/);
    assert.equal(life.slot('b').phase.at, 'running', 'it holds up no other');
    assert.equal(life.of('start-container').filter(({ container: name }) => name === 'a').length, 1);
    life.pass(10_000);
    assert.equal(life.slot('a').phase.at, 'running');
    assert.equal(life.slot('a').problem, undefined);
    assert.equal(life.slot('a').restartCount, 0);
    assert.equal(life.of('create-container').length, 2);
  });

test('a stop signal whose fate is unknown is sent again, and the grace runs from then', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 10 }));
  life.held.add('kill');
  life.wantGone();
  life.nowMs += 120_000;
  life.held.clear();
  life.answer(life.waiting('kill'), { ok: false, error: { code: 'EngineTimeout', message: 'hangs' } });
  life.pass(1_000);
  assert.deepEqual(
    life.of('kill').map(({ signal }) => signal),
    ['SIGTERM', 'SIGTERM'],
  );
  life.pass(9_000);
  assert.equal(life.of('kill').length, 2, 'less than the grace since it was taken');
  life.pass(1_000);
  assert.equal(life.of('kill').at(-1)?.signal, 'SIGKILL');
});

test('a list without detail that agrees costs nothing; one that does not leads to one with detail', () => {
  const life = Life.running(staticPod('v1'));
  const containers = () => [...life.engine.values()].map(({ id, state }) => ({ id, state }));
  assert.deepEqual(life.send({ type: 'listed', containers: containers() }), []);
  life.ends('main', 1, false);
  assert.deepEqual(Life.told(life.send({ type: 'listed', containers: containers() })), ['list']);
  life.go();
  assert.equal(life.slot('main').restartCount, 1);
  const stranger = { id: 'stranger', state: 'running' as const };
  assert.deepEqual(Life.told(life.send({ type: 'listed', containers: [...containers(), stranger] })), [
    'list',
  ]);
});
