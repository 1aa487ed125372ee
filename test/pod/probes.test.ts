// Probes: when each runs, what its results lead to (prober worker, prober_manager, kuberuntime computePodActions).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../src/errors.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { checkpointText, restore } from '../../src/pod/checkpoint.ts';
import { narrate } from '../../src/pod/narrate.ts';
import { hasStarted, isReady } from '../../src/pod/started.ts';
import type { ProbeKind } from '../../src/pod/state.ts';
import { type EffectOf, Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const exec = { exec: { command: ['true'] } };

/** A Pod whose probes answer as they are told; all that were asked are kept with the time. */
class Probed extends Life {
  readonly asked: string[] = [];
  answers: Partial<Record<ProbeKind, 'success' | 'failure' | 'unknown'>> = {};
  readonly #startMs = this.nowMs;

  static of(main: Partial<Container>, spec = {}): Probed {
    const life = new Probed();
    life.held.add('probe');
    life.want(staticPod('v1', { containers: [container('main', main)], ...spec }));
    life.go();
    return life;
  }

  override go() {
    const issued = super.go();
    for (;;) {
      const [probe] = this.of('probe', this.pending);
      if (!probe) return issued;
      this.asked.push(`${(this.nowMs - this.#startMs) / 1000} ${probe.kind}`);
      this.answer(probe, ok({ result: this.answers[probe.kind] ?? 'success', message: 'no' }));
      issued.push(...super.go());
    }
  }

  at = (kind: ProbeKind) =>
    this.asked.filter((line) => line.endsWith(kind)).map((line) => Number(line.split(' ')[0]));
}

test('readiness: at once, then every period; unready until the first success', () => {
  const life = Probed.of({ readinessProbe: { ...exec, periodSeconds: 5 } });
  assert.deepEqual(life.at('readiness'), [0]);
  assert.equal(isReady(life.slot('main')), true);
  life.pass(11_000);
  assert.deepEqual(life.at('readiness'), [0, 5, 10]);
});

test('readiness waits for initialDelaySeconds', () => {
  const life = Probed.of({ readinessProbe: { ...exec, initialDelaySeconds: 7, periodSeconds: 5 } });
  assert.equal(isReady(life.slot('main')), false);
  life.pass(12_000);
  assert.deepEqual(life.at('readiness'), [7, 12]);
});

test('readiness turns at its thresholds and never kills', () => {
  const life = Probed.of({
    readinessProbe: { ...exec, periodSeconds: 1, failureThreshold: 3, successThreshold: 2 },
  });
  assert.equal(isReady(life.slot('main')), false, 'one success of two');
  life.pass(1000);
  assert.equal(isReady(life.slot('main')), true);
  life.answers.readiness = 'failure';
  life.pass(2000);
  assert.equal(isReady(life.slot('main')), true, 'two failures of three');
  life.pass(1000);
  assert.equal(isReady(life.slot('main')), false);
  assert.deepEqual(life.of('kill'), []);
});

test('a probe that could not be run says nothing, and breaks no row', () => {
  const life = Probed.of({ livenessProbe: { ...exec, periodSeconds: 1, failureThreshold: 2 } });
  life.answers.liveness = 'failure';
  life.pass(1000);
  life.answers.liveness = 'unknown';
  life.pass(1000);
  assert.deepEqual(life.of('kill'), []);
  life.answers.liveness = 'failure';
  life.pass(1000);
  assert.equal(life.of('kill').length, 1);
});

test('liveness: from a period after the start; at its threshold the container is killed and starts again', () => {
  const life = Probed.of({ livenessProbe: { ...exec, periodSeconds: 10, failureThreshold: 3 } });
  life.answers.liveness = 'failure';
  life.pass(29_000);
  assert.deepEqual(life.at('liveness'), [10, 20]);
  assert.deepEqual(life.of('kill'), []);
  life.pass(1000);
  assert.deepEqual(
    life.of('kill').map(({ signal }) => signal),
    ['SIGTERM'],
  );
  life.pass(10_000);
  assert.deepEqual(life.at('liveness'), [10, 20, 30], 'on hold until there is a new container');
  life.ends('main', 0);
  life.go();
  assert.equal(life.slot('main').restartCount, 1);
  assert.equal(life.slot('main').phase.at, 'running');
});

for (const [policy, again] of [
  ['Always', true],
  ['OnFailure', true],
  ['Never', false],
] as const) {
  test(`killed for its liveness under ${policy} it ${again ? 'starts again, even if it exits with 0' : 'stays down'}`, () => {
    const life = Probed.of(
      { livenessProbe: { ...exec, periodSeconds: 1, failureThreshold: 1 } },
      { restartPolicy: policy },
    );
    life.answers.liveness = 'failure';
    life.pass(1000);
    life.ends('main', 0);
    life.go();
    assert.equal(life.slot('main').phase.at, again ? 'running' : 'exited');
  });
}

for (const [own, killedAfterMs] of [
  [3, 3000],
  [undefined, 30_000],
] as const) {
  test(`SIGKILL follows after the ${own ? "probe's own grace" : "Pod's grace"}`, () => {
    const life = Probed.of({
      livenessProbe: {
        ...exec,
        periodSeconds: 1,
        failureThreshold: 1,
        ...(own !== undefined && { terminationGracePeriodSeconds: own }),
      },
    });
    life.answers.liveness = 'failure';
    life.pass(1000 + killedAfterMs - 1);
    assert.deepEqual(life.of('kill').length, 1);
    life.pass(1);
    assert.equal(life.of('kill')[1]?.signal, 'SIGKILL');
  });
}

test('startup first: nothing else is asked before it, readiness at once after it, liveness by its own period', () => {
  const life = Probed.of({
    startupProbe: { ...exec, periodSeconds: 2, failureThreshold: 30 },
    readinessProbe: { ...exec, periodSeconds: 10 },
    livenessProbe: { ...exec, periodSeconds: 10 },
  });
  life.answers.startup = 'failure';
  life.pass(12_000);
  assert.deepEqual(life.at('startup'), [1, 3, 5, 7, 9, 11]);
  assert.deepEqual([life.at('readiness'), life.at('liveness')], [[], []]);
  assert.equal(hasStarted(life.slot('main')), false);
  life.answers.startup = 'success';
  life.pass(1000);
  assert.equal(hasStarted(life.slot('main')), true);
  assert.deepEqual(life.at('readiness'), [13]);
  life.pass(10_000);
  assert.deepEqual(life.at('startup').length, 7, 'never again for this container');
  assert.deepEqual(life.at('liveness'), [20]);
});

test('a startup probe that fails for good kills with its own grace', () => {
  const life = Probed.of({
    startupProbe: { ...exec, periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 4 },
  });
  life.answers.startup = 'failure';
  life.pass(2000);
  assert.equal(life.of('kill')[0]?.signal, 'SIGTERM');
  life.pass(4000);
  assert.equal(life.of('kill')[1]?.signal, 'SIGKILL');
});

test('one at a time: a probe that takes longer than its period is followed at once', () => {
  const life = new Life();
  life.held.add('probe');
  life.want(
    staticPod('v1', { containers: [container('main', { readinessProbe: { ...exec, periodSeconds: 1 } })] }),
  );
  life.go();
  for (let seconds = 0; seconds < 5; seconds++) {
    life.pass(1000);
    life.send({ type: 'tick' });
  }
  assert.equal(life.of('probe').length, 1);
  life.answer(life.waiting('probe'), ok({ result: 'success', message: '' }));
  assert.equal(life.of('probe').length, 2);
});

test('an answer for a container that is gone changes nothing for the next', () => {
  const life = new Life();
  life.held.add('probe');
  life.want(staticPod('v1', { containers: [container('main', { readinessProbe: exec })] }));
  life.go();
  const late = life.waiting('probe') as EffectOf<'probe'>;
  life.ends('main', 1);
  life.go();
  life.answer(late, ok({ result: 'success', message: '' }));
  assert.equal(isReady(life.slot('main')), false);
});

test('while the Pod stops, readiness goes on and liveness does not', () => {
  const life = Probed.of({
    readinessProbe: { ...exec, periodSeconds: 1 },
    livenessProbe: { ...exec, periodSeconds: 1, failureThreshold: 1 },
  });
  life.pass(2500);
  const [ready, live] = [life.at('readiness').length, life.at('liveness').length];
  life.answers.liveness = 'failure';
  life.wantGone();
  life.go();
  life.pass(3000);
  assert.equal(life.at('readiness').length, ready + 3);
  assert.equal(life.at('liveness').length, live);
});

test('while the Pod stops, startup is asked no more', () => {
  const life = Probed.of({ startupProbe: { ...exec, periodSeconds: 1 } });
  life.wantGone();
  life.go();
  life.pass(5000);
  assert.deepEqual(life.asked, []);
});

test('after a restart of monopod what held holds on, and probes are spread over a period', () => {
  const life = Probed.of({ readinessProbe: { ...exec, periodSeconds: 10 } });
  const restored = restore(checkpointText(life.state, undefined), life.nowMs + 1, 0.25);
  assert.ok(restored);
  life.state = restored.state;
  life.nowMs += 1;
  life.asked.length = 0;
  life.send({ type: 'tick' });
  life.go();
  assert.equal(isReady(life.slot('main')), true, 'no flicker');
  assert.deepEqual(life.asked, []);
  life.pass(10_000);
  assert.equal(life.asked.length, 1);
});

test('after a restart of monopod probes that are due together are not asked together', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const life = Life.running(
    staticPod('v1', {
      containers: names.map((name) => container(name, { readinessProbe: exec, livenessProbe: exec })),
    }),
  );
  const restored = restore(checkpointText(life.state, undefined), life.nowMs + 1, 0.5);
  assert.ok(restored);
  life.state = restored.state;
  life.nowMs += 1;
  life.send({ type: 'tick' });
  life.go();
  const timesMs: number[] = [];
  for (let passedMs = 0; passedMs < 10_000; passedMs += 100)
    for (const { type } of life.pass(100)) if (type === 'probe') timesMs.push(passedMs);
  assert.equal(timesMs.length, 2 * names.length, 'each once a period');
  assert.ok(
    timesMs.every((timeMs) => timesMs.filter((other) => Math.abs(other - timeMs) < 500).length <= 2),
    `${timesMs}`,
  );
});

