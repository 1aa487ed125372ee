// The engine thread as it is built: dockerode in its bundle, calls and events over ports, an end that nobody hangs on.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { connect, transfer } from '../../src/actors/call.ts';
import { spawn } from '../../src/actors/thread.ts';
import type { Engine, EngineEvent } from '../../src/engine/engine.ts';
import type { EngineThread, EngineThreadData, EngineThreadParent } from '../../src/engine/service.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { sandboxConfig } from '../contract/pods.ts';
import { until } from '../contract/until.ts';
import { eventLine, ScriptedEngine } from './docker/scripted-engine.ts';
import { key, owner, podLabels } from './docker/watching.ts';

const images = {
  pullsMax: 4,
  stallTimeoutMs: 60_000,
  gc: { highThreshold: 100, lowThreshold: 80, minAgeMs: 0, maxAgeMs: 0 },
  needed: [],
};

async function setUp(t: TestContext) {
  const scripted = new ScriptedEngine();
  await scripted.up();
  const warnings: string[] = [];
  const spans: SpanRecord[] = [];
  const thread = spawn<EngineThreadParent, EngineThread>(
    'engine',
    { ...owner, endpoint: scripted.endpoint, images } satisfies EngineThreadData,
    { log: (_level, message) => void warnings.push(message) },
    (records) => spans.push(...records),
  );
  const [calls, events] = [new MessageChannel(), new MessageChannel()];
  await thread.remote.attach(
    key,
    transfer(calls.port1, [calls.port1]),
    transfer(events.port1, [events.port1]),
  );
  const heard: EngineEvent[] = [];
  events.port2.on('message', (event) => heard.push(event));
  const pod = connect<Engine>(calls.port2);
  void thread.exited.then(() => pod.close('the engine thread has ended'));
  t.after(async () => {
    await thread.terminate();
    events.port2.close();
    await scripted.down();
  });
  return { scripted, thread, spans, heard, pod: pod.remote };
}

test('a Pod runs and hears of its containers through the thread, and each call leaves a span', async (t) => {
  const { scripted, spans, heard, pod } = await setUp(t);
  const identity = { name: 'pod', namespace: 'ns', uid: 'uid' };
  const created = await pod.createSandbox(sandboxConfig(identity, { resources: {} }));
  assert.ok(created.ok);
  const started = await pod.start(created.value);
  assert.ok(started.ok && started.value.state === 'running');
  const missing = await pod.start('missing');
  assert.equal(missing.ok ? 'ok' : missing.error.code, 'NoSuchContainer');
  await until(() => scripted.streamCount === 1);
  const dead = { id: created.value, state: 'exited', labels: podLabels };
  scripted.containers.set(dead.id, dead);
  scripted.write(eventLine('die', dead, 2_000_000_000_000));
  await until(() => heard.some((event) => event.type === 'observed' && event.observation.state === 'exited'));
  await until(() => spans.length >= 3);
  const create = spans.find(({ name }) => name === 'engine.createSandbox');
  assert.equal(create?.thread, 'engine');
  assert.equal(create?.attributes['container.name'], 'k8s_POD_pod_ns_uid_0');
  assert.match(
    spans.find(({ name, error }) => name === 'engine.start' && error)?.error ?? '',
    /NoSuchContainer/,
  );
});

test('a call to a thread that ends does not hang', async (t) => {
  const { scripted, thread, pod } = await setUp(t);
  scripted.handler = () => new Promise(() => {});
  const call = pod.list();
  await until(() => scripted.requestsTo(/containers\/json/).length > 0);
  await thread.terminate();
  await assert.rejects(call, /has ended/);
});

test('after stop nothing is said any more, and the connections are closed', async (t) => {
  const { scripted, thread, heard } = await setUp(t);
  await until(() => heard.some(({ type }) => type === 'listed'));
  await thread.remote.stop();
  await until(() => scripted.streamCount === 0);
  const before = heard.length;
  await scripted.down();
  assert.equal(heard.length, before);
});
