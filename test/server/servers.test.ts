import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { StartupError } from '../../src/config/startup-error.ts';
import { fail } from '../../src/errors.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { NodeOrders } from '../../src/server/node-orders.ts';
import type { NodeChange, NodeView } from '../../src/server/node-view.ts';
import { type Servers, startServers } from '../../src/server/servers.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { noCounts } from './no-counts.ts';

const pod = (name: string, phase = 'Running'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [] },
  status: { phase },
});

class FakeView implements NodeView {
  list: Pod[] = [pod('web-node1')];
  wrong: string[] = [];
  listed = 0;
  readonly listeners = new Set<(change: NodeChange) => void>();

  pods() {
    this.listed += 1;
    return this.list;
  }
  manifests() {
    return [
      {
        sourceId: 'file:/m',
        origin: '/m/a.yaml',
        state: 'running' as const,
        errors: [],
        warnings: [],
        reason: '',
        sinceMs: 1,
      },
    ];
  }
  trace(key: string) {
    if (key !== 'default/web-node1') return undefined;
    return [{ traceId: 't', spanId: 's', name: 'x', startMs: 0, endMs: 1, thread: 'pod', attributes: {} }];
  }
  troubles() {
    return this.wrong.map((message) => ({ about: 'engine' as const, message }));
  }
  notices() {
    return [{ about: 'config' as const, message: 'the configuration has changed' }];
  }
  vitals() {
    const sources = [
      { id: 'file:/m', readable: true },
      { id: 'http://x', readable: false },
    ];
    return { nodeName: 'node1', version: '1', startedAtMs: 5_000, engineAvailable: true, sources };
  }
  room() {
    return { node: { nodeName: 'node1' }, held: [] };
  }
  async hasImage(image: string) {
    return image === 'registry.example/a:1';
  }
  async made(key: string) {
    return key === 'default/web-node1' ? { logDirectory: '/var/log/pods/x', containers: [] } : undefined;
  }
  counts() {
    return noCounts;
  }
  openLog = async (): ReturnType<NodeView['openLog']> => fail('LogUnavailable', 'no log');
  subscribe(listener: (change: NodeChange) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  tell(change: NodeChange) {
    for (const listener of this.listeners) listener(change);
  }
}

let ordered: string[] = [];
const orders: NodeOrders = {
  order(key, verb) {
    ordered.push(`${verb} ${key}`);
    if (key !== 'default/web-node1') return { ok: false, refused: { status: 404, message: `no ${key}` } };
    return { ok: true, taken: { uid: 'u', wasStopped: false } };
  },
};

let rootDir: string;
let view: FakeView;
let logged: string[];
let servers: Servers | undefined;
let readOnlyPort: number;
let healthzPort: number;

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function start(options: { address?: string; readOnlyPort?: number; healthzPort?: number } = {}) {
  const log = createLog({ format: 'text', verbosity: 0, write: (line) => logged.push(line), now: () => 0 });
  servers = await startServers(
    { rootDir, address: '127.0.0.1', readOnlyPort, healthzPort, ...options },
    view,
    orders,
    log,
  );
}

beforeEach(async () => {
  rootDir = mkdtempSync(join(tmpdir(), 'monopod-server-'));
  view = new FakeView();
  logged = [];
  ordered = [];
  [readOnlyPort, healthzPort] = [await freePort(), await freePort()];
});

afterEach(async () => {
  await servers?.close();
  servers = undefined;
  rmSync(rootDir, { recursive: true });
});

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
type Asked = {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  socket?: boolean;
  port?: number;
};

async function ask(
  path: string,
  { method = 'GET', headers, body, socket, port = readOnlyPort }: Asked = {},
): Promise<Answer> {
  const where = socket ? { socketPath: join(rootDir, 'monopod.sock') } : { host: '127.0.0.1', port };
  const asked = request({ ...where, path, method, headers, agent: false });
  asked.end(body);
  const [response] = await once(asked, 'response');
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}

test('/pods is a v1 PodList, made when it is asked for', async () => {
  await start();
  assert.equal(view.listed, 0);
  for (const path of ['/pods', '/pods/', '/pods?x=1', '//pods']) {
    const { status, headers, body } = await ask(path);
    assert.equal(status, 200, path);
    assert.equal(headers['content-type'], 'application/json');
    const { kind: _kind, apiVersion: _apiVersion, ...item } = pod('web-node1');
    assert.deepEqual(JSON.parse(body), { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [item] });
  }
  view.list = [];
  assert.deepEqual(JSON.parse((await ask('/pods')).body).items, []);
});

test('/healthz says ok, or 500 and what is wrong, on both ports and the socket', async () => {
  await start();
  for (const asked of [{}, { port: healthzPort }, { socket: true }]) {
    view.wrong = [];
    const well = await ask('/healthz', asked);
    assert.deepEqual([well.status, well.body], [200, 'ok']);
    view.wrong = ['the engine does not answer', 'the source is unreadable'];
    const unwell = await ask('/healthz', asked);
    assert.deepEqual(
      [unwell.status, unwell.body],
      [500, 'the engine does not answer\nthe source is unreadable\n'],
    );
  }
});

test('the health port has nothing else, and monopod’s own paths are on the socket alone', async () => {
  await start();
  assert.equal((await ask('/pods', { port: healthzPort })).status, 404);
  for (const path of ['/manifests', '/made/default/web-node1', '/trace/default/web-node1'])
    assert.equal((await ask(path)).status, 404, path);
  assert.equal((await ask('/pods?watch=1')).headers['content-type'], 'application/json');
});

test('HEAD is GET without a body', async () => {
  await start();
  const [get, head] = [await ask('/pods'), await ask('/pods', { method: 'HEAD' })];
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal(head.headers['content-length'], get.headers['content-length']);
});

test('unknown paths are 404 by any method; known ones by another method 405 with Allow', async () => {
  await start();
  for (const path of ['/', '/pod', '/pods/x', '/healthz/x', '/metrics/cadvisor', '/%2e%2e/pods'])
    for (const method of ['GET', 'POST'])
      assert.equal((await ask(path, { method })).status, 404, `${method} ${path}`);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers } = await ask('/pods/?x=1', { method, body: 'x'.repeat(100_000) });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
  }
  assert.equal((await ask('/%')).status, 400);
  assert.deepEqual(logged, []);
});

