// Lifecycle hooks: what they run, and what a failing one says of itself.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { fail, ok } from '../../../src/errors.ts';
import type { V1HTTPGetAction, V1LifecycleHandler } from '../../../src/kubernetes/generated/shapes.ts';
import { runHook } from '../../../src/pod/handlers/hook.ts';
import { selfSigned } from './certificate.ts';
import {
  closedPort,
  httpServer,
  Listener,
  nothingLeft,
  onAnswer,
  rawServer,
  Scene,
  saying,
  targetWith,
} from './scene.ts';

const run = (handler: V1LifecycleHandler, scene = new Scene(), timeoutMs = 0, target = targetWith()) =>
  runHook(handler, target, timeoutMs, scene.around);
const get = (httpGet: V1HTTPGetAction, scene = new Scene(), timeoutMs = 0) =>
  run({ httpGet }, scene, timeoutMs);

const done = { ok: true, value: undefined };
const where = 'for Container "main" in Pod "web-node_default(u1)"';
const failed = (what: string, why: string) => ({
  ok: false,
  error: { code: 'HookFailed', message: `${what} ${where} failed - error: ${why}` },
});

test('exec: the command as it stands, bounded by the time there is, at once', async () => {
  const scene = new Scene();
  const target = targetWith({ env: [{ name: 'A', value: 'a' }] });
  assert.deepEqual(await run({ exec: { command: ['echo', '$(A)'] } }, scene, 5000, target), done);
  assert.deepEqual(scene.execs, [
    { id: 'c1', command: ['echo', '$(A)'], options: { timeoutMs: 5000, probe: false } },
  ]);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

const exec = { exec: { command: ['sh', '-c', 'exit 3'] } };
const execWords = 'Exec lifecycle hook ([sh -c exit 3])';

test('exec: another exit code than 0', async () => {
  const scene = new Scene(async () => ok({ exitCode: 3, output: 'no "db"\n' }));
  assert.deepEqual(
    await run(exec, scene),
    failed(execWords, `command 'sh -c exit 3' exited with 3: no "db"\n, message: "no \\"db\\"\\n"`),
  );
});

test('exec: could not be run, and is not tried again', async () => {
  const scene = new Scene(async () => fail('ExecFailed', 'no such program'));
  assert.deepEqual(await run(exec, scene), failed(execWords, 'no such program, message: ""'));
  assert.equal(scene.execs.length, 1);
});

test("exec: the trouble of the engine is not the hook's", async () => {
  for (const code of ['EngineUnavailable', 'EngineTimeout', 'EngineError'] as const) {
    const scene = new Scene(async () => fail(code, 'x'));
    assert.deepEqual(await run(exec, scene), fail(code, 'x'));
  }
  const gone = new Scene(() => Promise.reject(new Error('the engine thread has ended')));
  assert.deepEqual(await run(exec, gone), fail('ThreadExited', 'the engine thread has ended'));
});

test('exec: the time is over, by the engine or by its silence', async () => {
  const timedOut = failed(execWords, 'command timed out: "sh -c exit 3" timed out after 4s, message: ""');
  const told = new Scene(async () => fail('ExecTimeout', 'x'));
  assert.deepEqual(await run(exec, told, 4000), timedOut);

  const silent = new Scene(() => new Promise(() => undefined));
  const result = run(exec, silent, 4000);
  await silent.pass(4000);
  assert.deepEqual(await result, timedOut);
  assert.deepEqual(silent.leftovers(), nothingLeft);
});

test('sleep: as long as it says, by the clock', async () => {
  const scene = new Scene();
  const result = run({ sleep: { seconds: 5 } }, scene, 5000);
  await scene.pass(4999);
  assert.equal(scene.timers, 1);
  await scene.pass(1);
  assert.deepEqual(await result, done);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('sleep: of no time at all', async () => {
  const scene = new Scene();
  const result = run({ sleep: { seconds: 0 } }, scene, 5000);
  await scene.pass(0);
  assert.deepEqual(await result, done);
});

test('sleep: cut off by the time there is, or by the end of the container', async () => {
  const late = new Scene();
  const result = run({ sleep: { seconds: 60 } }, late, 5000);
  await late.pass(5000);
  assert.deepEqual(await result, failed('Sleep lifecycle hook (60)', 'the sleep was cut off at 5s'));

  const cut = new Scene();
  const dropped = run({ sleep: { seconds: 60 } }, cut);
  cut.endContainer();
  assert.deepEqual(
    await dropped,
    failed('Sleep lifecycle hook (60)', 'container terminated before the hook finished'),
  );
  assert.deepEqual([late.leftovers(), cut.leftovers()], [nothingLeft, nothingLeft]);
});

for (const status of [200, 404, 500]) {
  test(`http: ${status} is an answer, and an answer is success`, async (t) => {
    const requests: IncomingMessage[] = [];
    const { port } = await httpServer(t, (request, response) => {
      requests.push(request);
      response.writeHead(status).end('x');
    });
    const httpHeaders = [{ name: 'X-A', value: 'b' }];
    assert.deepEqual(await get({ port, path: '/stop?now', httpHeaders }), done);
    const [{ url, headers } = assert.fail()] = requests;
    assert.equal(url, '/stop?now');
    assert.equal(headers['user-agent'], 'kube-lifecycle/1.36');
    assert.equal(headers.accept, '*/*');
    assert.equal(headers['x-a'], 'b');
  });
}

test('http: a named port; one nobody has named', async (t) => {
  const { port } = await httpServer(t, (_, response) => void response.end());
  const target = targetWith({ ports: [{ name: 'admin', containerPort: port }] });
  assert.deepEqual(await run({ httpGet: { port: 'admin' } }, new Scene(), 0, target), done);
  assert.deepEqual(
    await get({ port: 'admin', path: '/stop' }),
    failed('HTTP lifecycle hook (/stop)', 'container "main" has no port named "admin"'),
  );
});

test('http: no answer', async () => {
  const port = await closedPort();
  assert.deepEqual(
    await get({ port, path: '/stop' }),
    failed(
      'HTTP lifecycle hook (/stop)',
      `Get "http://127.0.0.1:${port}/stop": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    ),
  );
});

test('http: a body that breaks off is an answer as well', async (t) => {
  const server = await saying(t, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok');
  assert.deepEqual(await get({ port: server.port }), done);
  assert.equal(server.sockets.length, 1);
});

test('http: a long body is not waited for, a short one is', async (t) => {
  const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nx`;
  const dripping = (length: number) =>
    rawServer(t, (socket) => void socket.on('data', () => socket.write(head(length))));
  const long = await dripping(1_000_000);
  assert.deepEqual(await get({ port: long.port }), done);
  await long.allGone();

  const short = await dripping(9);
  const scene = new Scene();
  onAnswer(t, () => void scene.pass(3000));
  assert.deepEqual(
    await get({ port: short.port }, scene, 3000),
    failed(
      'HTTP lifecycle hook ()',
      'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
    ),
  );
  await short.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('http: the time is over, and the container ends', async (t) => {
  const server = await rawServer(t, () => undefined);
  const late = new Scene();
  const result = get({ port: server.port }, late, 7000);
  await server.connections(1);
  await late.pass(7000);
  assert.deepEqual(
    await result,
    failed(
      'HTTP lifecycle hook ()',
      `Get "http://127.0.0.1:${server.port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    ),
  );

  const cut = new Scene();
  const dropped = get({ port: server.port }, cut);
  await server.connections(2);
  cut.endContainer();
  assert.deepEqual(
    await dropped,
    failed('HTTP lifecycle hook ()', 'container terminated before the hook finished'),
  );
  await server.allGone();
  assert.deepEqual([late.leftovers(), cut.leftovers()], [nothingLeft, nothingLeft]);
});

test('https: any certificate', async (t) => {
  let asked = 0;
  const server = createServer(selfSigned(), (_, response) => {
    asked += 1;
    response.end();
  });
  const { port } = await Listener.on(t, server);
  assert.deepEqual(await get({ port, scheme: 'HTTPS' }), done);
  assert.equal(asked, 1);
});

test('https answered by HTTP: asked again in plain, without credentials', async (t) => {
  const requests: IncomingMessage[] = [];
  const server = await httpServer(t, (request, response) => {
    requests.push(request);
    response.end();
  });
  const httpHeaders = [
    { name: 'authorization', value: 'secret' },
    { name: 'X-A', value: 'b' },
  ];
  assert.deepEqual(await get({ port: server.port, path: '/stop', scheme: 'HTTPS', httpHeaders }), done);
  assert.equal(server.sockets.length, 2);
  assert.equal(requests.length, 1);
  assert.equal(requests[0]?.url, '/stop');
  assert.equal(requests[0]?.headers['x-a'], 'b');
  assert.equal(requests[0]?.headers.authorization, undefined);
});

test('https answered by HTTP, that then fails in plain: the first failure is told', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.once('data', ([first]) => socket.end(first === 0x16 ? 'HTTP/1.1 400 Bad\r\n\r\n' : ''));
  });
  assert.deepEqual(
    await get({ port: server.port, scheme: 'HTTPS' }),
    failed(
      'HTTP lifecycle hook ()',
      `Get "https://127.0.0.1:${server.port}/": http: server gave HTTP response to HTTPS client`,
    ),
  );
  assert.equal(server.sockets.length, 2);
});

test('https answered by HTTP: both share the time', async (t) => {
  const scene = new Scene();
  const server = await rawServer(t, (socket) => {
    socket.once('data', async ([first]) => {
      if (first !== 0x16) return void scene.pass(600);
      await scene.pass(400);
      socket.end('HTTP/1.1 400 Bad\r\n\r\n');
    });
  });
  const result = await get({ port: server.port, scheme: 'HTTPS' }, scene, 1000);
  assert.equal(result.ok, false);
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a handler that is none', async () => {
  for (const [handler, given] of [
    [{ tcpSocket: { port: 80 } }, 'tcpSocket'],
    [{}, 'none is given'],
  ] as const) {
    assert.deepEqual(await run(handler), {
      ok: false,
      error: { code: 'HookFailed', message: `Cannot run handler: invalid handler: ${given}` },
    });
  }
});
