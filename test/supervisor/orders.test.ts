// Orders and roll-backs as a whole supervisor carries them out, over starts of monopod, on real files.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { entry, podOf, sourceId, update } from './entries.ts';
import { supervised } from './supervised.ts';

let rootDir = '';
freshDirectory((path) => {
  rootDir = path;
});

const key = 'default/web';
const node = (maxPods?: number) => supervised(rootDir, maxPods);
type Node = ReturnType<typeof node>;

const serve = (on: Node, ...manifests: StaticPod[]) =>
  on.supervisor.update(
    update(
      manifests.map((one) => entry(one)),
      { full: true },
    ),
  );
const order = (on: Node, verb: 'restart' | 'stop' | 'start', of = key) => {
  const answer = on.supervisor.order(of, verb);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.taken;
};
const orderFiles = () => {
  try {
    return readdirSync(join(rootDir, 'orders'));
  } catch {
    return [];
  }
};

/** What its actor was told to run has been published. */
const show = (on: Node, { pod, key: of }: StaticPod, ready: boolean, more: Pod['status'] = {}) =>
  on.supervisor.published(of, {
    ...pod,
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...more,
    },
  });

/** Its actor has written its checkpoint, and monopod is started again. */
function again(on: Node, runs: StaticPod | undefined): Node {
  rmSync(join(rootDir, 'checkpoints'), { recursive: true, force: true });
  if (runs) {
    const state = {
      ...newPodState(runs.key, { want: 'undecided' }),
      current: newGeneration(1, runs, 'active', 0),
    };
    writeCheckpoint(rootDir, runs.key, checkpointText(state, undefined));
  }
  void on.supervisor.close();
  const next = node();
  next.supervisor.adopt(() => sourceId);
  next.supervisor.engineHas([]);
  return next;
}

const rollback = (version: number, after = '30s'): StaticPod => {
  const made = podOf('web', version);
  const annotations = { 'monopod.dev/rollback-after': after };
  return { ...made, pod: { ...made.pod, metadata: { ...made.pod.metadata, annotations } } };
};
const [v1, v2] = [podOf('web'), rollback(2)];

const running = (on: Node): StaticPod => {
  const runs = on.supervisor.orders.wanted(on.supervisor.claims.settle(key))?.staticPod;
  assert.ok(runs);
  return runs;
};

test('restart: the same actor is told of another version of the same manifest, which stays what it was', async () => {
  const on = node();
  serve(on, v1);
  const { uid, wasStopped } = order(on, 'restart');
  assert.deepEqual([on.last('web'), wasStopped], [{ want: 'run', uid, version: 2 }, false]);
  assert.notEqual(uid, 'web-1');
  serve(on, v1);
  assert.equal(on.actor('web').told.length, 2, 'hearing the manifest again is no news');
  assert.deepEqual(
    on.supervisor.claims.lastGood(sourceId).map((one) => one.uid),
    ['web-1'],
  );
});

test('restart: the next start of monopod finds that version running, and leaves it alone', async () => {
  const before = node();
  serve(before, v1);
  const { uid } = order(before, 'restart');
  const restarted = running(before);
  const on = again(before, restarted);
  assert.deepEqual(
    on.supervisor.claims.lastGood(sourceId),
    [v1],
    'the source begins with the manifest itself',
  );
  assert.deepEqual(on.actor('web').told, []);
  serve(on, v1);
  assert.deepEqual(
    on.actor('web').told.map((one) => one.uid),
    [uid],
  );
  assert.equal(on.threads.length, 1);
});

test('restart: killed before its actor has heard, monopod restarts the Pod when it is back, once', async () => {
  const before = node();
  serve(before, v1);
  const { uid } = order(before, 'restart');
  const on = again(before, v1);
  serve(on, v1);
  serve(on, v1);
  assert.deepEqual(
    on.actor('web').told.map((one) => one.uid),
    [uid],
  );
});

test('restart: an edit is another version, and nothing of the order is left', async () => {
  const on = node();
  serve(on, v1);
  order(on, 'restart');
  assert.equal(orderFiles().length, 1);
  serve(on, podOf('web', 2));
  assert.equal(on.last('web')?.uid, 'web-2');
  assert.deepEqual(orderFiles(), []);
});

test('stop: the Pod goes and stays away while its manifest stays, edits notwithstanding; start brings the latest', async () => {
  const on = node();
  serve(on, v1);
  assert.deepEqual(order(on, 'stop'), { wasStopped: false });
  assert.equal(on.last('web')?.want, 'gone');
  on.end('web');
  assert.deepEqual(on.names(), []);
  serve(on, podOf('web', 3));
  assert.equal(on.threads.length, 1);
  assert.deepEqual(order(on, 'stop'), { wasStopped: true });
  assert.deepEqual(order(on, 'start'), { uid: 'web-3', wasStopped: true });
  assert.equal(on.last('web')?.uid, 'web-3');
  assert.equal(order(on, 'start').wasStopped, false);
  assert.deepEqual(orderFiles(), []);
});

