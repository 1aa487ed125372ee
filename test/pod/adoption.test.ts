// After a crash: from the checkpoint, or from the labels on the engine alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText, restore } from '../../src/pod/checkpoint.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

/** monopod dies and starts again on the same engine; `undefined`: the checkpoint is lost. */
function reborn(life: Life, checkpoint: string | undefined = checkpointText(life.state, undefined)): Life {
  const next = new Life();
  next.nowMs = life.nowMs;
  for (const [id, seen] of life.engine) next.engine.set(id, seen);
  const restored = checkpoint === undefined ? undefined : restore(checkpoint);
  if (restored) next.state = restored.state;
  return next;
}

/** Ids must not repeat those of the life before. */
const lost = (life: Life) => {
  const next = new Life();
  next.nowMs = life.nowMs;
  for (const seen of life.engine.values())
    next.engine.set(`old-${seen.id}`, { ...seen, id: `old-${seen.id}` });
  for (const seen of next.engine.values()) {
    const sandbox = seen.labels['io.kubernetes.sandbox.id'];
    if (sandbox)
      next.engine.set(seen.id, { ...seen, labels: { 'io.kubernetes.sandbox.id': `old-${sandbox}` } });
  }
  return next;
};

/** Directories are prepared again, that is all. */
const changes = (life: Life) =>
  Life.told(life.issued).filter((line) => !/^(list|prepare-host|read-message)/.test(line));

test('from the checkpoint: nothing is done, and all is known', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('init')] }));
  life.ends('init', 0);
  life.go();
  life.ends('main', 1);
  life.go();
  const next = reborn(life);
  next.send({ type: 'tick' });
  next.go();
  assert.deepEqual(changes(next), []);
  assert.deepEqual(next.slot('main').phase, life.slot('main').phase);
  assert.equal(next.slot('main').restartCount, 1);
  assert.deepEqual(next.slot('main').backOff, life.slot('main').backOff);
  next.want(staticPod('v1', { initContainers: [container('init')] }));
  next.go();
  assert.deepEqual(changes(next), []);
});

test('it does not stop or start anything before the source has spoken', () => {
  const life = Life.running(staticPod('v1'));
  const next = reborn(life);
  next.send({ type: 'tick' });
  next.go();
  next.pass(600_000);
  assert.deepEqual(changes(next), []);
  next.wantGone();
  assert.deepEqual(Life.told(next.go()), []);
  assert.deepEqual(changes(next), ['kill main SIGTERM']);
});

test('what died while monopod was down is one restart, by its policy and back-off', () => {
  const life = Life.running(staticPod('v1'));
  const checkpoint = checkpointText(life.state, undefined);
  life.ends('main', 1, false);
  const next = reborn(life, checkpoint);
  next.send({ type: 'tick' });
  next.go();
  assert.equal(next.slot('main').phase.at, 'running');
  assert.equal(next.slot('main').restartCount, 1);
});

test('a termination under way finishes with the grace that is left', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 20 }));
  life.wantGone();
  life.go();
  life.pass(12_000);
  const next = reborn(life);
  next.nowMs += 3_000;
  next.send({ type: 'tick' });
  next.go();
  assert.deepEqual(next.of('kill'), [], 'SIGTERM was taken before');
  next.pass(4_999);
  assert.deepEqual(next.of('kill'), []);
  next.pass(1);
  assert.deepEqual(
    next.of('kill').map(({ signal }) => signal),
    ['SIGKILL'],
  );
});

