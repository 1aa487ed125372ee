// How a command is answered when the engine does not behave: connections left open, words that do not come, starts that
// are refused, an engine that goes away. And what it costs the engine's other calls: nothing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.ts';
import type { DockerEngineOptions } from '../../../src/engine/docker/docker-engine.ts';
import type { ExecOutcome } from '../../../src/engine/engine.ts';
import type { Result } from '../../../src/errors.ts';
import { startRecording } from '../../../src/telemetry/recorder.ts';
import type { SpanRecord } from '../../../src/telemetry/span-record.ts';
import { code, message } from '../../contract/results.ts';
import { until } from '../../contract/until.ts';
import { eventLine, frame, type Handler, type ScriptedExec } from './scripted-engine.ts';
import { watching } from './watching.ts';

const nowMs = 2_000_000_000_000;
const command = ['/bin/check', '--password=secret'];
const id = 'a'.repeat(64);
const hook = { timeoutMs: 0, probe: false };
const probe = { timeoutMs: 0, probe: true };

/** No trouble of the engine's but what a test makes, however busy the machine; and no list that makes it good. */
const patient = {
  timeoutMs: 20_000,
  slowMs: 20_000,
  pingTimeoutMs: 20_000,
  listTimeoutMs: 20_000,
  listEveryMs: 3_600_000,
};

/** A running container `a`, and what a test does to the commands in it. */
async function setUp(t: TestContext, times: DockerEngineOptions['times'] = {}) {
  const watched = await watching(t, { ...patient, ...times });
  const container = watched.add(id, 'running');
  const { scripted, engine } = watched;
  const exec = (options = hook) => {
    const state: { answer?: Result<ExecOutcome> } = {};
    const answered = engine.exec(id, command, options).then((answer) => (state.answer = answer));
    return { state, answered };
  };
  const started = (count = 1) =>
    until(() => [...scripted.execs.values()].filter(({ connection }) => connection).length >= count);
  const nth = (number = 1) => scripted.execs.get(`exec-${number}`) as ScriptedExec;
  const ends = (exec: ScriptedExec, exitCode: number) =>
    Object.assign(exec, { running: false, exitCode, pid: 4_000_000 });
  const tellsEnd = (exec: ScriptedExec, exitCode: number) =>
    scripted.write(eventLine('exec_die', container, nowMs, { execID: exec.id, exitCode: `${exitCode}` }));
  const looks = () => scripted.requestsTo(/^GET \/exec\/exec-1\/json$/).length;
  return { ...watched, container, exec, started, nth, ends, tellsEnd, looks };
}

test('while a command runs nobody asks how it goes, nor whether the engine is there', async (t) => {
  const { scripted, exec, started, nth, ends } = await setUp(t, { timeoutMs: 300, slowMs: 200 });
  const { answered } = exec();
  await started();
  const asked = scripted.requests.length;
  await pause(500);
  assert.equal(scripted.requests.length, asked);
  nth().connection?.write(frame('well\n'));
  ends(nth(), 0);
  nth().connection?.end();
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 0, output: 'well\n' } });
  assert.deepEqual(
    scripted.requests.slice(asked).map(({ method, path }) => `${method} ${path}`),
    ['GET /exec/exec-1/json'],
  );
});

test('commands that run take no place from other calls', async (t) => {
  const { scripted, engine, exec, started } = await setUp(t);
  const execs = Array.from({ length: 20 }, () => exec());
  await started(20);
  assert.equal((await engine.inspect(id)).ok, true);
  assert.equal((await engine.kill(id, 'SIGTERM')).ok, true);
  for (const { connection } of scripted.execs.values()) connection?.destroy();
  scripted.execs.clear();
  await Promise.all(execs.map(({ answered }) => answered));
});

test('a connection that stays open is not waited for: the event of the end is enough', async (t) => {
  const { exec, started, nth, ends, tellsEnd } = await setUp(t);
  const { state, answered } = exec();
  await started();
  nth().connection?.write(frame('last words'));
  ends(nth(), 3);
  const closed = once(nth().connection as object as NodeJS.EventEmitter, 'close');
  tellsEnd(nth(), 3);
  await until(() => state.answer);
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 3, output: 'last words' } });
  await closed;
});

