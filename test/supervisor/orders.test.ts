// Orders as a whole supervisor carries them out, over starts of monopod, on real files.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manifestRecords } from '../../src/supervisor/manifest-records.ts';
import { podOf, sourceId, update } from './entries.ts';
import { again, key, node, order, orderFiles, rootDir, running, serve, show, v1 } from './ordered.ts';

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

test('a restart ends with the manifest, and not before its source has said so', async () => {
  const before = node();
  serve(before, v1);
  const { uid } = order(before, 'restart');
  const on = again(before, undefined);
  on.supervisor.update(update([], { unreadable: { message: 'EACCES', sinceMs: 0 } }));
  assert.equal(orderFiles().length, 1);
  on.supervisor.update(update([], { full: true }));
  assert.deepEqual(orderFiles(), []);
  serve(on, v1);
  assert.notEqual(on.last('web')?.uid, uid);
  assert.equal(on.last('web')?.uid, 'web-1');
});

const shown = (on: ReturnType<typeof node>) => {
  const { claims, conflicts, orders } = on.supervisor;
  const podOf = (of: string) => on.table.get(of);
  const orderOf = (of: string) => orders.of(of);
  return manifestRecords({
    leftOver: { staticPods: [], sinceMs: 0 },
    ...{ claims, conflicts, sources: [], podOf, orderOf, refusalOf: () => undefined },
    orders: () => orders.all(),
  }).map(({ state, origin, isGone = false }) => [state, origin, isGone]);
};

test('a stop is of the name: what is removed and written anew stays stopped, over starts, and shows meanwhile', async () => {
  const before = node();
  serve(before, v1);
  order(before, 'stop');
  before.end('web');
  serve(before);
  assert.deepEqual(shown(before), [['stopped', '/m/web.yaml', true]]);
  const on = again(before, undefined);
  on.supervisor.update(update([], { full: true }));
  assert.equal(orderFiles().length, 1);
  assert.deepEqual(shown(on), [['stopped', '/m/web.yaml', true]]);
  serve(on, { ...podOf('web', 2), origin: '/m/elsewhere.yaml' });
  assert.deepEqual(on.threads, [], 'another version, in another file');
  assert.deepEqual(shown(on), [['stopped', '/m/elsewhere.yaml', false]]);
  assert.deepEqual(order(on, 'start'), { uid: 'web-2', wasStopped: true });
  assert.equal(on.last('web')?.uid, 'web-2');
});

test('a stop of what has no manifest any more: start undoes it, stop changes nothing, there is nothing to restart', async () => {
  const on = node();
  serve(on, v1);
  order(on, 'stop');
  on.end('web');
  serve(on);
  const restarted = on.supervisor.order(key, 'restart');
  assert.equal(!restarted.ok && restarted.refused.status, 404);
  assert.deepEqual(order(on, 'stop'), { wasStopped: true });
  assert.deepEqual(order(on, 'start'), { wasStopped: true });
  assert.deepEqual([shown(on), orderFiles()], [[], []]);
  assert.equal(on.supervisor.order(key, 'start').ok, false, 'nobody knows it any more');
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
  assert.throws(() => node(), {
    name: 'StartupError',
    message: /cannot read what was ordered for Pods .*orders\): /,
  });
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