test('a stop signal whose answer was not seen is sent again', () => {
  const life = Life.running(staticPod('v1'));
  life.wantGone();
  const next = reborn(life);
  next.send({ type: 'tick' });
  next.go();
  assert.deepEqual(
    next.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
});

test('an edit meanwhile: the old one is stopped gracefully, then replaced', () => {
  const life = Life.running(staticPod('v1'));
  const next = reborn(life);
  next.want(staticPod('v2'));
  next.go();
  assert.deepEqual(
    next.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
  assert.deepEqual(next.of('start-container'), []);
});

for (const type of ['create-sandbox', 'start-sandbox', 'create-container', 'start-container'] as const) {
  test(`killed between ${type} and its answer: nothing is made twice`, () => {
    const life = new Life();
    life.held.add(type);
    life.want(staticPod('v1'));
    life.go();
    const checkpoint = checkpointText(life.state, undefined);
    life.held.clear();
    life.answer(life.waiting(type));
    const next = reborn(life, checkpoint);
    next.send({ type: 'tick' });
    next.go();
    assert.equal(next.slot('main').phase.at, 'running');
    assert.equal(next.slot('main').restartCount, 0);
    assert.equal(next.engine.size, 2);
  });
}

for (const type of ['create-sandbox', 'start-sandbox', 'create-container', 'start-container'] as const) {
  test(`killed before ${type} reached the engine: it is done then`, () => {
    const life = new Life();
    life.held.add(type);
    life.want(staticPod('v1'));
    life.go();
    const next = reborn(life);
    next.send({ type: 'tick' });
    next.go();
    assert.equal(next.slot('main').phase.at, 'running');
  });
}

test('by labels alone: what runs is adopted, restart counts included, once the source says what it is', () => {
  const pod = staticPod('v1', { containers: [container('a'), container('b')] });
  const life = Life.running(pod);
  life.ends('a', 1);
  life.go();
  const next = lost(life);
  next.want(pod);
  next.go();
  assert.deepEqual(changes(next), []);
  assert.equal(next.slot('a').restartCount, 1);
  assert.equal(next.slot('a').last?.exitCode, 1, 'the attempt before is found too');
  assert.equal(next.slot('b').phase.at, 'running');
  next.ends('b', 1);
  next.go();
  assert.equal(next.of('create-container')[0]?.attempt, 1, 'the next name is free');
});

test('by labels alone: init containers that have run are not run again', () => {
  const pod = staticPod('v1', { initContainers: [container('init')] });
  const life = Life.running(pod);
  life.ends('init', 0);
  life.go();
  const next = lost(life);
  next.want(pod);
  next.go();
  assert.deepEqual(changes(next), []);
});

for (const [policy, exitCode] of [
  ['Never', 1],
  ['OnFailure', 0],
] as const) {
  test(`by labels alone: a Pod that has ended under ${policy} is not run again`, () => {
    const pod = staticPod('v1', { restartPolicy: policy });
    const life = Life.running(pod);
    life.ends('main', exitCode);
    life.go();
    const next = lost(life);
    next.want(pod);
    next.go();
    assert.deepEqual(changes(next), []);
    assert.equal(next.state.current?.stage, 'finished');
  });
}

test('knowing neither manifest nor checkpoint, nothing is touched', () => {
  const next = lost(Life.running(staticPod('v1')));
  next.send({ type: 'engine', available: false, sinceMs: next.nowMs, message: 'away' });
  next.send({ type: 'engine', available: true, sinceMs: next.nowMs, message: 'back' });
  next.go();
  next.pass(600_000);
  assert.deepEqual(changes(next), []);
  next.want(staticPod('v1'));
  next.go();
  assert.deepEqual(changes(next), []);
  assert.equal(next.slot('main').phase.at, 'running');
});

test('by labels alone, but of another UID: stopped gracefully, removed, and only then the new one starts', () => {
  const life = Life.running(staticPod('v1'));
  const next = lost(life);
  next.want(staticPod('v2'));
  next.go();
  assert.deepEqual(
    next.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
  assert.deepEqual(next.of('start-container'), []);
  next.ends('main', 0);
  next.go();
  assert.equal(next.slot('main').phase.at, 'running');
  assert.equal(next.state.current?.staticPod.uid, 'v2');
  next.pass(10_000);
  assert.deepEqual(new Set([...next.engine.values()].map(({ identity }) => identity.uid)), new Set(['v2']));
});

test('a checkpoint is whole: what is read is what was written', () => {
  const life = Life.running(staticPod('v1'));
  life.want(staticPod('v2'));
  life.go();
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const restored = restore(checkpointText(life.state, conditions));
  assert.deepEqual(restored?.conditions, conditions);
  assert.deepEqual(restored?.state.desired, { want: 'undecided' });
  assert.deepEqual(restored?.state.list, { at: 'due' });
  const [main] = restored?.state.current?.containers ?? [];
  assert.equal(JSON.stringify(main?.phase), JSON.stringify(life.slot('main').phase));
  assert.equal(restored?.state.next?.staticPod.uid, 'v2');
});

for (const [what, text] of [
  ['nothing', ''],
  ['half of one', checkpointText(Life.running(staticPod('v1')).state, undefined).slice(0, -40)],
  ['no object', 'null'],
  ['of another version', '{"version":2,"state":{"key":"a/b"}}'],
  ['without a state', '{"version":1}'],
  ['without lists', '{"version":1,"state":{"key":"a/b"}}'],
  [
    'of another shape',
    '{"version":1,"state":{"key":"a/b","leftovers":[],"cleanups":[],"current":{"containers":7}}}',
  ],
] as const) {
  test(`a damaged checkpoint (${what}) is none`, () => assert.equal(restore(text), undefined));
}
