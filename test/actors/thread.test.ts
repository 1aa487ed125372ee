// Real worker threads, from the bundles in dist/workers (npm run build).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { serve, ThreadGoneError, transfer } from '../../src/actors/call.ts';
import { spawn, type Thread, type ThreadKind } from '../../src/actors/thread.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { fail } from '../../src/errors.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { PodBoot, PodParent, PodThread } from '../../src/pod/service.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { podKey, staticPod } from '../pod/pods.ts';

const silent: PodParent = { published: () => {}, ended: () => {}, log: () => {} };
const start = (kind: ThreadKind, data: unknown, parent: PodParent = silent, spans: SpanRecord[] = []) =>
  spawn<PodParent, PodThread>(kind, data, parent, (more) => spans.push(...more));

/** Begins a Pod in a thread, on an engine that answers no list. */
async function begin(thread: Thread<PodThread>, rootDir: string) {
  const calls = new MessageChannel();
  const events = new MessageChannel();
  serve(calls.port2, { listPod: async () => fail('EngineUnavailable', 'not there') } as unknown as Engine);
  const boot: PodBoot = {
    key: podKey,
    nodeName: 'node',
    rootDir,
    podLogsDir: join(rootDir, 'logs'),
    podInfraContainerImage: 'pause',
    seccompDefault: false,
    hostIps: ['192.0.2.1'],
    dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
    node: { capacity: { memory: '1G' }, allocatable: { memory: '1G' } },
    known: [],
  };
  await thread.remote.begin(
    boot,
    transfer(calls.port1, [calls.port1]),
    transfer(events.port1, [events.port1]),
  );
  return { events: events.port2, calls: calls.port2 };
}

async function inDirectory(action: (rootDir: string) => Promise<void>): Promise<void> {
  const rootDir = mkdtempSync(join(tmpdir(), 'kt-thread-'));
  try {
    await action(rootDir);
  } finally {
    rmSync(rootDir, { recursive: true, force: true });
  }
}

test('calls to a thread that is ended reject, those under way and later ones', {
  timeout: 10_000,
}, async () => {
  const thread = start('pod', undefined);
  await thread.remote.desire({ want: 'gone' }, 1);
  const ending = thread.terminate();
  // The thread runs no more, but nobody knows yet that it has ended.
  await assert.rejects(thread.remote.desire({ want: 'gone' }, 2), ThreadGoneError);
  await ending;
  await assert.rejects(thread.remote.desire({ want: 'gone' }, 3), ThreadGoneError);
  assert.equal((await thread.exited).error, undefined);
});

test('a call made before the thread has started is answered when it has', { timeout: 10_000 }, async () => {
  const thread = start('pod', undefined);
  assert.equal(await thread.remote.desire({ want: 'gone' }, 1), undefined);
  await thread.terminate();
});

test('a thread that throws at its start ends, and its calls with it', { timeout: 10_000 }, async () => {
  const thread = start('source', null);
  const call = assert.rejects(thread.remote.desire({ want: 'gone' }, 1), ThreadGoneError);
  const { code, error } = await thread.exited;
  assert.equal(code, 1);
  assert.ok(error instanceof Error);
  await call;
});

test('an actor that breaks ends its thread, with the error', { timeout: 10_000 }, async () => {
  await inDirectory(async (rootDir) => {
    const thread = start('pod', undefined);
    const { events, calls } = await begin(thread, rootDir);
    events.postMessage({ type: 'observed' });
    const { error } = await thread.exited;
    assert.match(error?.message ?? '', /undefined/);
    await assert.rejects(thread.remote.desire({ want: 'gone' }, 1), /the pod thread has ended: /);
    for (const port of [events, calls]) port.close();
  });
});

test('a Pod’s thread publishes to main and sends its spans, in the trace that main began', {
  timeout: 10_000,
}, async () => {
  await inDirectory(async (rootDir) => {
    const { promise: published, resolve } = Promise.withResolvers<Pod | undefined>();
    const spans: SpanRecord[] = [];
    const thread = start('pod', undefined, { ...silent, published: (_key, pod) => resolve(pod) }, spans);
    const { events, calls } = await begin(thread, rootDir);
    await thread.remote.desire({ want: 'run', staticPod: staticPod('v1') }, 1);
    assert.equal((await published)?.metadata?.uid, 'v1');
    await thread.remote.desire({ want: 'gone' }, 2);
    while (!spans.some(({ name }) => name === 'pod.change'))
      await new Promise((again) => setImmediate(again));
    const change = spans.find(({ name }) => name === 'pod.change');
    assert.equal(change?.thread, 'pod');
    assert.equal(change?.attributes.outcome, 'superseded');
    await thread.terminate();
    for (const port of [events, calls]) port.close();
  });
});
