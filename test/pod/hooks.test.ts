// postStart and preStop: who waits for them, what their failure costs, whose time they use (kuberuntime startContainer,
// killContainer).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, ok } from '../../src/errors.ts';
import { checkpointText, restore } from '../../src/pod/checkpoint.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const sleep = { sleep: { seconds: 1 } };
const withPostStart = container('main', { lifecycle: { postStart: sleep } });
const withPreStop = container('main', { lifecycle: { preStop: sleep } });

const signals = (life: Life) => life.of('kill').map(({ container: name, signal }) => `${name} ${signal}`);

function holding(...args: Parameters<typeof staticPod>): Life {
  const life = new Life();
  life.held.add('run-hook');
  life.want(staticPod(...args));
  life.go();
  return life;
}

test('the next container waits for postStart', () => {
  const life = holding('v1', { containers: [withPostStart, container('next')] });
  assert.equal(life.slot('next').phase.at, 'created');
  assert.deepEqual(life.waiting('run-hook'), {
    ...life.waiting('run-hook'),
    hook: 'postStart',
    timeoutMs: 0,
  });
  life.answer(life.waiting('run-hook'), ok(undefined));
  life.go();
  assert.equal(life.slot('next').phase.at, 'running');
});

test('a postStart that fails: stopped gracefully, preStop first, and started again by policy', () => {
  const life = holding('v1', {
    containers: [container('main', { lifecycle: { postStart: sleep, preStop: sleep } })],
  });
  life.answer(life.waiting('run-hook'), fail('HookFailed', 'exit 1'));
  assert.deepEqual(signals(life), []);
  assert.equal(life.waiting('run-hook').hook, 'preStop');
  life.answer(life.waiting('run-hook'), ok(undefined));
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.ends('main', 143);
  life.go();
  assert.equal(life.slot('main').restartCount, 1);
  assert.equal(life.waiting('run-hook').hook, 'postStart', 'the new container has its own');
});

for (const [policy, exitCode, again] of [
  ['OnFailure', 143, true],
  ['OnFailure', 0, false],
  ['Never', 143, false],
] as const) {
  test(`after a failed postStart, ${policy} and exit code ${exitCode}: ${again ? 'again' : 'no more'}`, () => {
    const life = holding('v1', { restartPolicy: policy, containers: [withPostStart] });
    life.answer(life.waiting('run-hook'), fail('HookFailed', 'exit 1'));
    life.go();
    life.ends('main', exitCode);
    life.go();
    assert.equal(life.slot('main').phase.at, again ? 'running' : 'exited');
  });
}

test('a Pod removed while its postStart hangs stops at once', () => {
  const life = holding('v1', { containers: [withPostStart, container('next')] });
  life.wantGone();
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.ends('main', 143);
  life.go();
  assert.equal(life.state.current, undefined);
});

test("preStop runs before SIGTERM, and its time is the Pod's", () => {
  const life = holding('v1', { containers: [withPreStop], terminationGracePeriodSeconds: 10 });
  life.wantGone();
  life.go();
  assert.deepEqual(signals(life), []);
  assert.deepEqual(life.waiting('run-hook').timeoutMs, 10_000);
  life.pass(4000);
  life.answer(life.waiting('run-hook'), ok(undefined));
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(5999);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(1);
  assert.deepEqual(signals(life), ['main SIGTERM', 'main SIGKILL']);
});

test('a preStop that uses up the grace still leaves two seconds', () => {
  const life = holding('v1', { containers: [withPreStop], terminationGracePeriodSeconds: 3 });
  life.wantGone();
  life.go();
  life.pass(2999);
  assert.deepEqual(signals(life), []);
  life.pass(1);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(1999);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(1);
  assert.deepEqual(signals(life), ['main SIGTERM', 'main SIGKILL']);
});

test('a preStop that fails costs nothing but itself', () => {
  const life = holding('v1', { containers: [withPreStop] });
  life.wantGone();
  life.go();
  life.answer(life.waiting('run-hook'), fail('HookFailed', 'exit 1'));
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
});

