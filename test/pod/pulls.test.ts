// While a Pod waits for an image: what it shows, how it waits after a failure, and that it lets go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PullProgress } from '../../src/engine/engine.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { viewOf } from '../../src/pod/view.ts';
import { gone, run, stage } from './acting.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const half: PullProgress = { at: 'downloading', bytes: 5e6, totalBytes: 10e6, sized: true };
const always = (name = 'main', image = 'busybox:1') => container(name, { image, imagePullPolicy: 'Always' });

function waiting(life: Life, name = 'main') {
  const { current } = life.state;
  assert.ok(current);
  const state = viewOf(life.state, current, [], life.nowMs).containers.find(
    (one) => one.name === name,
  )?.state;
  return state?.is === 'waiting' ? `${state.reason}|${state.message}` : state?.is;
}

function pulling(...containers: ReturnType<typeof container>[]): Life {
  const life = new Life();
  life.held.add('ensure-image');
  life.want(staticPod('v1', { containers }));
  life.go();
  return life;
}

test('each container that waits for the image shows how far its pull is, and no other', () => {
  const life = pulling(always('a'), always('b'), always('c', 'other:1'));
  life.send({ type: 'pulling', image: 'busybox:1', progress: half });
  const shown = 'ContainerCreating|Pulling image "busybox:1": 5.0 MB of 10.0 MB (50%)';
  assert.deepEqual(
    [waiting(life, 'a'), waiting(life, 'b'), waiting(life, 'c')],
    [shown, shown, 'ContainerCreating|'],
  );
  life.held.clear();
  life.go();
  assert.equal(waiting(life, 'a'), 'running');
  life.send({ type: 'pulling', image: 'busybox:1', progress: half });
  assert.equal(waiting(life, 'a'), 'running', 'a late word changes nothing');
});

test('the pull of the infra image is shown by all', () => {
  const life = new Life();
  life.failNext('create-sandbox', 'NoSuchImage');
  life.held.add('ensure-image');
  life.want(staticPod('v1'));
  life.go();
  life.send({ type: 'pulling', image: 'pause', progress: half });
  assert.equal(waiting(life), 'ContainerCreating|Pulling image of the sandbox: 5.0 MB of 10.0 MB (50%)');
});

test('a further try shows its progress once something moves, its last failure until then', () => {
  const life = pulling(always());
  life.failNext('ensure-image', 'ImagePullFailed', 'no route');
  life.answer(life.waiting('ensure-image'));
  life.pass(10_000);
  life.send({ type: 'pulling', image: 'busybox:1', progress: { ...half, at: 'asking' } });
  assert.equal(waiting(life), 'ErrImagePull|no route');
  life.send({ type: 'pulling', image: 'busybox:1', progress: half });
  assert.match(waiting(life) ?? '', /^ContainerCreating\|Pulling image .*50%/);
});

test('progress is not written to the checkpoint', () => {
  const life = pulling(always());
  const before = checkpointText(life.state, []);
  life.send({ type: 'pulling', image: 'busybox:1', progress: half });
  assert.equal(checkpointText(life.state, []), before);
});

/** Seconds between the tries, while each fails. */
function triesApart(life: Life, tries: number): number[] {
  const apart: number[] = [];
  for (let lastMs = life.nowMs; apart.length < tries; ) {
    life.answer(life.waiting('ensure-image'), {
      ok: false,
      error: { code: 'ImagePullFailed', message: 'no' },
    });
    life.pass((life.wakeAtMs ?? 0) - life.nowMs);
    apart.push((life.nowMs - lastMs) / 1000);
    lastMs = life.nowMs;
  }
  return apart;
}

test('tries are 10 s apart, doubling up to 5 min', () => {
  assert.deepEqual(triesApart(pulling(always()), 7), [10, 20, 40, 80, 160, 300, 300]);
});

test('two containers of one image share its back-off', () => {
  const life = pulling(always('a'), always('b'));
  for (const effect of life.of('ensure-image', life.pending))
    life.answer(effect, { ok: false, error: { code: 'ImagePullFailed', message: 'no' } });
  const [a, b] = ['a', 'b'].map((name) => life.slot(name).problem?.retryAtMs);
  assert.equal(a, life.nowMs + 10_000);
  assert.equal(b, a);
});

for (const [minutes, seconds] of [
  [1, 40],
  [11, 10],
] as const)
  test(`${minutes} min after the last failure a pull that fails again waits ${seconds} s`, () => {
    const life = pulling(always());
    triesApart(life, 2);
    life.answer(life.waiting('ensure-image'), {
      ok: true,
      value: { id: 'i', ref: 'i', user: '', stopSignal: '' },
    });
    life.held.clear();
    life.go();
    life.pass(minutes * 60_000);
    life.failNext('ensure-image', 'ImagePullFailed');
    life.ends('main', 1);
    life.go();
    assert.equal((life.slot('main').problem?.retryAtMs ?? 0) - life.nowMs, seconds * 1000);
  });

test('what only has to be looked at again is, every 10 s', () => {
  const life = pulling(container('main', { imagePullPolicy: 'Never' }));
  life.held.clear();
  life.failNext('create-container', 'NoSuchImage');
  for (let tries = 0; tries < 5; tries++) life.failNext('ensure-image', 'ImageNeverPull');
  life.want(staticPod('v2', { containers: [container('main', { imagePullPolicy: 'Never' })] }));
  life.go();
  const before = life.of('ensure-image').length;
  life.pass(40_000);
  assert.equal(life.of('ensure-image').length - before, 4);
});

test('a Pod that is removed lets go of the pull, and ends at once', async () => {
  const { engine, actor, run: pass, ended, published } = stage();
  engine.images.set('slow:1', { present: false, pullMs: 600_000 });
  const pod = actor();
  pod.desire(run(staticPod('v1', { containers: [always('main', 'slow:1')] })), 1);
  await pass(1000);
  assert.match(JSON.stringify(published.at(-1)?.pod?.status), /Pulling image \\"slow:1\\"/);
  pod.desire(gone, 2);
  await pass(10_000);
  assert.deepEqual(ended, [2]);
  pod.desire(run(staticPod('v1', { containers: [always('main', 'slow:1')] })), 3);
  await pass(1000);
  assert.equal(engine.pullCounts.get('slow:1'), 2, 'the next who wants it begins a new pull');
});

test('an edit lets go of a pull that the new manifest does not want', async () => {
  const { engine, actor, run: pass, published } = stage();
  engine.images.set('slow:1', { present: false, pullMs: 600_000 });
  const pod = actor();
  pod.desire(run(staticPod('v1', { containers: [always('main', 'slow:1')] })), 1);
  await pass(1000);
  pod.desire(run(staticPod('v2')), 2);
  await pass(10_000);
  assert.equal(published.at(-1)?.pod?.metadata?.uid, 'v2');
  assert.equal(published.at(-1)?.pod?.status?.phase, 'Running');
});
