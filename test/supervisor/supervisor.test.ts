// The supervisor with threads that only note what they are told: dispatch, admission, adoption, sweep, revival.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { entry, podOf, sourceId, update } from './entries.ts';
import { supervised } from './supervised.ts';

let rootDir = '';
beforeEach(() => {
  rootDir = mkdtempSync(join(tmpdir(), 'kt-supervisor-'));
});
afterEach(() => rmSync(rootDir, { recursive: true, force: true }));

const node = (maxPods?: number, sourceIds?: string[]) => supervised(rootDir, maxPods, sourceIds);

const observed = (name: string): ContainerObservation => {
  const identity = { name, namespace: 'default', uid: `${name}-1` };
  return { id: name, key: `default/${name}`, identity, name: 'main', labels: {} } as ContainerObservation;
};

const checkpointOf = (staticPod: StaticPod, stage: 'active' | 'terminating' = 'active') => {
  const generation = newGeneration(1, staticPod, stage, 0);
  if (stage === 'terminating') generation.termination = { sinceMs: 0, deadlineMs: 1, graceMs: 1 };
  return checkpointText(
    { ...newPodState(staticPod.key, { want: 'undecided' }), current: generation },
    undefined,
  );
};

test('each Pod gets an actor; an edit goes to the same one, the same again goes to nobody', async () => {
  const on = node();
  on.supervisor.update(update([entry(podOf('a')), entry(podOf('b'))], { full: true }));
  on.supervisor.update(update([entry(podOf('a', 2))]));
  on.supervisor.update(update([entry(podOf('a', 2)), entry(podOf('b'))]));
  assert.equal(on.threads.length, 2);
  assert.deepEqual(
    on.actor('a').told.map(({ uid }) => uid),
    ['a-1', 'a-2'],
  );
  assert.deepEqual(
    on.actor('b').told.map(({ uid }) => uid),
    ['b-1'],
  );
});

test('a manifest that goes stops its Pod; its actor ends when it says that it is done', async () => {
  const on = node();
  on.supervisor.update(update([entry(podOf('a'))], { full: true }));
  on.supervisor.published('default/a', podOf('a').pod);
  on.supervisor.update(update([], { removed: ['/m/a.yaml'] }));
  assert.equal(on.last('a')?.want, 'gone');
  assert.deepEqual(on.names(), ['a undefined']);
  on.end('a');
  assert.deepEqual([on.names(), on.actor('a').ended, on.detached], [[], true, ['default/a']]);
});

test('an end that was overtaken by a new word does not count', async () => {
  const on = node();
  on.supervisor.update(update([entry(podOf('a'))], { full: true }));
  on.supervisor.update(update([], { removed: ['/m/a.yaml'] }));
  const version = on.last('a')?.version ?? 0;
  on.supervisor.update(update([entry(podOf('a'))]));
  on.supervisor.ended('default/a', version);
  assert.equal(on.actor('a').ended, false);
  assert.equal(on.last('a')?.want, 'run');
});

test('no room: OutOfpods, and admitted in order as soon as there is', async () => {
  const on = node(1);
  on.supervisor.update(update([entry(podOf('a')), entry(podOf('b')), entry(podOf('c'))], { full: true }));
  assert.deepEqual(on.names(), ['b OutOfpods', 'c OutOfpods']);
  on.supervisor.update(update([entry(podOf('b', 2))]));
  on.supervisor.update(update([], { removed: ['/m/a.yaml'] }));
  assert.equal(on.threads.length, 1, 'what stops still takes its room');
  on.end('a');
  assert.equal(on.last('b')?.uid, 'b-2');
  assert.equal(on.threads.length, 2);
  on.supervisor.update(update([], { removed: ['/m/c.yaml'] }));
  on.supervisor.published('default/b', podOf('b').pod);
  assert.deepEqual(on.names(), ['b undefined']);
});

test('Pods of the run before are taken up from their checkpoints, and left alone until the source speaks', async () => {
  writeCheckpoint(rootDir, 'default/a', checkpointOf(podOf('a')));
  writeCheckpoint(rootDir, 'default/b', checkpointOf(podOf('b'), 'terminating'));
  writeCheckpoint(rootDir, 'default/c', '{"version":1,"state":{"key":"default/c"}}');
  const on = node();
  const lastGood = on.supervisor.adopt(() => sourceId);
  assert.deepEqual(
    lastGood.get(sourceId)?.map(({ uid }) => uid),
    ['a-1'],
    'one that was to stop is not wanted',
  );
  assert.deepEqual(on.threads.map(({ boot }) => boot.key).toSorted(), ['default/a', 'default/b']);
  assert.ok(on.actor('a').boot.checkpoint);
  assert.equal(on.actor('a').boot.known, undefined, 'it asks the engine itself');
  assert.deepEqual(on.actor('a').told, []);
  assert.ok(on.logged.some((line) => line.startsWith('a damaged checkpoint')));
  on.supervisor.update(update([entry(podOf('a'))], { full: true }));
  assert.deepEqual([on.last('a')?.want, on.last('b')?.want], ['run', 'gone']);
});