test('a body is read away and the connection closed', async () => {
  await start();
  const { status, headers } = await ask('/pods', {
    body: 'x'.repeat(100_000),
    headers: { 'content-length': '100000' },
  });
  assert.deepEqual([status, headers.connection], [200, 'close']);
});

test('a host name that is not of this machine is refused: a web page must not read Pods', async () => {
  await start();
  const as = async (host: string) => (await ask('/pods', { headers: { host } })).status;
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:10255',
    'localhost',
    'localhost:1',
    '[::1]:10255',
    'a.localhost',
  ])
    assert.equal(await as(host), 200, host);
  for (const host of ['evil.example', 'evil.example:10255', 'localhost.evil.example'])
    assert.equal(await as(host), 403, host);
});

test('a request that cannot be answered is a 500 without details, and is logged', async () => {
  await start();
  view.pods = () => {
    throw new Error('secret detail');
  };
  const { status, body } = await ask('/pods');
  assert.equal(status, 500);
  assert.doesNotMatch(body, /secret/);
  assert.match(logged.join(''), /secret detail/);
});

test('port 0 is off', async () => {
  await start({ readOnlyPort: 0, healthzPort: 0 });
  for (const port of [readOnlyPort, healthzPort])
    await assert.rejects(ask('/healthz', { port }), /ECONNREFUSED/);
  assert.equal((await ask('/healthz', { socket: true })).status, 200);
});

test('a port in use is named with its flag, and then nothing listens', async () => {
  const other = createServer().listen(readOnlyPort, '127.0.0.1');
  await once(other, 'listening');
  await assert.rejects(
    start(),
    (error) =>
      error instanceof StartupError &&
      error.message ===
        `--read-only-port: cannot listen on 127.0.0.1:${readOnlyPort}: the address is in use; choose another --read-only-port, or 0 for none`,
  );
  other.close();
  assert.equal(existsSync(join(rootDir, 'monopod.sock')), false);
  await assert.rejects(ask('/healthz', { port: healthzPort }), /ECONNREFUSED/);
});

test('nothing without authentication listens beyond loopback', async () => {
  await assert.rejects(start({ address: '0.0.0.0' }), /loopback only/);
});

test('the socket is for its owner alone whatever the umask, and goes at the end', async () => {
  chmodSync(rootDir, 0o755);
  const before = process.umask(0);
  try {
    await start();
    assert.equal(statSync(join(rootDir, 'monopod.sock')).mode & 0o777, 0o600);
    assert.equal(process.umask(), 0);
  } finally {
    process.umask(before);
  }
  await servers?.close();
  assert.deepEqual(readdirSync(rootDir), []);
});