test('a startup probe that succeeds after a restart of monopod is followed by readiness at once', () => {
  const life = Probed.of({
    startupProbe: { ...exec, periodSeconds: 1, failureThreshold: 100 },
    readinessProbe: { ...exec, periodSeconds: 100 },
  });
  life.answers.startup = 'failure';
  life.pass(5000);
  const restored = restore(checkpointText(life.state, undefined), life.nowMs + 1, 0.5);
  assert.ok(restored);
  life.state = restored.state;
  life.nowMs += 1;
  life.answers.startup = 'success';
  life.send({ type: 'tick' });
  life.go();
  life.pass(2000);
  assert.equal(life.at('readiness').length, 1);
  assert.equal(isReady(life.slot('main')), true);
});

test('that a probe fails or cannot be run is told once, and not of a container that has ended', () => {
  const life = Probed.of({ readinessProbe: { ...exec, periodSeconds: 1 } });
  const told = (passedMs: number): string[] => {
    const before = life.state;
    life.pass(passedMs);
    return narrate(before, life.state).map(({ message }) => message);
  };
  life.answers.readiness = 'unknown';
  assert.deepEqual(told(1000), ['container main: readiness probe could not be run']);
  assert.deepEqual(told(1000), []);
  life.answers.readiness = 'failure';
  assert.deepEqual(told(1000), ['container main: readiness probe failed']);
  assert.deepEqual(told(1000), []);
  life.ends('main', 1);
  life.answers.readiness = 'unknown';
  assert.ok(!told(0).some((message) => message.includes('probe')));
});

