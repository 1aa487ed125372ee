// HTTP probes against real servers: what is asked, and what is made of the answer or of none.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { V1HTTPGetAction } from '../../../src/kubernetes/generated/shapes.ts';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import {
  closedPort,
  httpServer,
  nothingLeft,
  onAnswer,
  rawServer,
  Scene,
  saying,
  targetWith,
} from './scene.ts';

const probed = (httpGet: V1HTTPGetAction, scene = new Scene(), target = targetWith()) =>
  runProbe({ httpGet }, target, scene.around);

/** The request that a server sees for this action. */
async function seen(t: TestContext, action: Partial<V1HTTPGetAction>, target = targetWith()) {
  const requests: IncomingMessage[] = [];
  const { port } = await httpServer(t, (request, response) => {
    requests.push(request);
    response.end();
  });
  const verdict = await probed({ port, ...action }, new Scene(), target);
  assert.deepEqual(verdict, { result: 'success', message: '' });
  const [request] = requests;
  assert.ok(request);
  return { request, port };
}

for (const [status, result, message] of [
  [200, 'success', ''],
  [204, 'success', ''],
  [299, 'success', ''],
  [300, 'success', 'Probe terminated redirects, Response body: body'],
  [304, 'success', 'Probe terminated redirects, Response body: '],
  [399, 'success', 'Probe terminated redirects, Response body: body'],
  [400, 'failure', 'HTTP probe failed with statuscode: 400'],
  [500, 'failure', 'HTTP probe failed with statuscode: 500'],
  [999, 'failure', 'HTTP probe failed with statuscode: 999'],
] as const) {
  test(`status ${status} is a ${result}`, async (t) => {
    const { port } = await httpServer(t, (_, response) => void response.writeHead(status).end('body'));
    const scene = new Scene();
    assert.deepEqual(await probed({ port }, scene), { result, message });
    assert.deepEqual(scene.leftovers(), nothingLeft);
  });
}

test('asks as the kubelet asks', async (t) => {
  const { request, port } = await seen(t, { path: '/healthz?deep=1' });
  assert.equal(request.method, 'GET');
  assert.equal(request.url, '/healthz?deep=1');
  assert.deepEqual(request.rawHeaders, [
    ...['Host', `127.0.0.1:${port}`],
    ...['User-Agent', 'kube-probe/1.36'],
    ...['Accept', '*/*'],
    ...['Connection', 'close'],
  ]);
});

test('sends the headers that are given, repeated ones and UTF-8 too, and a Host of its own', async (t) => {
  const { request } = await seen(t, {
    httpHeaders: [
      { name: 'host', value: 'web.example' },
      { name: 'X-Probe', value: 'a' },
      { name: 'X-Probe', value: 'ü' },
      { name: 'user-agent', value: 'mine' },
      { name: 'Accept', value: 'text/plain' },
      { name: 'Content-Length', value: '5' },
      { name: 'Transfer-Encoding', value: 'chunked' },
    ],
  });
  assert.equal(request.headers.host, 'web.example');
  assert.deepEqual(request.headersDistinct['x-probe'], ['a', Buffer.from('ü').toString('latin1')]);
  assert.deepEqual(request.headersDistinct['user-agent'], ['mine']);
  assert.deepEqual(request.headersDistinct.accept, ['text/plain']);
  assert.equal(request.headers['content-length'], undefined);
  assert.equal(request.headers['transfer-encoding'], undefined);
});

test('an empty Accept or User-Agent is not sent, nor its default', async (t) => {
  const httpHeaders = [
    { name: 'Accept', value: '' },
    { name: 'User-Agent', value: '' },
  ];
  const { request } = await seen(t, { httpHeaders });
  assert.equal(request.headers.accept, undefined);
  assert.equal(request.headers['user-agent'], undefined);
});

