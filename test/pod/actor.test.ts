// The actor around the transition: its checkpoint, its end, and that it publishes (when: publication.test.ts).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { restore } from '../../src/pod/checkpoint.ts';
import { gone, run, stage } from './acting.ts';
import { container, staticPod } from './pods.ts';

const readyOf = (pod: { status?: { conditions?: { type: string; status: string }[] } } | undefined) =>
  pod?.status?.conditions?.find(({ type }) => type === 'Ready');

test('a Pod from its manifest to Running', async () => {
  const on = stage();
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  const pod = on.published.at(-1)?.pod;
  assert.equal(pod?.status?.phase, 'Running');
  assert.equal(pod?.metadata?.uid, 'v1');
  assert.equal(pod?.metadata?.deletionTimestamp, undefined);
  assert.equal(pod?.status?.podIP, '172.17.0.1');
  assert.deepEqual(on.links, ['main/0']);
});

/** What had been written when the first effect of this kind was run. */
function checkpointBefore(on: ReturnType<typeof stage>, effect: string) {
  const before = on.done.slice(0, on.done.indexOf(effect));
  return JSON.parse(on.checkpoints[before.filter((what) => what === 'checkpoint').length - 1] ?? 'null');
}

test('a generation stands in the checkpoint before anything is made of it, a stop before its signal is sent', async () => {
  const on = stage();
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.equal(checkpointBefore(on, 'create-sandbox').state.current.staticPod.uid, 'v1');
  actor.desire({ want: 'gone' }, 2);
  await on.run(1_000);
  const { current } = checkpointBefore(on, 'kill').state;
  assert.equal(current.stage, 'terminating');
  assert.equal(current.containers[0].phase.stop.term, 'sent');
});

test('a checkpoint that is as it was is not written again', async () => {
  const on = stage();
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  const before = on.checkpoints.length;
  for (let count = 0; count < 5; count++) actor.receive({ type: 'tick' });
  assert.equal(on.checkpoints.length, before);
});

test('once all is quiet the checkpoint holds the conditions as published, times included', async () => {
  const on = stage();
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(5_000);
  const { pod } = on.published.at(-1) ?? {};
  assert.equal(readyOf(pod)?.status, 'True');
  assert.deepEqual(restore(on.checkpoints.at(-1) ?? '')?.conditions, pod?.status?.conditions);
});

test('after a crash the status is word for word as it was', async () => {
  const on = stage();
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(5_000);
  const before = on.published.at(-1)?.pod;
  const checkpoint = on.checkpoints.at(-1);
  await on.run(60_000);
  on.actor({ checkpoint }).desire(run(staticPod('v1')), 1);
  await on.run(5_000);
  assert.deepEqual(on.published.at(-1)?.pod, before);
});

test('a full disk does not stop the Pod, and is said', async () => {
  const on = stage();
  on.disk.full = true;
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
  assert.ok(on.logged.some((line) => /cannot write the checkpoint.*ENOSPC/.test(line)));
  on.disk.full = false;
  on.engine.killByHand(on.engine.now().find(({ name }) => name === 'main')?.id ?? '');
  await on.run(1_000);
  assert.ok(restore(on.checkpoints.at(-1) ?? ''), 'it is written as soon as there is room');
});

test('its end: all is removed, the checkpoint too, and it is said once', async () => {
  const on = stage();
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  actor.desire(gone, 2);
  await on.run(60_000);
  actor.receive({ type: 'tick' });
  await on.run(1_000);
  assert.deepEqual(on.ended, [2]);
  assert.deepEqual(on.engine.now(), []);
  assert.equal(on.checkpoints.at(-1), '');
  assert.equal(on.published.at(-1)?.pod, undefined);
});