test('a failure for another reason is told of as well, but not without end', () => {
  const life = new Life();
  life.held.add('probe');
  life.want(
    staticPod('v1', { containers: [container('main', { readinessProbe: { ...exec, periodSeconds: 1 } })] }),
  );
  life.go();
  const told = (result: 'success' | 'failure', message: string) => {
    const before = life.state;
    life.answer(life.waiting('probe'), ok({ result, message }));
    const lines = narrate(before, life.state).filter(({ level }) => level === 'warn');
    life.pass(1000);
    return lines.map(({ fields }) => fields.cause);
  };
  assert.deepEqual(told('failure', 'refused'), ['refused']);
  assert.deepEqual(told('failure', 'refused'), []);
  assert.deepEqual(told('failure', '503'), ['503']);
  assert.deepEqual(told('failure', '503'), []);
  const talkative = Array.from({ length: 20 }, (_, index) => told('failure', `at ${index}`)).flat();
  assert.equal(talkative.length, 3);
  assert.deepEqual(told('success', ''), []);
  assert.deepEqual(told('failure', '503'), ['503']);
  assert.deepEqual(told('success', ''), []);
  assert.deepEqual(told('failure', ''), [undefined], 'without words, but told');
});

test('a probe changes nothing in the checkpoint unless its result turns', () => {
  const life = Probed.of({ readinessProbe: { ...exec, periodSeconds: 1 } });
  const before = checkpointText(life.state, undefined);
  life.pass(3000);
  assert.equal(checkpointText(life.state, undefined), before);
  life.answers.readiness = 'failure';
  life.pass(3000);
  assert.notEqual(checkpointText(life.state, undefined), before);
});

test('restarts for liveness: at once after a long run, with back-off after short ones', () => {
  const life = Probed.of({ livenessProbe: { ...exec, periodSeconds: 15, failureThreshold: 1 } });
  life.answers.liveness = 'failure';
  const kill = () => {
    life.pass(15_000);
    life.ends('main', 137);
    life.go();
    return life.slot('main').phase.at;
  };
  assert.equal(kill(), 'running', 'the first');
  assert.equal(kill(), 'running', 'it ran 15 s, the back-off is 10 s');
  assert.equal(kill(), 'exited', 'the back-off is 20 s');
  life.pass(20_000);
  assert.equal(life.slot('main').phase.at, 'running');
});
