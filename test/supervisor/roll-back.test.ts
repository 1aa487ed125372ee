// Roll-backs as a whole supervisor carries them out, over starts of monopod, on real files.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { sourceId } from './entries.ts';
import {
  again,
  key,
  node,
  order,
  orderFiles,
  rollback,
  rootDir,
  running,
  serve,
  show,
  v1,
  v2,
} from './ordered.ts';

test('a version that is not Ready in time gives way to the last one that was', async () => {
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

test('a version that was Ready once stays, whatever becomes of it', async () => {
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

test('the first version has nothing to go back to, which is said once', async () => {
  const on = node();
  serve(on, v2);
  show(on, v2, false);
  serve(on, v2);
  await on.clock.run(on.clock.now() + 120_000);
  assert.equal(on.last('web')?.uid, 'web-2');
  assert.equal(on.logged.filter((line) => line.startsWith('nothing to roll back to')).length, 1);
});

test('its time goes on over a start of monopod, with a fresh chance', async () => {
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

test('killed in between, monopod still knows what to go back to, and that it did', async () => {
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

test('the version before was Ready in the run before, and was edited while monopod was away', async () => {
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

test('another edit is tried, and a restart tries the same again', async () => {
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

test('a trial ends with its manifest, and with a stop', async () => {
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

test('longer than a timer can be', async () => {
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
