// What Pods hear, and what calls answer, when the engine goes away, hangs, is slow, or breaks a connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../contract/until.ts';
import { eventLine, type Handler } from './scripted-engine.ts';
import { shortTimes, watching } from './watching.ts';

const never: Handler = () => new Promise(() => {});

test('an engine that goes away and comes back is said so once each, with one list after', async (t) => {
  const { scripted, engine, heard, hears, add } = await watching(t);
  add('a', 'running');
  await scripted.down();
  await hears('engine');
  const away = await engine.inspect('a');
  assert.equal(away.ok ? 'ok' : away.error.code, 'EngineUnavailable');
  await scripted.up();
  await hears('listed');
  assert.deepEqual(
    heard.map((event) => (event.type === 'engine' ? event.available : event)),
    [false, true, { type: 'listed', containers: [{ id: 'a', state: 'running' }] }],
  );
  const back = await engine.inspect('a');
  assert.equal(back.ok, true);
});

test('a Pod that attaches while the engine is away hears so at once', async (t) => {
  const { scripted, engine, hears } = await watching(t);
  await scripted.down();
  await hears('engine');
  const late: unknown[] = [];
  engine.attach('ns/late', (event) => late.push(event.type === 'engine' && event.available));
  assert.deepEqual(late, [false]);
});

test('a Pod of which the engine has nothing hears an empty list', async (t) => {
  const { scripted, heard, hears } = await watching(t);
  scripted.cutStreams();
  await hears('listed');
  assert.deepEqual(heard, [{ type: 'listed', containers: [] }]);
});

test('a stream that breaks while the engine is well is no outage', async (t) => {
  const { scripted, heard, hears } = await watching(t);
  for (let cut = 1; cut <= 5; cut++) {
    scripted.cutStreams();
    await hears('listed', cut);
  }
  assert.deepEqual(new Set(heard.map(({ type }) => type)), new Set(['listed']));
});

test('the stream goes on from the last event: what was missed is repeated', async (t) => {
  const { scripted, heard, hears, add } = await watching(t);
  const container = add('a', 'exited', 3);
  const lastMs = 2_000_000_000_123;
  scripted.write(eventLine('die', container, lastMs));
  await hears('observed');
  scripted.cutStreams();
  await hears('listed');
  const [first, second] = scripted.requestsTo(/^GET \/events$/);
  assert.notEqual(first?.query.get('since'), null);
  assert.equal(second?.query.get('since'), '2000000000.123');
  scripted.write(eventLine('die', container, lastMs) + eventLine('destroy', container, lastMs + 1));
  await hears('removed');
  assert.deepEqual(heard.at(-1), { type: 'removed', id: 'a' });
});

test('a stream cut in the middle of a line loses nothing but that line, which is repeated', async (t) => {
  const { scripted, hears, add, heard } = await watching(t);
  const line = eventLine('die', add('a', 'exited', 3), 2_000_000_000_000);
  scripted.write(line.slice(0, 50));
  await pause(20);
  scripted.cutStreams();
  await until(() => scripted.streamCount === 1);
  scripted.write(line);
  await hears('observed');
  const observed = heard.filter((event) => event.type === 'observed');
  assert.deepEqual(
    observed.map(({ observation: { id, exitCode } }) => ({ id, exitCode })),
    [{ id: 'a', exitCode: 3 }],
  );
});

test('a stream that says what is no JSON is opened anew', async (t) => {
  const { scripted, hears, add } = await watching(t);
  scripted.write('panic: runtime error\n');
  await hears('listed');
  scripted.write(eventLine('die', add('a', 'exited'), 2_000_000_000_000));
  await hears('observed');
});

test('an engine that accepts and never answers is away, and what it was asked runs into its time', async (t) => {
  const { scripted, engine, heard, hears, add } = await watching(t);
  add('a', 'running');
  scripted.handler = never;
  const call = engine.kill('a', 'SIGTERM');
  await hears('engine');
  const late = await engine.kill('a', 'SIGTERM');
  assert.equal(late.ok ? 'ok' : late.error.code, 'EngineUnavailable');
  const answer = await call;
  assert.equal(answer.ok ? 'ok' : answer.error.code, 'EngineTimeout');
  scripted.handler = () => 'usual';
  await hears('listed');
  assert.deepEqual(
    heard.map((event) => (event.type === 'engine' ? event.available : event.type)),
    [false, true, 'listed'],
  );
});

test('a slow call is waited for: an engine that answers pings is there', async (t) => {
  const { scripted, engine, heard, add } = await watching(t);
  add('a', 'running');
  scripted.handler = async ({ path }) => {
    if (path.endsWith('/start')) await pause(shortTimes.slowMs * 3);
    return 'usual' as const;
  };
  const answer = await engine.start('a');
  assert.equal(answer.ok && answer.value.state, 'running');
  assert.ok(scripted.requestsTo(/_ping/).length > 0);
  assert.deepEqual(heard, []);
});

test('a broken connection fails its call, and is looked into, but is no outage by itself', async (t) => {
  const { scripted, engine, heard, add } = await watching(t);
  add('a', 'running');
  scripted.handler = ({ path }, answer) => {
    if (!path.endsWith('/kill')) return 'usual';
    answer.destroy();
    return 'done';
  };
  const answer = await engine.kill('a', 'SIGTERM');
  assert.equal(answer.ok ? 'ok' : answer.error.code, 'EngineUnavailable');
  await until(() => scripted.requestsTo(/_ping/).length > 0);
  assert.deepEqual(heard, []);
});

test('an answer that breaks off in the middle does not hang its call', async (t) => {
  const { scripted, engine, add } = await watching(t);
  add('a', 'running');
  scripted.handler = ({ path }, answer) => {
    if (path !== '/containers/a/json') return 'usual';
    answer.writeHead(200, { 'Content-Length': 500 }).write('{"Id":"a"');
    setTimeout(() => answer.destroy(), 5);
    return 'done';
  };
  const answer = await engine.inspect('a');
  assert.equal(answer.ok, false);
});

test('no engine at the start: it is said once, and found when it comes', async (t) => {
  const { scripted, engine, heard, hears } = await watching(t);
  await scripted.down();
  await hears('engine');
  await pause(shortTimes.backoffMsMax * 5);
  assert.equal(heard.length, 1);
  const [event] = heard;
  assert.ok(event?.type === 'engine' && event.sinceMs > 0 && /ENOENT|ECONNREFUSED/.test(event.message));
  await scripted.up();
  await hears('listed');
  assert.equal((await engine.list()).ok, true);
});
