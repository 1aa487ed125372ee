// What main gets to see of a Pod and when: nothing twice, many changes as one, a new stage at once, and through a crash
// of monopod the same as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerScript } from '../../src/engine/fake/script.ts';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import type { PodActor } from '../../src/pod/actor.ts';
import { gone, run, type Stage, stage } from './acting.ts';
import { container, staticPod } from './pods.ts';

const everySecond = { exec: { command: ['check'] }, periodSeconds: 1 };
const probed: Partial<Container> = { readinessProbe: everySecond, livenessProbe: everySecond };

const conditionOf = (pod: Pod | undefined, type: string) =>
  pod?.status?.conditions?.find((condition) => condition.type === type);

const idOf = (on: Stage, name: string): string => on.engine.now().find((one) => one.name === name)?.id ?? '';

/** A Pod that has run for a while, and what has been published since it has. */
async function running(
  spec: Partial<PodSpec> = {},
  script?: (name: string) => ContainerScript,
): Promise<{ on: Stage; actor: PodActor; since(): Stage['published'] }> {
  const on = stage(script);
  const actor = on.actor({ known: [] });
  actor.desire(run(staticPod('v1', spec)), 1);
  await on.run(5_000);
  const before = on.published.length;
  return { on, actor, since: () => on.published.slice(before) };
}

test('ten changes within 100 ms are one publication, and the last of them is what is seen', async () => {
  const { on, actor, since } = await running();
  const firstMs = on.clock.now();
  for (let count = 1; count <= 10; count++) {
    actor.receive({ type: 'engine', available: false, sinceMs: firstMs, message: `no answer ${count}` });
    await on.run(9);
  }
  await on.run(400);
  const [only, ...others] = since();
  assert.deepEqual(others, []);
  assert.match(only?.pod?.status?.message ?? '', /no answer 10\b/);
  assert.ok(only && only.atMs - firstMs <= 100, 'it is not held back by further changes');
});

test('changes without end come every 100 ms: they neither pile up nor hold each other back', async () => {
  const { on, actor, since } = await running();
  const sinceMs = on.clock.now();
  for (let count = 1; count <= 200; count++) {
    actor.receive({ type: 'engine', available: false, sinceMs, message: `no answer ${count}` });
    await on.run(5);
  }
  const times = since().map(({ atMs }) => atMs);
  assert.ok(times.length >= 9 && times.length <= 10, String(times.length));
  for (const [index, atMs] of times.slice(1).entries()) assert.ok(atMs - (times[index] ?? 0) >= 100);
});

test('what is undone within 100 ms was never seen', async () => {
  const { on, actor, since } = await running();
  actor.receive({ type: 'engine', available: false, sinceMs: on.clock.now(), message: 'no answer' });
  await on.run(10);
  actor.receive({ type: 'engine', available: true, sinceMs: on.clock.now(), message: 'the engine answers' });
  await on.run(2_000);
  assert.deepEqual(since(), []);
});

test('a Pod that is probed every second and stays as it is publishes nothing, and writes nothing', async () => {
  let asked = 0;
  const { on, since } = await running({ containers: [container('main', probed)] }, () => ({
    exec: () => {
      asked += 1;
      return { takesMs: 20 };
    },
  }));
  const [checkpoints, before] = [on.checkpoints.length, asked];
  await on.run(10_000);
  assert.ok(asked - before >= 18, `${asked - before} probes`);
  assert.deepEqual(since(), []);
  assert.equal(on.checkpoints.length, checkpoints);
});

test('a failure below its threshold, and words that differ, are no change either', async () => {
  let count = 0;
  const { on, since } = await running(
    { containers: [container('main', { readinessProbe: { ...everySecond, failureThreshold: 2 } })] },
    () => ({ exec: () => ({ exitCode: count++ % 2, output: `word ${count}` }) }),
  );
  await on.run(10_000);
  assert.ok(count > 10);
  assert.deepEqual(since(), []);
});

test('what is told again is not published again', async () => {
  const { on, actor, since } = await running();
  for (const observation of on.engine.now()) actor.receive({ type: 'observed', observation });
  actor.desire(run(staticPod('v1')), 2);
  await on.run(10_000);
  assert.deepEqual(since(), []);
});