for (const [path, sent] of [
  [undefined, '/'],
  ['', '/'],
  ['ready', '/ready'],
  ['/a/../b', '/a/../b'],
  ['/a b', '/a%20b'],
  ['/ü', '/%C3%BC'],
  ['/🎈', '/%F0%9F%8E%88'],
  ['/a%20b', '/a%20b'],
  ['/100%', '/100%25'],
  ['/100%?a#b', '/100%25%3Fa%23b'],
  ['/x?load=100%', '/x?load=100%'],
  ['/x?a=b c#part', '/x?a=b%20c'],
  ['?a', '/?a'],
  ['https://other.example:1/x?y', '/x?y'],
  ['//other.example/x', '/x'],
] as const) {
  test(`path ${path} is asked for as ${sent}`, async (t) => {
    assert.equal((await seen(t, { path })).request.url, sent);
  });
}

test('a port by the name the container gives it, and a host of its own', async (t) => {
  const { port } = await httpServer(t, (_, response) => void response.end());
  const named = targetWith({ ports: [{ name: 'web', containerPort: port }] }, '192.0.2.1');
  const verdict = await probed({ host: '127.0.0.1', port: 'web' }, new Scene(), named);
  assert.equal(verdict.result, 'success');
});

for (const [what, action, podIp, message] of [
  ['a port nobody has named', { port: 'web' }, '127.0.0.1', 'container "main" has no port named "web"'],
  ['a port that is none', { port: 0 }, '127.0.0.1', 'invalid port number: 0'],
  ['a Pod without address', { port: 80 }, '', 'the Pod has no IP address'],
  ['a host that is none', { port: 80, host: 'a b' }, '127.0.0.1', 'invalid URL "http://a b:80/"'],
] as const) {
  test(`${what}: cannot be run`, async () => {
    const verdict = await probed(action, new Scene(), targetWith({}, podIp));
    assert.deepEqual(verdict, { result: 'unknown', message });
  });
}

test('a header that may not be sent is a failure', async () => {
  const httpHeaders = [{ name: 'X-A', value: 'b\r\nX-C: d' }];
  assert.deepEqual(await probed({ port: 80, httpHeaders }), {
    result: 'failure',
    message: 'Get "http://127.0.0.1:80/": net/http: invalid header field value for "X-A"',
  });
});

test('nobody listens', async () => {
  const port = await closedPort();
  const address = `127.0.0.1:${port}`;
  assert.deepEqual(await probed({ port, path: '/x' }), {
    result: 'failure',
    message: `Get "http://${address}/x": dial tcp ${address}: connect: connection refused`,
  });
});

test('a name that is none', async () => {
  assert.deepEqual(await probed({ host: 'nowhere.invalid', port: 80 }), {
    result: 'failure',
    message: 'Get "http://nowhere.invalid:80/": dial tcp: lookup nowhere.invalid: no such host',
  });
});

const bigHeader = `HTTP/1.1 200 OK\r\nX-Big: ${'x'.repeat(300 * 1024)}\r\n\r\n`;
for (const [what, bytes, why] of [
  ['nothing', '', 'EOF'],
  ['half a status line', 'HTTP/1.1 20', 'EOF'],
  [
    'another protocol',
    'SSH-2.0-dropbear\r\n',
    'net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-dropbear"',
  ],
  ['endless headers', bigHeader, 'net/http: server response headers exceeded 262144 bytes; aborted'],
] as const) {
  test(`a server that says ${what}`, async (t) => {
    const { port } = await saying(t, bytes);
    const message = `Get "http://127.0.0.1:${port}/": ${why}`;
    assert.deepEqual(await probed({ port }), { result: 'failure', message });
  });
}