test('an adopted Pod is shown as last seen until its actor speaks; one that stopped is not brought back', async () => {
  writeCheckpoint(rootDir, 'default/a', checkpointOf(podOf('a')));
  const ended = { ...newPodState('default/b', { want: 'undecided' }), cleanups: [] };
  writeCheckpoint(rootDir, 'default/b', checkpointText(ended, undefined));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  assert.deepEqual(on.names(), ['a Pending']);
  on.supervisor.published('default/a', { ...podOf('a').pod, status: { phase: 'Running' } });
  assert.equal(on.table.get('default/a')?.status?.phase, 'Running');
});

test('a checkpoint from which nothing can be shown is the affair of its actor alone', async () => {
  writeCheckpoint(rootDir, 'default/a', checkpointOf(podOf('a')));
  const odd = JSON.parse(checkpointOf(podOf('b')));
  odd.state.current.containers = [{ phase: { at: 'waiting' } }];
  writeCheckpoint(rootDir, 'default/b', JSON.stringify(odd));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  assert.deepEqual(on.threads.map(({ boot }) => boot.key).toSorted(), ['default/a', 'default/b']);
  assert.deepEqual(on.names(), ['a Pending']);
  assert.ok(on.logged.some((line) => line.startsWith('a Pod cannot be shown from its checkpoint')));
});

test('an adopted Pod keeps its name against an earlier path', async () => {
  writeCheckpoint(rootDir, 'default/web', checkpointOf({ ...podOf('web'), origin: '/m/z.yaml' }));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  on.supervisor.update(
    update([entry(podOf('web', 2), { origin: '/m/a.yaml' }), entry(podOf('web'), { origin: '/m/z.yaml' })], {
      full: true,
    }),
  );
  assert.deepEqual(
    on.actor('web').told.map(({ uid }) => uid),
    ['web-1'],
  );
});

test('what may be of any source is not swept while one is silent or cannot be read', async () => {
  writeCheckpoint(rootDir, 'default/a', checkpointOf(podOf('a')));
  const other = 'http:x';
  const on = node(110, [sourceId, other]);
  on.supervisor.adopt(() => undefined);
  on.supervisor.engineHas([observed('stranger')]);
  on.supervisor.update(update([], { full: true }));
  on.supervisor.update(
    update([], { sourceId: other, full: true, unreadable: { message: 'EACCES', sinceMs: 0 } }),
  );
  assert.equal(on.threads.length, 1);
  assert.deepEqual(on.actor('a').told, []);
  assert.match(
    on.supervisor.hearing.troubles()[0]?.message ?? '',
    /http:x cannot be read since 1970-01-01T00:00:00Z: EACCES/,
  );
  on.supervisor.update(update([], { sourceId: other }));
  assert.deepEqual(on.supervisor.hearing.troubles(), []);
  assert.deepEqual([on.last('a')?.want, on.last('stranger')?.want], ['gone', 'gone']);
});

test('a source that was heard and then cannot be read holds up the sweep as well', async () => {
  writeCheckpoint(rootDir, 'default/a', checkpointOf(podOf('a')));
  const other = 'http:x';
  const on = node(110, [sourceId, other]);
  on.supervisor.adopt(() => undefined);
  on.supervisor.update(update([], { sourceId: other, full: true }));
  on.supervisor.update(update([], { sourceId: other, unreadable: { message: '503', sinceMs: 0 } }));
  on.supervisor.update(update([], { full: true }));
  assert.deepEqual(on.actor('a').told, []);
  on.supervisor.update(update([], { sourceId: other }));
  assert.equal(on.last('a')?.want, 'gone');
});

test('what is of one source for sure goes with it, whatever the others do; a silent source keeps what is its own', async () => {
  const other = 'http:x';
  for (const name of ['a', 'b']) writeCheckpoint(rootDir, `default/${name}`, checkpointOf(podOf(name)));
  const on = node(110, [sourceId, other]);
  const lastGood = on.supervisor.adopt(({ key }) => (key === 'default/a' ? sourceId : other));
  assert.deepEqual([...lastGood.keys()].toSorted(), [sourceId, other].toSorted());
  on.supervisor.engineHas([observed('stranger')]);
  on.supervisor.update(update([entry(podOf('c'))], { full: true }));
  assert.deepEqual([on.last('a')?.want, on.last('c')?.want], ['gone', 'run']);
  assert.deepEqual([on.actor('b').told, on.threads.length], [[], 3], 'neither b nor the stranger is touched');
});

test('a Pod of a source that is silent keeps its name against the others, until that source has given it up', async () => {
  const other = 'http:x';
  writeCheckpoint(
    rootDir,
    'default/web',
    checkpointOf({ ...podOf('web'), source: 'http', origin: 'http:x' }),
  );
  const on = node(110, [sourceId, other]);
  on.supervisor.adopt(() => other);
  on.supervisor.engineHas([]);
  on.supervisor.update(update([entry(podOf('web', 2))], { full: true }));
  assert.ok(on.actor('web').told.every(({ uid }) => uid === 'web-1'));
  on.supervisor.update(update([], { sourceId: other, full: true }));
  assert.equal(on.last('web')?.uid, 'web-2');
});