test('a socket left by a crash is replaced', async () => {
  const path = join(rootDir, 'monopod.sock');
  const crash = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ['-e', crash]);
  assert.equal(existsSync(path), true);
  await start();
  assert.equal((await ask('/healthz', { socket: true })).status, 200);
});

test('manifests and traces on the socket', async () => {
  await start();
  const manifests = JSON.parse((await ask('/manifests', { socket: true })).body);
  assert.equal(manifests[0].origin, '/m/a.yaml');
  const made = JSON.parse((await ask('/made/default/web-node1', { socket: true })).body);
  assert.deepEqual(made, { logDirectory: '/var/log/pods/x', containers: [] });
  const image = async (name: string) =>
    JSON.parse((await ask(`/images/${encodeURIComponent(name)}`, { socket: true })).body);
  assert.deepEqual(await image('registry.example/a:1'), { isThere: true });
  assert.deepEqual(await image('b'), { isThere: false });
  assert.deepEqual(JSON.parse((await ask('/room', { socket: true })).body), {
    node: { nodeName: 'node1' },
    held: [],
  });
  assert.equal((await ask('/made/default/none', { socket: true })).status, 404);
  const spans = JSON.parse((await ask('/trace/default/web-node1', { socket: true })).body);
  assert.equal(spans[0].spanId, 's');
  assert.equal((await ask('/trace/default/none', { socket: true })).status, 404);
  assert.equal((await ask(`/trace/default/${'x'.repeat(253)}`, { socket: true })).status, 404);
});

test('orders are taken on the socket alone, and by POST alone', async () => {
  await start();
  for (const verb of ['restart', 'stop', 'start']) {
    const path = `/pods/default/web-node1/${verb}`;
    assert.equal((await ask(path, { method: 'POST' })).status, 404, 'not on the port');
    assert.equal((await ask(path, { socket: true })).status, 405);
    const { status, body } = await ask(path, { method: 'POST', socket: true });
    assert.deepEqual([status, JSON.parse(body)], [200, { uid: 'u', wasStopped: false }]);
    const unknown = await ask(`/pods/default/other/${verb}`, { method: 'POST', socket: true });
    assert.deepEqual([unknown.status, unknown.body], [404, 'no default/other\n']);
  }
  assert.deepEqual(
    ordered,
    ['restart', 'stop', 'start'].flatMap((verb) => [`${verb} default/web-node1`, `${verb} default/other`]),
  );
});

test('a watch begins with the list and goes on with each change, until the client leaves', async () => {
  await start();
  const asked = request({
    socketPath: join(rootDir, 'monopod.sock'),
    path: '/pods?watch=1',
    agent: false,
  }).end();
  const [response] = await once(asked, 'response');
  response.setEncoding('utf8');
  const lines: unknown[] = [];
  let rest = '';
  const read = async (count: number) => {
    while (lines.length < count) {
      const [chunk] = await once(response, 'data');
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((part) => JSON.parse(part)));
    }
  };
  await read(1);
  view.tell({ type: 'pod', pod: pod('web-node1', 'Pending') });
  view.tell({ type: 'manifests' });
  view.tell({ type: 'removed', pod: pod('web-node1', 'Succeeded') });
  await read(3);
  assert.deepEqual(lines, [
    { type: 'list', pods: [pod('web-node1')] },
    { type: 'pod', pod: pod('web-node1', 'Pending') },
    { type: 'removed', pod: pod('web-node1', 'Succeeded') },
  ]);
  asked.destroy();
  while (view.listeners.size > 0) await new Promise(setImmediate);
  view.tell({ type: 'pod', pod: pod('after') });
});

test('a watcher that does not read is dropped', async () => {
  await start();
  const client = connect(join(rootDir, 'monopod.sock'));
  client.write('GET /pods?watch=1 HTTP/1.1\r\nhost: localhost\r\n\r\n');
  client.pause();
  while (view.listeners.size === 0) await new Promise(setImmediate);
  const large = pod('x'.repeat(100_000));
  for (let change = 0; change < 200 && view.listeners.size > 0; change += 1)
    view.tell({ type: 'pod', pod: large });
  assert.equal(view.listeners.size, 0);
  client.destroy();
});

test('closing ends watches too', async () => {
  await start();
  const asked = request({
    socketPath: join(rootDir, 'monopod.sock'),
    path: '/pods?watch=1',
    agent: false,
  }).end();
  const [response] = await once(asked, 'response');
  response.on('error', () => undefined).resume();
  const ended = new Promise((resolve) => response.once('close', resolve));
  await servers?.close();
  await ended;
  assert.equal(view.listeners.size, 0);
});
