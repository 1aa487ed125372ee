// From a manifest to running containers: what is asked of the engine, in which order, and what happens beside what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '../../src/errors.ts';
import type { Effect } from '../../src/pod/events.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const told = Life.told;

test('nothing is done before the engine has said what it has', () => {
  const life = new Life();
  assert.deepEqual(told(life.want(staticPod('v1'))), ['list']);
  assert.deepEqual(life.send({ type: 'tick' }), []);
  const next = told(life.answer(life.waiting('list')));
  assert.deepEqual(next.toSorted(), ['create-sandbox', 'prepare-host']);
});

test('the container is created while the sandbox starts, and started when that is ready', () => {
  const life = new Life();
  life.held.add('start-sandbox');
  life.want(staticPod('v1'));
  life.go();
  assert.deepEqual(told(life.pending), ['start-sandbox']);
  assert.equal(life.of('create-container').length, 1);
  assert.equal(life.slot('main').phase.at, 'created');
  assert.equal(life.of('start-container').length, 0);
  life.held.clear();
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
});

test('a container is not created before its directories are there', () => {
  const life = new Life();
  life.held.add('prepare-host');
  life.want(staticPod('v1'));
  life.go();
  assert.equal(life.of('create-container').length, 0);
  assert.equal(life.state.current?.sandbox.at, 'ready');
});

test('one that asks for the address of its Pod is created when that is known', () => {
  const env = [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
  const life = new Life();
  life.held.add('start-sandbox');
  life.want(staticPod('v1', { containers: [container('plain'), container('asks', { env })] }));
  life.go();
  assert.deepEqual(
    life.of('create-container').map((effect) => effect.container),
    ['plain'],
  );
  life.held.clear();
  life.go();
  assert.equal(life.slot('asks').phase.at, 'running');
  assert.deepEqual(life.state.current?.ips, ['172.17.0.2']);
});

test("main containers start in the manifest's order, one after the other's answer", () => {
  const life = new Life();
  life.held.add('start-container');
  life.want(staticPod('v1', { containers: [container('a'), container('b'), container('c')] }));
  const order: string[] = [];
  for (life.go(); life.pending.length > 0; life.go()) {
    assert.equal(life.pending.length, 1, 'one start at a time');
    const start = life.waiting('start-container');
    order.push(start.container);
    life.answer(start);
  }
  assert.deepEqual(order, ['a', 'b', 'c']);
});

test('one that is still being pulled or created keeps its place; one that has failed is passed by', () => {
  const life = new Life();
  life.held.add('create-container');
  life.want(staticPod('v1', { containers: [container('a', { imagePullPolicy: 'Always' }), container('b')] }));
  life.held.add('ensure-image');
  life.go();
  const created = (name: string) =>
    life.of('create-container', life.pending).find((effect) => effect.container === name) as Effect;
  life.answer(created('b'));
  life.go();
  assert.deepEqual(life.of('start-container'), [], 'a is being pulled');
  life.held.delete('ensure-image');
  life.go();
  assert.deepEqual(life.of('start-container'), [], 'a is being created');
  life.answer(created('a'), fail('ContainerCreateFailed', 'no'));
  life.go();
  assert.deepEqual(
    life.of('start-container').map((effect) => effect.container),
    ['b'],
  );
  life.held.clear();
  life.pass(10_000);
  assert.equal(life.slot('a').phase.at, 'running');
});

test('init containers run one after the other to their end, then the main ones', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('i1'), container('i2')] }));
  const started = () => life.of('start-container').map((effect) => effect.container);
  assert.deepEqual(started(), ['i1']);
  life.ends('i1', 0);
  life.go();
  assert.deepEqual(started(), ['i1', 'i2']);
  life.ends('i2', 0);
  life.go();
  assert.deepEqual(started(), ['i1', 'i2', 'main']);
});

test('an init container that fails is tried again, and holds up what comes after it', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('i1')] }));
  life.ends('i1', 1);
  life.go();
  assert.equal(life.slot('i1').phase.at, 'running');
  assert.equal(life.slot('i1').restartCount, 1);
  life.ends('i1', 1);
  life.go();
  assert.equal(life.slot('i1').phase.at, 'exited', 'the second time it backs off');
  assert.equal(life.slot('main').phase.at, 'created');
  life.pass(10_000);
  assert.equal(life.slot('i1').phase.at, 'running');
  life.ends('i1', 0);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
});