test('what belongs to no Pod is asked after once, when every source and the engine have been heard', async () => {
  for (const engineFirst of [true, false]) {
    const on = node();
    const steps = [
      () => on.supervisor.engineHas([observed('stranger')]),
      () => on.supervisor.update(update([entry(podOf('a')), entry(podOf('b'))], { full: true })),
    ];
    const [first, second] = engineFirst ? steps : steps.toReversed();
    first?.();
    assert.deepEqual(on.settled, []);
    second?.();
    assert.deepEqual(on.settled, [['a-1', 'b-1', 'stranger-1']]);
    on.supervisor.update(update([entry(podOf('c'))]));
    assert.equal(on.settled.length, 1);
  }
});

test('what the engine has and nobody wants is stopped, whichever is heard of first', async () => {
  for (const engineFirst of [true, false]) {
    const on = node();
    const steps = [
      () => on.supervisor.engineHas([observed('stranger'), observed('a')]),
      () => on.supervisor.update(update([entry(podOf('a'))], { full: true })),
    ];
    for (const step of engineFirst ? steps : steps.reverse()) step();
    assert.equal(on.last('stranger')?.want, 'gone');
    assert.equal(on.last('a')?.want, 'run');
    assert.equal(on.actor('a').boot.known, undefined, 'the engine has something of it: the actor asks');
    on.supervisor.update(update([entry(podOf('new'))]));
    assert.deepEqual(on.actor('new').boot.known, [], 'a name never seen: there is nothing to ask');
  }
});

test('an actor that dies is revived at once, by checkpoint, with what is wanted by then', async () => {
  const on = node();
  on.supervisor.update(update([entry(podOf('a'))], { full: true }));
  const first = on.actor('a');
  writeCheckpoint(rootDir, 'default/a', 'the checkpoint');
  first.die('broken invariant: x');
  on.supervisor.update(update([entry(podOf('a', 2))]));
  await on.clock.run(on.clock.now());
  assert.notEqual(on.actor('a'), first);
  assert.equal(on.actor('a').boot.checkpoint, 'the checkpoint');
  assert.deepEqual(
    on.actor('a').told.map(({ uid }) => uid),
    ['a-2'],
  );
});

test('further deaths back off and show in the status; the third does without the checkpoint', async () => {
  const on = node();
  writeCheckpoint(rootDir, 'default/a', 'the checkpoint');
  on.supervisor.update(update([entry(podOf('a'))], { full: true }));
  const waits: number[] = [];
  const checkpoints: (string | undefined)[] = [];
  for (let deaths = 1; deaths <= 4; deaths++) {
    on.supervisor.published('default/a', { ...podOf('a').pod, status: { phase: 'Running' } });
    const count = on.threads.length;
    const diedMs = on.clock.now();
    on.actor('a').die('boom');
    await on.clock.run(diedMs);
    if (deaths > 1) {
      assert.deepEqual(on.names(), ['a ActorDied']);
      const { status } = on.table.get('default/a') ?? {};
      assert.match(status?.message ?? '', new RegExp(`died ${deaths} times in a row \\(boom\\)`));
      assert.equal(status?.phase, 'Running');
    } else assert.deepEqual(on.names(), ['a Running']);
    while (on.threads.length === count) await on.clock.run(on.clock.now() + 250);
    waits.push(on.clock.now() - diedMs);
    checkpoints.push(on.actor('a').boot.checkpoint);
  }
  assert.deepEqual(waits, [0, 1000, 2000, 4000]);
  assert.deepEqual(checkpoints, ['the checkpoint', 'the checkpoint', undefined, undefined]);
  await on.clock.run(on.clock.now() + 601_000);
  on.actor('a').die('boom');
  const count = on.threads.length;
  await on.clock.run(on.clock.now());
  assert.equal(on.threads.length, count + 1, 'ten minutes of life, and it starts at once again');
});

test('an actor that ended, or a supervisor that closed, is not revived', async () => {
  const on = node();
  on.supervisor.update(update([entry(podOf('a')), entry(podOf('b'))], { full: true }));
  on.supervisor.update(update([], { removed: ['/m/a.yaml'] }));
  on.end('a');
  await on.supervisor.close();
  on.actor('b').die('late');
  await on.clock.run(on.clock.now() + 600_000);
  assert.equal(on.threads.length, 2);
  assert.equal(on.actor('b').ended, true);
});

test('rejected and kept manifests are logged with their place, warnings too', async () => {
  const on = node();
  const error = {
    stage: 'validate',
    field: 'spec',
    type: 'Required value',
    message: 'm',
    line: 3,
    column: 5,
  } as const;
  on.supervisor.update(
    update([
      entry(undefined, { errors: [error], reason: 'no containers' }),
      entry(podOf('a'), { warnings: [{ ...error, type: 'Unknown field', message: 'typo' }] }),
    ]),
  );
  assert.deepEqual(on.logged, ['manifest rejected no containers', 'manifest warning typo']);
});