test('a turn of readiness is one publication: Ready and ContainersReady turn now, the rest is as old as it was', async () => {
  let exitCode = 0;
  const { on, since } = await running(
    { containers: [container('main', { readinessProbe: { ...everySecond, failureThreshold: 1 } })] },
    () => ({ exec: () => ({ exitCode }) }),
  );
  const before = on.published.at(-1)?.pod;
  exitCode = 1;
  const atMs = on.clock.now();
  await on.run(5_000);
  const [turned, ...others] = since();
  assert.deepEqual(others, []);
  const changedAt = (type: string) => conditionOf(turned?.pod, type)?.lastTransitionTime;
  for (const type of ['Ready', 'ContainersReady']) {
    assert.equal(conditionOf(turned?.pod, type)?.status, 'False');
    assert.equal(conditionOf(turned?.pod, type)?.message, 'containers with unready status: [main]');
    assert.ok(Date.parse(`${changedAt(type)}`) >= Math.floor(atMs / 1000) * 1000);
  }
  for (const type of ['PodReadyToStartContainers', 'Initialized', 'PodScheduled'])
    assert.deepEqual(conditionOf(turned?.pod, type), conditionOf(before, type));
});

test('that it was accepted is told at once, and that it stops', async () => {
  const on = stage(() => ({ stopsAfterMs: 3_000 }));
  const actor = on.actor({ known: [] });
  const acceptedMs = on.clock.now();
  actor.desire(run(staticPod('v1')), 1);
  assert.deepEqual(
    on.published.map(({ atMs, pod }) => [atMs, pod?.status?.phase]),
    [[acceptedMs, 'Pending']],
  );
  await on.run(5_000);
  const before = on.published.length;
  // Something else is waiting to be told: it goes along, and not once more.
  actor.receive({ type: 'engine', available: false, sinceMs: on.clock.now(), message: 'no answer' });
  actor.receive({ type: 'engine', available: true, sinceMs: on.clock.now(), message: 'the engine answers' });
  await on.run(20);
  const stoppedMs = on.clock.now();
  actor.desire(gone, 2);
  await on.run(2_000);
  const [stopping, ...others] = on.published.slice(before);
  assert.deepEqual(others, []);
  assert.equal(stopping?.atMs, stoppedMs);
  assert.ok(stopping?.pod?.metadata?.deletionTimestamp);
});

test('a Pod that is over within 100 ms is told as Pending, running and ended, whatever else waits', async () => {
  const on = stage(() => ({ exitAfterMs: 10 }));
  on.actor({ known: [] }).desire(run(staticPod('v1', { restartPolicy: 'Never' })), 1);
  await on.run(5_000);
  assert.equal(on.published[0]?.pod?.status?.phase, 'Pending');
  const last = on.published.at(-1)?.pod;
  assert.equal(last?.status?.phase, 'Succeeded');
  assert.equal(conditionOf(last, 'PodReadyToStartContainers')?.status, 'False');
  assert.equal(conditionOf(last, 'Ready')?.reason, 'PodCompleted');
});

test('its last word: ended, without a sandbox, and then nothing', async () => {
  const { on, actor, since } = await running({}, () => ({ stopExitCode: 0 }));
  actor.desire(gone, 2);
  await on.run(5_000);
  const [first, ...rest] = since().map(({ pod }) => pod);
  assert.equal(first?.status?.phase, 'Running');
  assert.equal(conditionOf(first, 'PodReadyToStartContainers')?.status, 'True');
  assert.equal(rest.at(-1), undefined);
  const last = rest.at(-2);
  assert.equal(last?.status?.phase, 'Succeeded');
  assert.equal(conditionOf(last, 'PodReadyToStartContainers')?.status, 'False');
});

test('a shorter grace that arrives while it stops shows in what is left of it', async () => {
  const { on, actor } = await running({}, () => ({ ignores: ['SIGTERM'] }));
  actor.desire(gone, 2);
  await on.run(4_000);
  const nowMs = on.clock.now();
  actor.desire(run(staticPod('v2', { terminationGracePeriodSeconds: 5 })), 3);
  await on.run(500);
  const { metadata } = on.published.at(-1)?.pod ?? {};
  assert.equal(metadata?.uid, 'v1');
  assert.equal(metadata?.deletionGracePeriodSeconds, 9);
  assert.equal(Date.parse(`${metadata?.deletionTimestamp}`), Math.floor((nowMs + 5_000) / 1000) * 1000);
});