test('an event that is lost as well is made good by the next list', async (t) => {
  const { exec, started, nth, ends } = await setUp(t, { listEveryMs: 30 });
  const { answered } = exec();
  await started();
  ends(nth(), 4);
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 4, output: '' } });
});

test('a list while it runs ends nothing', async (t) => {
  const { exec, started, nth, ends, hears, looks } = await setUp(t, { listEveryMs: 10 });
  const { state, answered } = exec();
  await started();
  await hears('listed', 3);
  await until(() => looks() >= 2);
  assert.equal(state.answer, undefined);
  ends(nth(), 0);
  assert.equal(code(await answered), 'ok');
});

test('a connection that is closed before the command ends is not its end', async (t) => {
  const { exec, started, nth, ends, looks, tellsEnd } = await setUp(t);
  const { state, answered } = exec();
  await started();
  nth().connection?.end(frame('early'));
  await until(() => looks() >= 2);
  assert.equal(state.answer, undefined);
  ends(nth(), 5);
  tellsEnd(nth(), 5);
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 5, output: 'early' } });
});

test('a connection that breaks is looked into, and its command still answered', async (t) => {
  const { scripted, heard, exec, started, nth, ends } = await setUp(t);
  const { answered } = exec();
  await started();
  ends(nth(), 0);
  nth().connection?.write(frame('x').subarray(0, 5), () => nth().connection?.destroy());
  assert.equal(code(await answered), 'ok');
  await until(() => scripted.requestsTo(/_ping/).length > 0);
  assert.deepEqual(heard, []);
});

test('the death of the container ends it, though its connection stays open', async (t) => {
  const { scripted, exec, started, container } = await setUp(t);
  const { answered } = exec();
  await started();
  container.state = 'exited';
  scripted.execs.clear();
  scripted.write(eventLine('die', container, nowMs));
  const answer = await answered;
  assert.equal(code(answer), 'NoSuchContainer');
  assert.match(message(answer), /does not run/);
});

test('an engine that has forgotten the command of a running container is at fault', async (t) => {
  const { scripted, exec, started } = await setUp(t);
  const { answered } = exec();
  await started();
  scripted.execs.clear();
  scripted.cutStreams();
  const answer = await answered;
  assert.equal(code(answer), 'EngineError');
  assert.match(message(answer), /lost sight/);
});

test('an engine that goes away ends it', async (t) => {
  const { scripted, exec, started } = await setUp(t);
  const running = [exec(), exec(probe), exec({ timeoutMs: 60_000, probe: false })];
  await started(3);
  await scripted.down();
  for (const { answered } of running) assert.equal(code(await answered), 'EngineUnavailable');
  assert.equal(code(await exec().answered), 'EngineUnavailable');
});

test('an engine that hangs ends it as soon as that is noticed, though its connection stays open', async (t) => {
  const times = { timeoutMs: 2_000, slowMs: 100, pingTimeoutMs: 500 };
  const { scripted, engine, exec, started, heard } = await setUp(t, times);
  const { state, answered } = exec();
  await started();
  const never: Handler = () => new Promise(() => {});
  scripted.handler = never;
  assert.equal(state.answer, undefined);
  const other = engine.inspect(id);
  assert.equal(code(await answered), 'EngineUnavailable');
  assert.equal(heard[0]?.type === 'engine' && heard[0].available, false);
  assert.equal(code(await other), 'EngineTimeout');
});

test('a stop of monopod ends it, waiting probes included', async (t) => {
  const { engine, scripted, exec, started } = await setUp(t);
  const probes = Array.from({ length: 9 }, () => exec(probe));
  await started(8);
  const created = scripted.execs.size;
  engine.close();
  for (const { answered } of probes) assert.equal(code(await answered), 'EngineUnavailable');
  assert.equal(scripted.execs.size, created);
});