for (const code of ['EngineUnavailable', 'ThreadExited', 'EngineError'] as const) {
  test(`${code} is no failure of a hook: it runs again when the engine answers`, () => {
    const start = holding('v1', { containers: [withPostStart, container('next')] });
    start.answer(start.waiting('run-hook'), fail(code, 'away'));
    start.go();
    start.pass(60_000);
    assert.deepEqual([start.of('run-hook').length, signals(start)], [2, []]);
    start.answer(start.waiting('run-hook'), ok(undefined));
    start.go();
    assert.equal(start.slot('next').phase.at, 'running');

    const stop = holding('v1', { containers: [withPreStop], terminationGracePeriodSeconds: 10 });
    stop.wantGone();
    stop.go();
    stop.answer(stop.waiting('run-hook'), fail(code, 'away'));
    stop.go();
    stop.pass(4000);
    assert.deepEqual([stop.of('run-hook').length, signals(stop)], [2, []]);
    assert.ok(stop.waiting('run-hook').timeoutMs < 10_000, 'what is left of the grace');
    stop.answer(stop.waiting('run-hook'), fail(code, 'away'));
    stop.pass(6000);
    assert.deepEqual(signals(stop), ['main SIGTERM']);
  });
}

test('preStop runs for an update and for a liveness kill as well', () => {
  const update = holding('v1', { containers: [withPreStop] });
  update.want(staticPod('v2'));
  update.go();
  assert.equal(update.waiting('run-hook').hook, 'preStop');
  const killed = new Life();
  killed.held.add('probe').add('run-hook');
  const livenessProbe = { exec: { command: ['x'] }, periodSeconds: 1, failureThreshold: 1 };
  killed.want(staticPod('v1', { containers: [{ ...withPreStop, livenessProbe }] }));
  killed.go();
  killed.pass(1000);
  killed.answer(killed.waiting('probe'), ok({ result: 'failure', message: 'no' }));
  assert.equal(killed.waiting('run-hook').hook, 'preStop');
});

test('the preStop of a sidecar runs at once, its SIGTERM waits for its turn', () => {
  const side = container('side', { restartPolicy: 'Always', lifecycle: { preStop: sleep } });
  const life = holding('v1', { initContainers: [side] });
  life.wantGone();
  life.go();
  assert.equal(life.waiting('run-hook').container, 'side');
  life.answer(life.waiting('run-hook'), ok(undefined));
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.ends('main', 0);
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM', 'side SIGTERM']);
});

test('a hook that was under way when monopod died runs again: at least once', () => {
  for (const spec of [withPostStart, withPreStop]) {
    const life = holding('v1', { containers: [spec] });
    if (spec === withPreStop) life.wantGone();
    life.go();
    const { hook } = life.waiting('run-hook');
    const next = new Life();
    next.held.add('run-hook');
    for (const [id, seen] of life.engine) next.engine.set(id, seen);
    next.nowMs = life.nowMs + 1000;
    const restored = restore(checkpointText(life.state, undefined));
    assert.ok(restored);
    next.state = restored.state;
    if (spec === withPreStop) next.wantGone();
    else next.want(staticPod('v1', { containers: [spec] }));
    next.go();
    assert.equal(next.waiting('run-hook').hook, hook);
    if (spec === withPreStop)
      assert.equal(next.waiting('run-hook').timeoutMs, 29_000, 'what is left of the grace');
  }
});

test('a shorter grace that arrives while the Pod stops shortens it, a longer one does not', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 60 }));
  life.wantGone();
  life.go();
  life.pass(10_000);
  life.want(staticPod('v2', { terminationGracePeriodSeconds: 300 }));
  life.go();
  life.want(staticPod('v3', { terminationGracePeriodSeconds: 5 }));
  life.go();
  life.pass(4999);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(1);
  assert.deepEqual(signals(life), ['main SIGTERM', 'main SIGKILL']);
});

test('the grace is that of the generation being stopped, not of the edit that stops it', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 60 }));
  life.want(staticPod('v2', { terminationGracePeriodSeconds: 1 }));
  life.go();
  life.pass(59_000);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  life.pass(1000);
  assert.deepEqual(signals(life), ['main SIGTERM', 'main SIGKILL']);
});

test('what is told again after a crash does not shorten the grace', () => {
  const life = Life.running(staticPod('v1', { terminationGracePeriodSeconds: 60 }));
  const edit = staticPod('v2', { terminationGracePeriodSeconds: 5 });
  life.want(edit);
  life.go();
  const restored = restore(checkpointText(life.state, undefined));
  assert.ok(restored);
  life.state = restored.state;
  life.pass(1000);
  life.want(edit);
  life.go();
  life.pass(50_000);
  assert.ok(!signals(life).includes('main SIGKILL'));
});

test('the failure of a hook whose container has been followed by another is not its own', () => {
  const life = holding('v1', { containers: [withPostStart] });
  const late = life.waiting('run-hook');
  life.ends('main', 1);
  life.go();
  life.answer(late, fail('HookFailed', 'container terminated before the hook finished'));
  assert.equal(life.slot('main').hookFailure, undefined);
});