for (const [policy, asked] of [
  ['Always', ['Always']],
  ['IfNotPresent', []],
  ['Never', []],
] as const) {
  test(`imagePullPolicy ${policy}, the image is there: ${asked.length} questions`, () => {
    const life = Life.running(
      staticPod('v1', { containers: [container('main', { imagePullPolicy: policy })] }),
    );
    assert.deepEqual(
      life.of('ensure-image').map((effect) => effect.policy),
      asked,
    );
    assert.equal(life.slot('main').phase.at, 'running');
  });
}

test('IfNotPresent: the create call finds no image, it is pulled, and create is tried again', () => {
  const life = new Life();
  life.failNext('create-container', 'NoSuchImage');
  life.want(staticPod('v1'));
  const effects = told(life.go()).filter((line) => /image|container/.test(line));
  assert.deepEqual(effects, [
    'create-container main',
    'ensure-image main',
    'create-container main',
    'start-container main',
  ]);
  assert.equal(life.slot('main').problem, undefined);
});

test('Never: a missing image is ErrImageNeverPull, asked for again with back-off', () => {
  const life = new Life();
  life.failNext('create-container', 'NoSuchImage');
  life.failNext('ensure-image', 'ImageNeverPull');
  life.want(staticPod('v1', { containers: [container('main', { imagePullPolicy: 'Never' })] }));
  life.go();
  assert.equal(life.slot('main').problem?.reason, 'ErrImageNeverPull');
  assert.equal(life.pass(9_999).length, 0);
  life.pass(1);
  assert.equal(life.slot('main').phase.at, 'running');
});

test('a pull that fails is tried after 10 s, 20 s, 40 s … 5 min', () => {
  const life = new Life();
  for (let count = 0; count < 8; count++) life.failNext('ensure-image', 'ImagePullFailed');
  life.want(staticPod('v1', { containers: [container('main', { imagePullPolicy: 'Always' })] }));
  life.go();
  const waits: number[] = [];
  for (let count = 0; count < 7; count++) {
    const beforeMs = life.nowMs;
    life.pass((life.wakeAtMs ?? 0) - beforeMs);
    waits.push((life.nowMs - beforeMs) / 1000);
  }
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300]);
});

test('pulls begin at once, beside the sandbox', () => {
  const life = new Life();
  life.held.add('create-sandbox').add('prepare-host').add('ensure-image');
  life.want(staticPod('v1', { containers: [container('main', { imagePullPolicy: 'Always' })] }));
  life.go();
  assert.ok(life.waiting('ensure-image'));
});

test('a missing pause image is pulled, then the sandbox is created', () => {
  const life = new Life();
  life.failNext('create-sandbox', 'NoSuchImage');
  life.want(staticPod('v1'));
  life.go();
  assert.deepEqual(
    life.of('ensure-image').map(({ image, policy }) => [image, policy]),
    [['pause', 'IfNotPresent']],
  );
  assert.equal(life.slot('main').phase.at, 'running');
});

test('host preparation that fails is tried again, and is said', () => {
  const life = new Life();
  life.failNext('prepare-host', 'HostPreparationFailed', 'no space');
  life.want(staticPod('v1'));
  life.go();
  assert.equal(life.state.current?.hostProblem?.reason, 'FailedMount');
  assert.equal(life.of('create-container').length, 0);
  life.pass(499);
  assert.equal(life.of('prepare-host').length, 1);
  life.pass(1);
  assert.equal(life.slot('main').phase.at, 'running');
  assert.equal(life.state.current?.hostProblem, undefined);
});

for (const type of ['create-sandbox', 'create-container'] as const) {
  test(`${type} that finds its name taken takes another`, () => {
    const life = new Life();
    life.failNext(type, 'NameInUse');
    life.want(staticPod('v1'));
    life.go();
    life.pass(10_000);
    const attempts = life.of(type).map(({ attempt }) => attempt);
    assert.equal(new Set(attempts).size, 2, String(attempts));
    assert.equal(life.slot('main').phase.at, 'running');
    assert.equal(life.slot('main').restartCount, 0, 'a name that was taken is no restart');
  });
}

test('the transition is pure: what went in is as it was, and the same goes in twice with the same result', () => {
  const life = Life.running(staticPod('v1'));
  const before = structuredClone(life.state);
  const observation = { ...life.engine.get(life.idOf('main')), state: 'exited', exitCode: 1 };
  const event = { type: 'observed', observation } as Parameters<Life['send']>[0];
  const state = life.state;
  const first = life.send(event);
  const second = (() => {
    life.state = state;
    return life.send(event);
  })();
  assert.deepEqual(state, before);
  assert.deepEqual(second, first);
});