for (const [what, bytes] of [
  ['lines without CR', 'HTTP/1.1 200 OK\nX-A: b\n\nok'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok'],
  ['100 first', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok'],
  ['20 KiB of headers', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\nok`],
  [
    'length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['an offer to upgrade', 'HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nok'],
] as const) {
  test(`a server that says ${what} is fine`, async (t) => {
    const { port } = await saying(t, bytes);
    assert.equal((await probed({ port })).result, 'success');
  });
}

test('101 is no success', async (t) => {
  const { port } = await saying(
    t,
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  assert.equal((await probed({ port })).message, 'HTTP probe failed with statuscode: 101');
});

test('a reset connection', async (t) => {
  const { port } = await rawServer(t, (socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const address = `127.0.0.1:${port}`;
  assert.deepEqual(await probed({ port }), {
    result: 'failure',
    message: `Get "http://${address}/": read tcp ${address}: read: connection reset by peer`,
  });
});

test('10 KiB of a body are read, and the rest is not waited for', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(300).write('x'.repeat(10 * 1024 + 1));
  });
  const scene = new Scene();
  const { result, message } = await probed({ port: server.port }, scene);
  assert.equal(result, 'success');
  assert.equal(message.length, 'Probe terminated redirects, Response body: '.length + 10 * 1024);
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

for (const [what, bytes, why] of [
  ['cut', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok', 'unexpected EOF'],
  [
    'garbled',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'net/http: HTTP/1.x transport connection broken: Invalid character in chunk size',
  ],
] as const) {
  test(`a body that is ${what}: tried three times, then thrown away`, async (t) => {
    const server = await saying(t, bytes);
    assert.deepEqual(await probed({ port: server.port }), { result: 'unknown', message: why });
    assert.equal(server.sockets.length, 3);
  });
}

test('a failure is not tried again', async (t) => {
  const server = await httpServer(t, (_, response) => void response.writeHead(500).end());
  await probed({ port: server.port });
  assert.equal(server.sockets.length, 1);
});

for (const [what, onData] of [
  ['never answers', undefined],
  ['drips its headers', 'HTTP/1.1 200 OK\r\nX-A: '],
] as const) {
  test(`a server that ${what} costs the timeout`, async (t) => {
    const scene = new Scene();
    const server = await rawServer(t, (socket) => void (onData && socket.write(onData)));
    const { port } = server;
    const verdict = runProbe({ httpGet: { port }, timeoutSeconds: 2 }, targetWith(), scene.around);
    await server.connections(1);
    await scene.pass(1999);
    assert.equal(scene.timers, 1);
    await scene.pass(1);
    assert.deepEqual(await verdict, {
      result: 'failure',
      message: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
    await server.allGone();
    assert.deepEqual(scene.leftovers(), nothingLeft);
  });
}

/** Answers with a head and one byte of nine. */
const dripping = (t: TestContext) =>
  rawServer(t, (socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no'));
  });

test('a body that drips costs the timeout, three times, and is thrown away', async (t) => {
  const scene = new Scene();
  const server = await dripping(t);
  onAnswer(t, () => void scene.pass(1000));
  assert.deepEqual(await probed({ port: server.port }, scene), {
    result: 'unknown',
    message: 'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
  });
  assert.equal(server.sockets.length, 3);
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

const ended = { result: 'unknown', message: 'the container has ended' };

test('the end of its container ends a probe that waits for an answer, and its connection', async (t) => {
  const scene = new Scene();
  const server = await rawServer(t, () => undefined);
  const verdict = probed({ port: server.port }, scene);
  await server.connections(1);
  scene.endContainer();
  assert.deepEqual(await verdict, ended);
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('the end of its container ends a probe that reads a body, and its connection', async (t) => {
  const scene = new Scene();
  const server = await dripping(t);
  onAnswer(t, () => scene.endContainer());
  assert.deepEqual(await probed({ port: server.port }, scene), ended);
  await server.allGone();
  assert.equal(server.sockets.length, 1);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a container that has ended is not probed', async (t) => {
  const server = await httpServer(t, (_, response) => void response.end());
  const scene = new Scene();
  scene.endContainer();
  assert.equal((await probed({ port: server.port }, scene)).result, 'unknown');
  assert.equal(server.sockets.length, 0);
});