test('while it stops it says since when and for how long', async () => {
  const on = stage(() => ({ ignores: ['SIGTERM'] }));
  const actor = on.actor();
  actor.desire(run(staticPod('v1', { terminationGracePeriodSeconds: 9 })), 1);
  await on.run(1_000);
  const nowMs = on.clock.now();
  actor.desire(gone, 2);
  await on.run(1_000);
  const { metadata } = on.published.at(-1)?.pod ?? {};
  assert.equal(metadata?.deletionGracePeriodSeconds, 9);
  assert.equal(Date.parse(metadata?.deletionTimestamp ?? ''), Math.floor((nowMs + 9_000) / 1000) * 1000);
  assert.deepEqual(on.ended, []);
});

test('the end is said for the latest word only', async () => {
  const on = stage();
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  actor.desire(gone, 2);
  actor.desire(run(staticPod('v1')), 3);
  actor.desire(gone, 4);
  await on.run(60_000);
  assert.deepEqual(on.ended, [4]);
});

test('a Pod that is wanted again in the middle of its stop has not ended', async () => {
  const on = stage(() => ({ stopsAfterMs: 2_000 }));
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  actor.desire(gone, 2);
  await on.run(500);
  actor.desire(run(staticPod('v1')), 3);
  await on.run(60_000);
  assert.deepEqual(on.ended, []);
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
});

test('one that finds nothing to stop has ended, and removes a checkpoint that may be there', async () => {
  const on = stage();
  on.actor().desire(gone, 1);
  await on.run(1_000);
  assert.deepEqual(on.ended, [1]);
  assert.equal(on.checkpoints.at(-1), '');
});

test('where main knows that the engine has nothing, the actor does not ask', async () => {
  const on = stage();
  on.actor({ known: [] }).desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.ok(!on.done.includes('list'));
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
});

test('nothing is published before the engine has said what there is, unless it is away', async () => {
  const on = stage();
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  const checkpoint = on.checkpoints.at(-1);
  const before = on.published.length;
  const again = on.actor({ checkpoint });
  assert.equal(on.published.length, before);
  again.receive({ type: 'engine', available: false, sinceMs: on.clock.now(), message: 'away' });
  assert.equal(on.published.at(-1)?.pod?.status?.reason, 'EngineUnavailable');
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
});

test('its own timers drive the stop: SIGKILL when the grace is over', async () => {
  const signals: string[] = [];
  const on = stage(() => ({ ignores: ['SIGTERM'] }));
  const kill = on.engine.kill.bind(on.engine);
  on.engine.kill = (id, signal) => {
    signals.push(signal);
    return kill(id, signal);
  };
  const actor = on.actor();
  actor.desire(run(staticPod('v1', { terminationGracePeriodSeconds: 3 })), 1);
  await on.run(1_000);
  actor.desire(gone, 2);
  await on.run(2_900);
  assert.deepEqual(signals, ['SIGTERM']);
  await on.run(200);
  assert.deepEqual(signals, ['SIGTERM', 'SIGKILL']);
});

test('the lines a person reads of a life', async () => {
  const on = stage();
  const actor = on.actor();
  actor.desire(run(staticPod('v1', { initContainers: [container('init')] })), 1);
  await on.run(100);
  on.engine.killByHand(on.engine.now().find(({ name }) => name === 'init')?.id ?? '', 0);
  await on.run(1_000);
  actor.desire(gone, 2);
  await on.run(10_000);
  assert.deepEqual(on.logged, [
    'Pod accepted',
    'container init started',
    'container init ended',
    'container main started',
    'stopping the Pod',
    'container main ended',
    'Pod stopped',
  ]);
});

test('a broken invariant ends the thread, whoever called', () => {
  const script = `
    import { stage, run } from ${JSON.stringify(join(import.meta.dirname, 'acting.ts'))};
    import { staticPod } from ${JSON.stringify(join(import.meta.dirname, 'pods.ts'))};
    const on = stage();
    const actor = on.actor({ known: [] });
    actor.desire(run(staticPod('v1')), 1);
    const effect = { type: 'start-container', call: 99, serial: 1, container: 'main', id: 'x' };
    // An engine that answers with no observation at all.
    try { actor.receive({ type: 'answered', effect, result: { ok: true, value: undefined } }); } catch {}
    setTimeout(() => process.exit(0), 5000);
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /TypeError/);
});
