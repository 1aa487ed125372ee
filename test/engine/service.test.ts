// The engine thread's service, over real ports, before the engine in memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { connect } from '../../src/actors/call.ts';
import { systemClock } from '../../src/clock.ts';
import type { Engine, EngineEvent } from '../../src/engine/engine.ts';
import { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import { serveEngine } from '../../src/engine/service.ts';
import type { WatchEvent } from '../../src/engine/subscriptions.ts';
import { sandboxConfig } from '../contract/pods.ts';
import { until } from '../contract/until.ts';
import { image } from '../setup/images.ts';

const identity = { name: 'pod', namespace: 'ns', uid: 'uid' };
const key = 'ns/pod';

function setUp(t: TestContext) {
  const fake = new FakeEngine({ nodeName: 'node', rootDir: '/fake', clock: systemClock, listEveryMs: 0 });
  fake.images.set(image.pause, { present: true });
  let closed = false;
  const service = serveEngine(fake, () => {
    closed = true;
  });
  const open: MessagePort[] = [];
  /** As main does it for a Pod's thread, which holds the far ends. */
  const attach = () => {
    const [calls, events] = [new MessageChannel(), new MessageChannel()];
    service.attach(key, calls.port1, events.port1);
    const heard: EngineEvent[] = [];
    events.port2.on('message', (event) => heard.push(event));
    open.push(calls.port2, events.port2);
    return { engine: connect<Engine>(calls.port2).remote, heard, calls: calls.port2, events: events.port2 };
  };
  const watch = () => {
    const { port1, port2 } = new MessageChannel();
    service.watch(port1);
    const watched: WatchEvent[] = [];
    port2.on('message', (event) => watched.push(event));
    open.push(port2);
    return { watched, port: port2 };
  };
  const alive = setInterval(() => {}, 1000);
  t.after(() => {
    service.stop();
    for (const port of open) port.close();
    clearInterval(alive);
    assert.equal(closed, true);
  });
  return { fake, service, attach, watch };
}

async function runSandbox(engine: ReturnType<ReturnType<typeof setUp>['attach']>['engine'], attempt = 0) {
  const created = await engine.createSandbox(sandboxConfig(identity, { attempt }));
  assert.ok(created.ok);
  assert.equal((await engine.start(created.value)).ok, true);
  return created.value;
}

test('a Pod calls the engine over its own port and hears of its containers on the other', async (t) => {
  const { fake, service, attach } = setUp(t);
  const pod = attach();
  const id = await runSandbox(pod.engine);
  fake.killByHand(id, 9);
  await until(() => pod.heard.length === 1);
  const [event] = pod.heard;
  assert.ok(event?.type === 'observed' && event.observation.exitCode === 9);
  const all = await service.list();
  assert.ok(all.ok && all.value.length === 1);
});

test('a command is run over the port of the Pod', async (t) => {
  const { attach } = setUp(t);
  const { engine } = attach();
  const id = await runSandbox(engine);
  const ran = await engine.exec(id, ['true'], { timeoutMs: 1000, probe: true });
  assert.deepEqual(ran, { ok: true, value: { exitCode: 0, output: '' } });
});

test('what is not of the engine interface cannot be called', async (t) => {
  const { attach } = setUp(t);
  const { engine } = attach();
  const stranger = engine as unknown as { beginOutage(): Promise<void> };
  await assert.rejects(stranger.beginOutage(), /no such call/);
});

test("when a Pod's ports close, its events go to main's watch", async (t) => {
  const { fake, attach, watch } = setUp(t);
  const pod = attach();
  const { watched } = watch();
  const id = await runSandbox(pod.engine);
  const callsClosed = once(pod.calls, 'close');
  pod.events.close();
  await callsClosed;
  fake.killByHand(id);
  await until(() => watched.some((event) => event.type === 'unattended' && event.key === key));
});

test('a second attach replaces the first, whose late end takes nothing from it', async (t) => {
  const { fake, service, attach } = setUp(t);
  const first = attach();
  const second = attach();
  first.events.close();
  first.calls.close();
  const id = await runSandbox(second.engine);
  fake.killByHand(id);
  await until(() => second.heard.length === 1);
  assert.deepEqual(first.heard, []);
  service.detach(key);
  service.detach(key);
});

test("main's watch hears of an engine that is away, and of one that was away before it watched", async (t) => {
  const { fake, attach, watch } = setUp(t);
  const pod = attach();
  const first = watch();
  fake.beginOutage();
  await until(() => first.watched.length === 1 && pod.heard.length === 1);
  const second = watch();
  await until(() => second.watched.length === 1);
  assert.equal(second.watched[0]?.type === 'engine' && second.watched[0].available, false);
  first.port.close();
  fake.endOutage();
  await until(() => second.watched.length === 2);
});
