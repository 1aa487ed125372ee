// What events lead to: which are looked into, which are not, and that no list says that a new container is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { containerConfig } from '../../contract/pods.ts';
import { until } from '../../contract/until.ts';
import { eventLine } from './scripted-engine.ts';
import { key, podLabels, watching } from './watching.ts';

const identity = { name: 'pod', namespace: 'ns', uid: 'uid' };
const nowMs = 2_000_000_000_000;

test('an engine that has nothing to say is asked nothing', async (t) => {
  const { scripted } = await watching(t);
  const asked = scripted.requests.length;
  await pause(300);
  assert.equal(scripted.requests.length, asked);
});

test('the list of once a minute is made and told', async (t) => {
  const { hears, heard } = await watching(t, { listEveryMs: 10 });
  await hears('listed', 3);
  assert.ok(heard.every(({ type }) => type === 'listed'));
});

test('a start of our own is answered, not told; one by somebody else is told', async (t) => {
  const { scripted, engine, heard, hears, add } = await watching(t);
  const ours = add('a', 'created');
  scripted.handler = ({ path }) => {
    if (path === '/containers/a/start') scripted.write(eventLine('start', ours, nowMs));
    return 'usual' as const;
  };
  const started = await engine.start('a');
  assert.equal(started.ok && started.value.state, 'running');
  scripted.write(eventLine('start', add('b', 'running'), nowMs + 1));
  await hears('observed');
  assert.deepEqual(
    heard.map((event) => event.type === 'observed' && event.observation.id),
    ['b'],
  );
  // A container of ours that somebody starts again later is told as well.
  scripted.write(eventLine('start', ours, nowMs + 2));
  await hears('observed', 2);
});

test('many events of one container lead to two looks at most: one under way, one after', async (t) => {
  const { scripted, hears, add } = await watching(t);
  const container = add('a', 'running');
  let release = () => {};
  scripted.handler = async ({ path }) => {
    if (path === '/containers/a/json') await new Promise<void>((resolve) => (release = resolve));
    return 'usual' as const;
  };
  const looks = () => scripted.requestsTo(/^GET \/containers\/a\/json$/).length;
  scripted.write(eventLine('oom', container, nowMs));
  await until(() => looks() === 1);
  for (let more = 1; more <= 5; more++) scripted.write(eventLine('oom', container, nowMs + more));
  container.state = 'exited';
  await pause(20);
  release();
  await until(() => looks() === 2);
  release();
  await hears('observed', 2);
  assert.equal(looks(), 2);
});

test('out of memory is told even where the container had ended before the engine heard of it', async (t) => {
  const { scripted, heard, hears, add } = await watching(t);
  const container = add('a', 'exited');
  scripted.write(eventLine('die', container, nowMs));
  await hears('observed');
  scripted.write(eventLine('oom', container, nowMs + 1));
  await hears('observed', 2);
  const told = heard.map((event) => event.type === 'observed' && event.observation.oomKilled);
  assert.deepEqual(told, [false, true]);
});

test('a container that is gone when looked at is told as removed', async (t) => {
  const { scripted, heard, hears } = await watching(t);
  scripted.write(eventLine('die', { id: 'gone', state: 'exited', labels: podLabels }, nowMs));
  await hears('removed');
  assert.deepEqual(heard, [{ type: 'removed', id: 'gone' }]);
});

test("events of containers that are not a Pod's, or not this monopod's, lead to nothing", async (t) => {
  const { scripted, heard, hears, add } = await watching(t);
  const another = { ...podLabels, 'monopod.dev/root-dir': '/another' };
  scripted.write(eventLine('die', { id: 'x', state: 'exited', labels: another }, nowMs));
  scripted.write(eventLine('die', { id: 'y', state: 'exited', labels: {} }, nowMs));
  scripted.write(eventLine('die', add('a', 'exited'), nowMs));
  await hears('observed');
  assert.equal(heard.length, 1);
  assert.equal(scripted.requestsTo(/containers\/[xy]/).length, 0);
});

test('a list made while a container is being created never says that it is gone', async (t) => {
  const { scripted, engine, heard, hears } = await watching(t);
  // The list is taken before the create, and arrives after it.
  let release = () => {};
  scripted.handler = async ({ path }, answer) => {
    if (path !== '/containers/json') return 'usual';
    scripted.handler = () => 'usual';
    await new Promise<void>((resolve) => (release = resolve));
    answer.writeHead(200).end('[]');
    return 'done';
  };
  scripted.cutStreams();
  await until(() => scripted.requestsTo(/^GET \/containers\/json$/).length === 2);
  const created = await engine.createContainer(containerConfig(identity, 'sandbox', 'runs'));
  assert.ok(created.ok);
  release();
  await hears('listed');
  assert.deepEqual(heard, [{ type: 'listed', containers: [{ id: created.value, state: 'created' }] }]);
});

test('events of a Pod that nobody attends to go to the watcher, with the Pod they are of', async (t) => {
  const { scripted, engine, add } = await watching(t);
  const detach = engine.attach(key, () => {});
  detach();
  const watched: unknown[] = [];
  engine.watch((event) =>
    watched.push(event.type === 'unattended' ? [event.key, event.event.type] : event.type),
  );
  scripted.write(eventLine('die', add('a', 'exited'), nowMs));
  await until(() => watched.length === 2);
  assert.deepEqual(watched, ['engine', [key, 'observed']]);
});

test('no more than 8 calls are under way at once, and a kill does not wait for them', async (t) => {
  const { scripted, engine, add } = await watching(t, { timeoutMs: 10_000, slowMs: 10_000 });
  add('a', 'running');
  const held: (() => void)[] = [];
  scripted.handler = async ({ path }) => {
    if (path === '/containers/create') await new Promise<void>((resolve) => held.push(resolve));
    return 'usual' as const;
  };
  const creates = Array.from({ length: 20 }, (_, attempt) =>
    engine.createContainer(containerConfig(identity, 'sandbox', 'runs', { attempt })),
  );
  await until(() => held.length === 8);
  assert.equal((await engine.kill('a', 'SIGTERM')).ok, true);
  assert.equal(held.length, 8);
  let done = false;
  const all = Promise.all(creates).finally(() => (done = true));
  await until(() => {
    for (const release of held.splice(0)) release();
    return done;
  });
  assert.ok((await all).every(({ ok }) => ok));
  assert.equal(scripted.underWayMax, 9);
});
