// What the node has done is counted from spans and from changes of Pods, before anybody asks for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { NodeTally } from '../../src/supervisor/node-tally.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';

const span = (name: string, error?: string, container = ''): SpanRecord => ({
  traceId: 't',
  spanId: 's',
  name,
  startMs: 0,
  endMs: 1,
  thread: 'engine',
  attributes: { 'container.name': container },
  ...(error !== undefined && { error }),
});

const podOf = (phase: string, uid = 'u1', more: Pod['metadata'] = {}): Pod => ({
  metadata: { name: 'web-n', namespace: 'shop', uid, ...more },
  spec: { initContainers: [{ name: 'setup' }], containers: [{ name: 'main' }] },
  status: { phase },
});

function tally() {
  let nowMs = 0;
  const on = new NodeTally({ now: () => nowMs }, (key) =>
    key === 'shop/web-n' ? podOf('Pending') : undefined,
  );
  const see = (afterMs: number, pod: Pod) => {
    nowMs += afterMs;
    on.changed({ type: 'pod', pod });
  };
  return { on, see };
}

test('sandboxes and containers: each attempt, by kind, and what failed; what was there already is none', () => {
  const { on } = tally();
  on.spans([
    span('engine.createSandbox'),
    span('engine.createSandbox', 'SandboxCreateFailed: no address is left'),
    span('engine.createSandbox', 'NameInUse: of before'),
    span('engine.start', 'SandboxCreateFailed: port is taken'),
    span('engine.start', 'ContainerStartFailed: no such program'),
    span('engine.createContainer', undefined, 'k8s_setup_web-n_shop_u1_0'),
    span('engine.createContainer', 'ContainerCreateFailed: why', 'k8s_main_web-n_shop_u1_0'),
    span('engine.createContainer', undefined, 'k8s_main_web-n_shop_u1_1'),
    span('engine.createContainer', 'NameInUse: of before', 'k8s_main_web-n_shop_u1_1'),
    span('pod.change', 'SyncFailed: of no engine'),
  ]);
  const { startedPods, startedPodsErrors, startedContainers } = on.counts();
  assert.deepEqual([startedPods, startedPodsErrors], [2, 2]);
  assert.deepEqual(startedContainers, { container: 2, init_container: 1 });
});

test('how long a Pod takes to start: from its first sight until it runs, once, each version for itself', () => {
  const { on, see } = tally();
  see(0, podOf('Pending'));
  see(400, podOf('Pending'));
  see(300, podOf('Running'));
  see(9000, podOf('Running'));
  see(0, podOf('Pending', 'u2'));
  see(2000, podOf('Running', 'u2'));
  const { podStarts } = on.counts();
  assert.deepEqual([podStarts.count, podStarts.sumSeconds], [2, 2.7]);
  const upTo = (wanted: number) => podStarts.upTo.find(({ seconds }) => seconds === wanted)?.count;
  assert.deepEqual([0.5, 1, 2, 3600].map(upTo), [0, 1, 2, 2]);
});

test('one that ran when monopod started was not seen to start', () => {
  const { on, see } = tally();
  see(0, podOf('Running'));
  see(10, podOf('Running', 'u1', { labels: { a: 'b' } }));
  assert.equal(on.counts().podStarts.count, 0);
});

test('a Pod that comes back with the same UID while it is stopped is restarted; another version is not', () => {
  const { on, see } = tally();
  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  see(0, podOf('Running'));
  see(10, podOf('Running', 'u1', leaving));
  see(10, podOf('Pending', 'u1'));
  see(10, podOf('Running', 'u1'));
  assert.equal(on.counts().restartedPods, 1);
  assert.equal(on.counts().podStarts.sumSeconds, 0.01, 'since it came back');
  see(10, podOf('Running', 'u1', leaving));
  see(10, podOf('Pending', 'u2'));
  see(10, podOf('Running', 'u2', leaving));
  assert.equal(on.counts().restartedPods, 1);
});

test('what has gone and comes again is new', () => {
  const { on, see } = tally();
  see(0, podOf('Running', 'u1', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  on.changed({ type: 'removed', pod: podOf('Running') });
  see(5, podOf('Pending'));
  assert.equal(on.counts().restartedPods, 0);
});