test('after its timeout it is answered and its connection closed; a process that is not its own is left alone', async (t) => {
  const { exec, started, nth } = await setUp(t);
  const bystander = spawn('sleep', ['60']);
  t.after(() => bystander.kill());
  const { answered } = exec({ timeoutMs: 50, probe: false });
  await started();
  const closed = once(nth().connection as object as NodeJS.EventEmitter, 'close');
  // What the engine says is a number of another PID namespace: on this host it is somebody else's.
  nth().pid = bystander.pid ?? 0;
  const answer = await answered;
  assert.equal(code(answer), 'ExecTimeout');
  assert.match(message(answer), /timed out after 0.05 s, and may run on: its process cannot be told/);
  await closed;
  assert.deepEqual([bystander.exitCode, bystander.signalCode], [null, null]);
});

test('after its timeout an engine that does not answer is not waited for', async (t) => {
  const { scripted, exec, started } = await setUp(t);
  const { answered } = exec({ timeoutMs: 50, probe: false });
  await started();
  scripted.handler = ({ path }) => (path.endsWith('/json') ? new Promise(() => {}) : 'usual');
  const answer = await answered;
  assert.equal(code(answer), 'ExecTimeout');
  assert.match(message(answer), /the engine does not say/);
});

test('after its timeout a start that has not come to a process is looked at until it has', async (t) => {
  const { exec, started, nth, looks } = await setUp(t);
  const { answered } = exec({ timeoutMs: 20, probe: false });
  await started();
  await until(() => looks() >= 3);
  nth().pid = 1;
  assert.match(message(await answered), /cannot be told/);
});

test('what has ended in time has not timed out, though a child of it holds its output open', async (t) => {
  const { exec, started, nth, ends } = await setUp(t);
  const { answered } = exec({ timeoutMs: 50, probe: false });
  await started();
  nth().connection?.write(frame('ready'));
  ends(nth(), 0);
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 0, output: 'ready' } });
});

test('what has ended in time, by its process, is waited for until the engine has noted it', async (t) => {
  const { exec, started, nth, ends, looks, tellsEnd } = await setUp(t);
  const { state, answered } = exec({ timeoutMs: 20, probe: false });
  await started();
  nth().pid = spawnSync('true').pid;
  await until(() => looks() >= 3);
  assert.equal(state.answer, undefined);
  ends(nth(), 6);
  tellsEnd(nth(), 6);
  assert.deepEqual(await answered, { ok: true, value: { exitCode: 6, output: '' } });
});

test('a probe waits for its turn, and its timeout counts from there', async (t) => {
  const { scripted, exec, started, nth, ends } = await setUp(t);
  const hanging = Array.from({ length: 8 }, () => exec(probe));
  await started(8);
  const ninth = exec({ timeoutMs: 150, probe: true });
  await pause(300);
  assert.equal(scripted.execs.size, 8);
  assert.equal(ninth.state.answer, undefined);
  ends(nth(3), 1);
  nth(3).connection?.end();
  await started(9);
  ends(nth(9), 0);
  nth(9).connection?.end();
  assert.deepEqual(await ninth.answered, { ok: true, value: { exitCode: 0, output: '' } });
  await scripted.down();
  await Promise.all(hanging.map(({ answered }) => answered));
});

/** A start that is refused, or followed by the engine's words in place of output. */
const refusal = (status: number, text: string): Handler => {
  return ({ path }, answer) => {
    if (!path.endsWith('/start')) return 'usual';
    answer.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message: text }));
    return 'done';
  };
};

test('a start that is refused for its command has the exit code that the engine has for it, else none', async (t) => {
  const { scripted, exec } = await setUp(t);
  const said = 'OCI runtime exec failed: exec: "/bin/check": stat /bin/check: no such file or directory';
  scripted.handler = refusal(400, said);
  const refused = await exec().answered;
  assert.equal(code(refused), 'ExecFailed');
  assert.match(message(refused), /stat \/bin\/check: no such file/);
  const fail = refusal(400, said);
  scripted.handler = (request, answer) => {
    for (const exec of scripted.execs.values()) exec.exitCode = 127;
    return fail(request, answer);
  };
  const known = await exec().answered;
  assert.ok(known.ok && known.value.exitCode === 127);
  assert.match(known.value.output, /stat \/bin\/check: no such file/);
});

