// gRPC probes against real HTTP/2 servers.
import assert from 'node:assert/strict';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import { answered, type Call, frame, grpcServer, trailersOnly } from './grpc-servers.ts';
import {
  closedPort,
  httpServer,
  Listener,
  nothingLeft,
  rawServer,
  Scene,
  saying,
  targetWith,
} from './scene.ts';

const probed = (port: number, scene = new Scene(), service?: string) =>
  runProbe({ grpc: { port, ...(service !== undefined && { service }) } }, targetWith(), scene.around);

const success = { result: 'success', message: '' };
const serving = frame([0x08, 1]);
const fine = { 'grpc-status': '0' };

test('asks for the service by its name, as the health protocol has it', async (t) => {
  const { listener, calls } = await grpcServer(t, (stream) => answered(stream, serving, fine));
  const scene = new Scene();
  const long = 'ü'.repeat(100);
  assert.deepEqual(await probed(listener.port, scene, 'db'), success);
  assert.deepEqual(await probed(listener.port, scene, long), success);
  assert.deepEqual(await probed(listener.port, scene), success);
  const [named, longNamed, whole] = calls as [Call, Call, Call];
  assert.equal(named.headers[':method'], 'POST');
  assert.equal(named.headers[':path'], '/grpc.health.v1.Health/Check');
  assert.equal(named.headers[':scheme'], 'http');
  assert.equal(named.headers[':authority'], `127.0.0.1:${listener.port}`);
  assert.equal(named.headers['content-type'], 'application/grpc');
  assert.equal(named.headers.te, 'trailers');
  assert.equal(named.headers['user-agent'], 'kube-probe/1.36');
  assert.equal(named.headers['grpc-timeout'], '1000m');
  assert.deepEqual(named.body, frame([0x0a, 2, 0x64, 0x62]));
  assert.deepEqual(longNamed.body, frame(Buffer.concat([Buffer.from([0x0a, 200, 1]), Buffer.from(long)])));
  assert.deepEqual(whole.body, frame([]));
  await listener.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

for (const [what, message, result, said] of [
  ['no status', [], 'failure', 'service unhealthy (responded with "UNKNOWN")'],
  ['SERVING', [0x08, 1], 'success', ''],
  ['NOT_SERVING', [0x08, 2], 'failure', 'service unhealthy (responded with "NOT_SERVING")'],
  ['SERVICE_UNKNOWN', [0x08, 3], 'failure', 'service unhealthy (responded with "SERVICE_UNKNOWN")'],
  ['one nobody knows', [0x08, 9], 'failure', 'service unhealthy (responded with "9")'],
  ['the last of two', [0x08, 2, 0x08, 1], 'success', ''],
  ['1 in ten bytes', [0x08, 0x81, ...Array(8).fill(0x80), 0], 'success', ''],
  [
    'other fields around it',
    [0x10, 5, 0x1a, 2, 8, 2, 0x25, 1, 2, 3, 4, 0x08, 1, 0x29, 1, 2, 3, 4, 5, 6, 7, 8],
    'success',
    '',
  ],
] as const) {
  test(`status ${what} is a ${result}`, async (t) => {
    const { listener } = await grpcServer(t, (stream) => answered(stream, frame([...message]), fine));
    assert.deepEqual(await probed(listener.port), { result, message: said });
  });
}

const failed = (code: string, text: string) =>
  `error: health rpc probe failed: rpc error: code = ${code} desc = ${text}`;
const garbage =
  'grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data';
const html = { ':status': 404, 'content-type': 'text/html' };

const bad: [what: string, answer: (stream: ServerHttp2Stream) => void, message: string][] = [
  ['a varint without end', (s) => answered(s, frame([0x08, 0xff]), fine), failed('Internal', garbage)],
  ['field 0', (s) => answered(s, frame([0x00, 1]), fine), failed('Internal', garbage)],
  ['a wire type that is none', (s) => answered(s, frame([0x0f, 1]), fine), failed('Internal', garbage)],
  ['bytes beyond its end', (s) => answered(s, frame([0x12, 9, 1]), fine), failed('Internal', garbage)],
  ['a fixed field cut short', (s) => answered(s, frame([0x11, 1]), fine), failed('Internal', garbage)],
  [
    'a huge length',
    (s) => answered(s, frame([0x12, 255, 255, 255, 255, 15]), fine),
    failed('Internal', garbage),
  ],
  ['no message', (s) => answered(s, Buffer.alloc(0), fine), failed('Internal', 'unexpected EOF')],
  [
    'half a frame',
    (s) => answered(s, Buffer.from([0, 0, 0, 0, 9, 8]), fine),
    failed('Internal', 'unexpected EOF'),
  ],
  [
    'a compressed message',
    (s) => answered(s, frame([0x08, 1], 1), fine),
    failed('Internal', 'grpc: compressed flag set with identity or empty encoding'),
  ],
  [
    'a call that is not implemented',
    (s) =>
      trailersOnly(s, { 'grpc-status': '12', 'grpc-message': 'unknown service%20grpc.health.v1.Health' }),
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
  ],
  [
    'an unknown service',
    (s) => trailersOnly(s, { 'grpc-status': '5', 'grpc-message': '100% of unknown' }),
    failed('NotFound', '100% of unknown'),
  ],
  [
    'an error after its headers',
    (s) => answered(s, Buffer.alloc(0), { 'grpc-status': '14', 'grpc-message': 'shutting down' }),
    failed('Unavailable', 'shutting down'),
  ],
  ['a code that is none', (s) => trailersOnly(s, { 'grpc-status': '77' }), failed('Code(77)', '')],
  [
    'a status that is none',
    (s) => trailersOnly(s, { 'grpc-status': 'x' }),
    failed('Unknown', 'transport: malformed grpc-status: "x"'),
  ],
  [
    'a deadline of its own',
    (s) => trailersOnly(s, { 'grpc-status': '4' }),
    'timeout: health rpc did not complete within 1s',
  ],
  [
    'no trailers',
    (s) => {
      s.respond({ ':status': 200, 'content-type': 'application/grpc+proto' });
      s.end(serving);
    },
    failed('Internal', 'server closed the stream without sending trailers'),
  ],
  [
    'a web page',
    (s) => {
      s.respond(html);
      s.end('<html>');
    },
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ' +
      'unexpected HTTP status code received from server: 404; transport: received unexpected content-type "text/html"',
  ],
  [
    'no content type',
    (s) => s.respond({ ':status': 503 }, { endStream: true }),
    failed(
      'Unavailable',
      'unexpected HTTP status code received from server: 503; malformed header: missing HTTP content-type',
    ),
  ],
  [
    'a reset',
    (s) => s.close(constants.NGHTTP2_REFUSED_STREAM),
    failed('Unavailable', 'stream terminated by RST_STREAM with error code: REFUSED_STREAM'),
  ],
  [
    'a reset for an error of its own',
    (s) => s.close(constants.NGHTTP2_INTERNAL_ERROR),
    failed('Internal', 'stream terminated by RST_STREAM with error code: INTERNAL_ERROR'),
  ],
  [
    'a closed connection',
    (s) => s.session?.destroy(),
    failed('Unavailable', 'error reading from server: EOF'),
  ],
];

for (const [what, answer, message] of bad) {
  test(`a server that answers with ${what}`, async (t) => {
    const { listener } = await grpcServer(t, answer);
    const scene = new Scene();
    assert.deepEqual(await probed(listener.port, scene), { result: 'failure', message });
    await listener.allGone();
    assert.deepEqual(scene.leftovers(), nothingLeft);
  });
}

test('an answer without end is not read to its end', async (t) => {
  const { listener } = await grpcServer(t, (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    const pour = () => {
      while (!stream.destroyed && stream.write(Buffer.alloc(4096)));
    };
    stream.on('drain', pour);
    pour();
  });
  const { result, message } = await probed(listener.port);
  assert.equal(result, 'failure');
  assert.match(message, /code = ResourceExhausted desc = grpc: received message larger than max/);
  await listener.allGone();
});

const notConnected = (port: number, within: string) => ({
  result: 'failure',
  message: `timeout: failed to connect service "127.0.0.1:${port}" within ${within}: context deadline exceeded`,
});

test('a server that never says a word of HTTP/2 costs the timeout', async (t) => {
  const server = await rawServer(t, () => undefined);
  const scene = new Scene();
  const verdict = probed(server.port, scene);
  await server.connections(1);
  await scene.pass(1000);
  assert.deepEqual(await verdict, notConnected(server.port, '1s'));
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

for (const [what, listening] of [
  ['speaks HTTP/1', (t: TestContext) => httpServer(t, (_, response) => void response.end())],
  ['speaks another protocol', (t: TestContext) => saying(t, 'SSH-2.0-dropbear\r\n')],
  ['closes at once', (t: TestContext) => rawServer(t, (socket) => void socket.end())],
  ['resets at once', (t: TestContext) => rawServer(t, (socket) => void socket.resetAndDestroy())],
] as const) {
  test(`a server that ${what} is asked again until the time is over`, async (t) => {
    const server = await listening(t);
    const scene = new Scene();
    const verdict = runProbe({ grpc: { port: server.port }, timeoutSeconds: 3 }, targetWith(), scene.around);
    await server.connections(1);
    await server.allGone();
    // The connection's own timer beside that of the timeout says that it is known to have failed.
    while (scene.timers < 2) await new Promise(setImmediate);
    await scene.pass(1000);
    await server.connections(2);
    await scene.pass(2000);
    assert.deepEqual(await verdict, notConnected(server.port, '3s'));
    await server.allGone();
    assert.deepEqual(scene.leftovers(), nothingLeft);
  });
}

test('a server that comes up within the timeout is found', async (t) => {
  const port = await closedPort();
  const scene = new Scene();
  const verdict = runProbe({ grpc: { port }, timeoutSeconds: 5 }, targetWith(), scene.around);
  while (scene.timers < 2) await new Promise(setImmediate);
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.resume();
    stream.on('end', () => answered(stream, serving, fine));
  });
  await Listener.on(t, server, '127.0.0.1', port);
  await scene.pass(1000);
  assert.deepEqual(await verdict, success);
});

test('a call that is not answered costs the timeout', async (t) => {
  const scene = new Scene();
  const { listener } = await grpcServer(t, () => void scene.pass(1000));
  assert.deepEqual(await probed(listener.port, scene), {
    result: 'failure',
    message: 'timeout: health rpc did not complete within 1s',
  });
  await listener.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('the end of the container drops a call, a connection and a pause', async (t) => {
  const ended = { result: 'unknown', message: 'the container has ended' };
  const calling = new Scene();
  const { listener } = await grpcServer(t, () => calling.endContainer());
  assert.deepEqual(await probed(listener.port, calling), ended);
  await listener.allGone();

  const connecting = new Scene();
  const mute = await rawServer(t, () => undefined);
  const connection = probed(mute.port, connecting);
  await mute.connections(1);
  connecting.endContainer();
  assert.deepEqual(await connection, ended);
  await mute.allGone();

  const pausing = new Scene();
  const pause = probed(await closedPort(), pausing);
  while (pausing.timers < 2) await new Promise(setImmediate);
  pausing.endContainer();
  assert.deepEqual(await pause, ended);
  for (const scene of [calling, connecting, pausing]) assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a Pod without address cannot be asked', async () => {
  const verdict = await runProbe({ grpc: { port: 1 } }, targetWith({}, ''), new Scene().around);
  assert.deepEqual(verdict, { result: 'unknown', message: 'the Pod has no IP address' });
});