test('stop: holds over starts of monopod, whether its actor had finished or not', async () => {
  for (const left of [undefined, v1]) {
    const before = node();
    serve(before, v1);
    order(before, 'stop');
    const on = again(before, left);
    serve(on, v1);
    if (left) assert.equal(on.last('web')?.want, 'gone');
    else assert.equal(on.threads.length, 0);
    assert.deepEqual(on.supervisor.claims.lastGood(sourceId), [v1]);
    assert.equal(order(on, 'start').wasStopped, true);
    assert.equal(on.last('web')?.uid, 'web-1');
  }
});

test('stop: what still runs after a start of monopod stops even if its source cannot be read', async () => {
  const before = node();
  serve(before, v1);
  order(before, 'stop');
  assert.equal(again(before, v1).last('web')?.want, 'gone');
});

test('stop: its room is for others, and one that waits for room waits no more', async () => {
  const on = node(1);
  serve(on, podOf('a'), podOf('b'), podOf('c'));
  assert.deepEqual(on.names(), ['b OutOfpods', 'c OutOfpods']);
  order(on, 'stop', 'default/b');
  assert.deepEqual(on.names(), ['c OutOfpods']);
  order(on, 'stop', 'default/a');
  on.end('a');
  assert.equal(on.last('c')?.want, 'run');
  show(on, podOf('c'), true);
  assert.match(order(on, 'start', 'default/a').refusal ?? '', /^OutOfpods/);
  assert.deepEqual(on.names(), ['a OutOfpods', 'c Running']);
});

test('start: while it still stops, it comes back when it has', async () => {
  const on = node();
  serve(on, v1);
  order(on, 'stop');
  order(on, 'start');
  assert.deepEqual(
    on.actor('web').told.map(({ want }) => want),
    ['run', 'gone', 'run'],
  );
});

test('what was ordered ends with the manifest, and not before its source has said so', async () => {
  const before = node();
  serve(before, v1);
  order(before, 'stop');
  const on = again(before, undefined);
  on.supervisor.update(update([], { unreadable: { message: 'EACCES', sinceMs: 0 } }));
  assert.equal(orderFiles().length, 1);
  on.supervisor.update(update([], { full: true }));
  assert.deepEqual(orderFiles(), []);
  serve(on, v1);
  assert.equal(on.last('web')?.want, 'run');
});

test('an order for what no source serves is refused', async () => {
  const on = node();
  serve(on, v1);
  const answer = on.supervisor.order('default/other', 'stop');
  assert.deepEqual([answer.ok, !answer.ok && answer.refused.status], [false, 404]);
});

test('an order that cannot be kept is refused, and nothing changes', async () => {
  const on = node();
  serve(on, v1);
  writeFileSync(join(rootDir, 'orders'), 'in the way');
  for (const verb of ['stop', 'restart'] as const) {
    const answer = on.supervisor.order(key, verb);
    assert.equal(!answer.ok && answer.refused.status, 500);
    assert.match((!answer.ok && answer.refused.message) || '', /cannot be kept, so nothing has changed: E/);
  }
  assert.deepEqual(
    on.actor('web').told.map(({ want }) => want),
    ['run'],
  );
});

test('orders are for nobody else to read; a damaged one is told of and ignored', async () => {
  const before = node();
  serve(before, v1);
  order(before, 'stop');
  const [file = ''] = orderFiles();
  const path = join(rootDir, 'orders', file);
  assert.deepEqual(
    [statSync(path).mode & 0o777, statSync(join(rootDir, 'orders')).mode & 0o777],
    [0o600, 0o700],
  );
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5));
  const on = again(before, undefined);
  serve(on, v1);
  assert.equal(on.last('web')?.want, 'run');
  assert.ok(on.logged.some((line) => line.startsWith('a damaged order is ignored')));
});