test('a container that ends between create and start is gone for the command', async (t) => {
  const { scripted, exec, container } = await setUp(t);
  scripted.handler = refusal(409, 'Container a is not running');
  assert.equal(code(await exec().answered), 'NoSuchContainer');
  const forgotten = refusal(404, 'No such exec instance: exec-2');
  scripted.handler = (request, answer) => {
    if (request.path.endsWith('/start')) container.state = 'exited';
    return forgotten(request, answer);
  };
  assert.equal(code(await exec().answered), 'NoSuchContainer');
});

test('the words of an engine that could not start it say whose fault that is', async (t) => {
  const { exec, started, nth, scripted } = await setUp(t);
  const told = async (words: string) => {
    const { answered } = exec();
    const number = scripted.execs.size + 1;
    await started(number);
    Object.assign(nth(number), { running: false, exitCode: 126, pid: 0 });
    nth(number).connection?.end(frame(`${words}\r\n`));
    return answered;
  };
  assert.equal(code(await told('cannot exec in a stopped state: unknown')), 'NoSuchContainer');
  assert.equal(code(await told('ttrpc: closed: unknown')), 'EngineError');
  assert.deepEqual(await told('exec: "x": permission denied'), {
    ok: true,
    value: { exitCode: 126, output: 'exec: "x": permission denied' },
  });
});

test('what a running command says is never taken for the words of the engine', async (t) => {
  const { exec, started, nth, ends } = await setUp(t);
  const { answered } = exec();
  await started();
  ends(nth(), 126);
  nth().connection?.end(frame('my container is not running: ttrpc: closed\r\n'));
  const value = { exitCode: 126, output: 'my container is not running: ttrpc: closed\r\n' };
  assert.deepEqual(await answered, { ok: true, value });
});

test('a paused container fails it', async (t) => {
  const { scripted, exec } = await setUp(t);
  scripted.handler = ({ path }, answer) => {
    if (!path.endsWith('/exec')) return 'usual';
    answer.writeHead(409, { 'Content-Type': 'application/json' });
    answer.end('{"message":"Container a is paused, unpause the container before exec"}');
    return 'done';
  };
  const answer = await exec().answered;
  assert.equal(code(answer), 'ExecFailed');
  assert.match(message(answer), /is paused/);
});

test('it is asked to run as the container runs: no user, no environment, no tty, no stdin of its own', async (t) => {
  const { scripted, exec, started, nth, ends } = await setUp(t);
  const { answered } = exec();
  await started();
  const bodyTo = (path: RegExp) => JSON.parse(scripted.requestsTo(path)[0]?.body ?? '');
  assert.deepEqual(bodyTo(/^POST \/containers\/a+\/exec$/), {
    Cmd: command,
    AttachStdout: true,
    AttachStderr: true,
  });
  assert.deepEqual(bodyTo(/^POST \/exec\/exec-1\/start$/), { Detach: false, Tty: false });
  ends(nth(), 0);
  nth().connection?.end();
  await answered;
});

test('its span has the container and the program, and neither arguments nor output', async (t) => {
  const spans: SpanRecord[] = [];
  const recording = startRecording({
    thread: 'test',
    sink: (records) => spans.push(...records),
    clock: systemClock,
  });
  t.after(() => recording.stop());
  const { exec, started, nth, ends } = await setUp(t);
  const well = exec();
  await started();
  ends(nth(), 1);
  nth().connection?.end(frame('token=secret'));
  await well.answered;
  const late = exec({ timeoutMs: 20, probe: false });
  await started(2);
  nth(2).pid = 1;
  await late.answered;
  recording.flush();
  const [first, second] = spans.filter(({ name }) => name === 'engine.exec');
  assert.deepEqual(first?.attributes, { 'container.id': id, 'exec.program': '/bin/check' });
  assert.equal(first?.error, undefined);
  assert.match(second?.error ?? '', /^ExecTimeout: exec "\/bin\/check": timed out/);
  assert.doesNotMatch(JSON.stringify(spans), /secret/);
});
