// Observed containers -> PodStatus: container states, conditions and when they changed, addresses, the engine away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '../../src/kubernetes/pod.ts';
import { generateStatus } from '../../src/status/generate.ts';
import { ended, ends, init, podView, runs, waits } from './views.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const now = '2026-01-02T03:04:05Z';
const status = (view: Parameters<typeof generateStatus>[0], previous?: PodStatus, atMs = nowMs) =>
  generateStatus(view, previous, atMs);

function condition({ conditions = [] }: PodStatus, type: string) {
  const found = conditions.find((one) => one.type === type);
  assert.ok(found, type);
  return found;
}

test('a container that runs', () => {
  const [main] =
    status(podView([runs({ restartCount: 2, last: ended(1) })], 'Always')).containerStatuses ?? [];
  assert.deepEqual(main, {
    name: 'main',
    state: { running: { startedAt: '1970-01-01T00:00:05Z' } },
    lastState: {
      terminated: {
        exitCode: 1,
        reason: 'Error',
        startedAt: '1970-01-01T00:00:01Z',
        finishedAt: '1970-01-01T00:00:02Z',
        containerID: 'docker://old',
      },
    },
    ready: true,
    restartCount: 2,
    image: 'busybox:1',
    imageID: 'docker://sha256:1',
    containerID: 'docker://abc',
    started: true,
  });
});

test('one that waits has a reason, and says no more than it knows', () => {
  const view = waits({
    imageId: '',
    state: { is: 'waiting', reason: 'ErrImagePull', message: 'no such host' },
  });
  const [main] = status(podView([view], 'Always')).containerStatuses ?? [];
  assert.deepEqual(main, {
    name: 'main',
    state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: 'busybox:1',
    imageID: '',
    started: false,
  });
});

test('one that has ended keeps how, with its message', () => {
  const view = ends(137, {
    state: { is: 'terminated', ...ended(137, { reason: 'OOMKilled', message: 'out of memory' }) },
  });
  const [main] = status(podView([view], 'Never')).containerStatuses ?? [];
  assert.equal(main?.state?.terminated?.reason, 'OOMKilled');
  assert.equal(main?.state?.terminated?.message, 'out of memory');
  assert.equal(main?.ready, false);
  assert.equal(main?.containerID, 'docker://old');
});

test('ready is: a main one that runs and is not being stopped, an init one that ended well', () => {
  const ready = (view: Parameters<typeof podView>[0][number]) => {
    const { containerStatuses = [], initContainerStatuses = [] } = status(podView([view], 'Always'));
    return [...containerStatuses, ...initContainerStatuses][0]?.ready;
  };
  assert.deepEqual([runs(), runs({}, true), ends(0), waits()].map(ready), [true, false, false, false]);
  assert.deepEqual([init(runs()), init(ends(0)), init(ends(1))].map(ready), [false, true, false]);
});

test('init containers have a list of their own; without any there is none', () => {
  assert.equal(status(podView([runs()], 'Always')).initContainerStatuses, undefined);
  const both = status(podView([init(ends(0)), runs()], 'Always'));
  assert.deepEqual(
    both.initContainerStatuses?.map(({ name }) => name),
    ['init-main'],
  );
  assert.deepEqual(
    both.containerStatuses?.map(({ name }) => name),
    ['main'],
  );
});

type Verdict = [status: string, reason?: string, message?: string];
const verdict = (from: PodStatus, type: string): Verdict => {
  const { status, reason, message } = condition(from, type);
  return [status, reason, message];
};
const yes: Verdict = ['True', undefined, undefined];

test('all conditions of a Pod that runs are true', () => {
  const made = status(podView([runs()], 'Always'));
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  assert.deepEqual(
    made.conditions?.map(({ type }) => type),
    types,
  );
  for (const type of types) assert.deepEqual(verdict(made, type), yes, type);
});

test('a Pod that starts says which containers it waits for', () => {
  const made = status(
    podView([init(waits()), waits({ name: 'a' }), waits({ name: 'b' })], 'Always', { sandboxReady: false }),
  );
  assert.equal(condition(made, 'PodReadyToStartContainers').status, 'False');
  assert.deepEqual(verdict(made, 'Initialized'), [
    'False',
    'ContainersNotInitialized',
    'containers with incomplete status: [init-main]',
  ]);
  const unready: Verdict = ['False', 'ContainersNotReady', 'containers with unready status: [a b]'];
  assert.deepEqual(verdict(made, 'Ready'), unready);
  assert.deepEqual(verdict(made, 'ContainersReady'), unready);
  assert.deepEqual(verdict(made, 'PodScheduled'), yes);
});

test('Succeeded is PodCompleted, Failed is PodFailed', () => {
  const succeeded = status(podView([init(ends(0)), ends(0)], 'Never', { finished: true }));
  assert.equal(succeeded.phase, 'Succeeded');
  assert.deepEqual(verdict(succeeded, 'Initialized'), ['True', 'PodCompleted', undefined]);
  for (const type of ['Ready', 'ContainersReady'])
    assert.deepEqual(verdict(succeeded, type), ['False', 'PodCompleted', undefined]);
  const failed = status(podView([ends(1)], 'Never', { finished: true }));
  for (const type of ['Ready', 'ContainersReady'])
    assert.deepEqual(verdict(failed, type), ['False', 'PodFailed', undefined]);
});

test('lastTransitionTime is kept while the status of a condition stays, and only then', () => {
  const first = status(podView([waits()], 'Always'));
  assert.equal(condition(first, 'Ready').lastTransitionTime, now);
  const second = status(podView([runs()], 'Always'), first, nowMs + 5_000);
  assert.equal(condition(second, 'Ready').lastTransitionTime, '2026-01-02T03:04:10Z');
  assert.equal(condition(second, 'PodScheduled').lastTransitionTime, now);
  const third = status(podView([runs()], 'Always'), second, nowMs + 9_000);
  assert.deepEqual(third.conditions, second.conditions);
});

test('addresses: of the sandbox, or of the host for a Pod in its network', () => {
  const own = status(podView([runs()], 'Always'));
  assert.equal(own.podIP, '172.17.0.2');
  assert.deepEqual(own.podIPs, [{ ip: '172.17.0.2' }]);
  assert.equal(own.hostIP, '192.0.2.1');
  assert.deepEqual(own.hostIPs, [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }]);
  const view = podView([runs()], 'Always', { ips: [] });
  assert.equal(status(view).podIP, undefined);
  const onHost = status({
    ...view,
    pod: { ...view.pod, spec: { containers: [], ...view.pod.spec, hostNetwork: true } },
  });
  assert.deepEqual(onHost.podIPs, [{ ip: '192.0.2.1' }]);
});

test('an engine that does not answer is said, and everything else stays as last seen', () => {
  const view = podView([runs()], 'Always');
  const before = status(view);
  const away = status({ ...view, engineAway: { sinceMs: nowMs - 60_000, message: 'ECONNREFUSED' } }, before);
  assert.equal(away.reason, 'EngineUnavailable');
  assert.match(away.message ?? '', /since 2026-01-02T03:03:05Z .*ECONNREFUSED/);
  const { reason: _, message: __, ...rest } = away;
  assert.deepEqual(rest, before);
});

test('startTime and QoS class are there', () => {
  const made = status(podView([runs()], 'Always', { startedAtMs: nowMs - 1_000 }));
  assert.equal(made.startTime, '2026-01-02T03:04:04Z');
  assert.equal(made.qosClass, 'BestEffort');
});