test('between two attempts of a container the first is shown until the second runs', async () => {
  const { on, since } = await running({ initContainers: [container('init')] }, (name) =>
    name === 'init' ? { exitAfterMs: 10 } : {},
  );
  const told = () =>
    since().map(({ pod }) => {
      const { state, lastState, restartCount } = pod?.status?.containerStatuses?.[0] ?? {};
      const how = state?.running ? 'running' : (state?.waiting?.reason ?? state?.terminated?.reason);
      return [how, restartCount, lastState?.terminated?.reason];
    });
  on.engine.images.set('busybox:1', { present: false, pullMs: 3_000 });
  on.engine.killByHand(idOf(on, 'main'));
  await on.run(5_000);
  assert.deepEqual(told(), [
    ['Error', 0, undefined],
    ['running', 1, 'Error'],
  ]);
  const second = on.engine.now().findLast(({ name }) => name === 'main');
  on.engine.killByHand(second?.id ?? '');
  await on.run(30_000);
  assert.deepEqual(told().slice(2), [
    ['CrashLoopBackOff', 1, 'Error'],
    ['running', 2, 'Error'],
  ]);
});

/** A life with restarts, a liveness probe that kills, and a readiness that comes and goes, up to its nth word. */
async function livedUntil(words: number): Promise<{ on: Stage; said: Stage['published'] }> {
  let exitCode = 0;
  const script = { exec: () => ({ exitCode, takesMs: 200 }) };
  const on = stage((name) => (name === 'init' ? { exitAfterMs: 300 } : script));
  const spec = { initContainers: [container('init')], containers: [container('main', probed)] };
  on.actor({ known: [] }).desire(run(staticPod('v1', spec)), 1);
  for (let atMs = 0; on.published.length < words && atMs < 60_000; atMs += 5) {
    await on.run(5);
    if (atMs === 10_000) on.engine.killByHand(idOf(on, 'main'));
    if (atMs === 20_000) exitCode = 1;
    if (atMs === 24_000) exitCode = 0;
  }
  return { on, said: [...on.published] };
}

test('monopod dies after any word of a life: no time is lost, and nothing turns that has not', async () => {
  const whole = await livedUntil(Number.POSITIVE_INFINITY);
  assert.ok(whole.said.length >= 8, String(whole.said.length));
  for (let words = 1; words <= whole.said.length; words++) {
    const { on, said } = await livedUntil(words);
    const last = said.at(-1)?.pod;
    const checkpoint = on.crash();
    await on.run(3_000);
    const bornMs = on.clock.now();
    on.actor({ checkpoint });
    await on.run(50);
    const first = on.published[said.length]?.pod;
    const what = `after word ${words}`;
    assert.equal(first?.status?.startTime, last?.status?.startTime, what);
    assert.deepEqual(first?.metadata, last?.metadata, what);
    for (const condition of last?.status?.conditions ?? []) {
      const now = conditionOf(first, condition.type);
      const sinceMs = Date.parse(`${now?.lastTransitionTime}`);
      if (now?.status === condition.status)
        assert.equal(sinceMs, Date.parse(`${condition.lastTransitionTime}`), `${what}: ${condition.type}`);
      else assert.ok(sinceMs >= Math.floor(bornMs / 1000) * 1000, `${what}: ${condition.type}`);
    }
  }
});

test('a Pod that begins after a crash has nothing of the one before it, whose end is not yet cleared away', async () => {
  const { on, actor } = await running();
  on.engine.failNext('remove', { kind: 'slow', delayMs: 60_000 });
  actor.desire(gone, 2);
  await on.run(10_000);
  const checkpoint = on.crash();
  assert.match(checkpoint ?? '', /"leftovers":\[\{/);
  await on.run(5_000);
  const before = on.published.length;
  const atMs = on.clock.now();
  on.actor({ checkpoint }).desire(run(staticPod('v2')), 1);
  await on.run(200);
  const first = on.published.slice(before).find(({ pod }) => pod)?.pod;
  assert.equal(first?.metadata?.uid, 'v2');
  for (const { type, lastTransitionTime } of first?.status?.conditions ?? [])
    assert.ok(Date.parse(`${lastTransitionTime}`) >= Math.floor(atMs / 1000) * 1000, type);
});