test('roll-back: a version that is not Ready in time gives way to the last one that was', async () => {
  const on = node();
  serve(on, v1);
  show(on, v1, true);
  serve(on, v2);
  show(on, v1, true);
  await on.clock.run(on.clock.now() + 60_000);
  assert.equal(on.last('web')?.uid, 'web-2', 'while the one before still stops, no time passes for it');
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
  const status = { containerStatuses: [{ name: 'main', state: { waiting } }] } as Pod['status'];
  show(on, v2, false, status);
  await on.clock.run(on.clock.now() + 29_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  await on.clock.run(on.clock.now() + 1_000);
  assert.equal(on.last('web')?.uid, 'web-1');
  const { rolledBack } = on.supervisor.orders.of(key) ?? {};
  assert.equal(rolledBack?.reason, 'container main: ImagePullBackOff: Back-off pulling image "x"');
  assert.ok(on.logged.some((line) => line.startsWith('rolled back: ') && line.includes('ImagePullBackOff')));
});

test('roll-back: a version that was Ready once stays, whatever becomes of it', async () => {
  const on = node();
  serve(on, v1);
  show(on, v1, true);
  serve(on, v2);
  show(on, v2, false);
  show(on, v2, true);
  show(on, v2, false);
  await on.clock.run(on.clock.now() + 120_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  assert.deepEqual(orderFiles(), []);
});

test('roll-back: the first version has nothing to go back to, which is said once', async () => {
  const on = node();
  serve(on, v2);
  show(on, v2, false);
  serve(on, v2);
  await on.clock.run(on.clock.now() + 120_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  assert.equal(on.logged.filter((line) => line.startsWith('nothing to roll back to')).length, 1);
});

test('roll-back: its time goes on over a start of monopod, with a fresh chance', async () => {
  const before = node();
  serve(before, v1);
  show(before, v1, true);
  serve(before, v2);
  show(before, v2, false);
  const on = again(before, v2);
  serve(on, v2);
  await on.clock.run(on.clock.now() + 29_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  await on.clock.run(on.clock.now() + 2_000);
  assert.equal(on.last('web')?.uid, 'web-1');
});

test('roll-back: killed in between, monopod still knows what to go back to, and that it did', async () => {
  const before = node();
  serve(before, v1);
  show(before, v1, true);
  serve(before, v2);
  show(before, v2, false);
  await before.clock.run(before.clock.now() + 30_000);
  // Its actor has not heard of it.
  const on = again(before, v2);
  assert.deepEqual(on.supervisor.claims.lastGood(sourceId), [v2], 'the source begins with what it said');
  serve(on, v2);
  assert.deepEqual(
    on.actor('web').told.map((one) => one.uid),
    ['web-1'],
  );
  const later = again(on, v1);
  serve(later, v2);
  assert.deepEqual(
    later.actor('web').told.map((one) => one.uid),
    ['web-1'],
  );
});

test('roll-back: the version before was Ready in the run before, and was edited while monopod was away', async () => {
  const ready = [{ type: 'Ready', status: 'True' }] as NonNullable<Pod['status']>['conditions'];
  const state = { ...newPodState(key, { want: 'undecided' }), current: newGeneration(1, v1, 'active', 0) };
  writeCheckpoint(rootDir, key, checkpointText(state, ready));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  on.supervisor.engineHas([]);
  show(on, v1, true);
  serve(on, v2);
  show(on, v2, false);
  await on.clock.run(on.clock.now() + 30_000);
  assert.equal(on.last('web')?.uid, 'web-1');
});

test('roll-back: another edit is tried, and a restart tries the same again', async () => {
  const on = node();
  serve(on, v1);
  show(on, v1, true);
  serve(on, v2);
  show(on, v2, false);
  await on.clock.run(on.clock.now() + 30_000);
  show(on, v1, true);
  const { uid } = order(on, 'restart');
  assert.equal(running(on).restarted?.manifestUid, 'web-2');
  assert.equal(on.last('web')?.uid, uid);
  show(on, running(on), false);
  await on.clock.run(on.clock.now() + 30_000);
  assert.equal(on.last('web')?.uid, 'web-1');
  serve(on, rollback(3));
  assert.equal(on.last('web')?.uid, 'web-3');
  show(on, rollback(3), false);
  await on.clock.run(on.clock.now() + 30_000);
  assert.equal(on.last('web')?.uid, 'web-1');
});

test('roll-back: a trial ends with its manifest, and with a stop', async () => {
  for (const end of ['removed', 'stopped']) {
    const on = node();
    serve(on, v1);
    show(on, v1, true);
    serve(on, v2);
    show(on, v2, false);
    if (end === 'removed') serve(on);
    else order(on, 'stop');
    await on.clock.run(on.clock.now() + 60_000);
    assert.equal(on.last('web')?.want, 'gone', end);
    assert.equal(orderFiles().length, end === 'removed' ? 0 : 1);
    rmSync(join(rootDir, 'orders'), { recursive: true });
    mkdirSync(join(rootDir, 'orders'));
  }
});

test('roll-back: longer than a timer can be', async () => {
  const long = rollback(2, '30h');
  const on = node();
  serve(on, v1);
  show(on, v1, true);
  serve(on, long);
  show(on, long, false);
  await on.clock.run(on.clock.now() + 29 * 3_600_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  await on.clock.run(on.clock.now() + 3_600_000);
  assert.equal(on.last('web')?.uid, 'web-1');
});
