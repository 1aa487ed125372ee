// The built command as a person uses it, against the servers of this process or none.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { parse } from 'yaml';
import { fail, ok } from '../../src/errors.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { ManifestRecord, NodeChange, NodeView } from '../../src/server/node-view.ts';
import { type Servers, startServers } from '../../src/server/servers.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { noCounts } from '../server/no-counts.ts';

const command = join(import.meta.dirname, '../../dist/monopod.js');
const scratch = mkdtempSync(join(tmpdir(), 'monopod-cli-'));
after(() => rmSync(scratch, { recursive: true }));

const pod = (name: string, namespace = 'default', phase = 'Running'): Pod => ({
  metadata: { name: `${name}-node1`, namespace, annotations: { octal: '0644', yes: 'yes' } },
  spec: { containers: [], nodeName: 'node1' },
  status: { phase, podIP: '10.0.0.7' },
});
const span: SpanRecord = {
  traceId: 't',
  spanId: 's',
  name: 'pod.change',
  startMs: 0,
  endMs: 5,
  thread: 'pod',
  attributes: {},
};
const manifest: ManifestRecord = {
  sourceId: 'file:/m',
  origin: '/m/bad.yaml',
  state: 'rejected',
  errors: [
    {
      stage: 'validate',
      field: 'spec.containers',
      type: 'Required value',
      message: 'needed',
      line: 3,
      column: 7,
    },
  ],
  warnings: [],
  reason: 'line 3',
  sinceMs: 0,
};

let rootDir: string;
let pods: Pod[];
let traces: Record<string, SpanRecord[]>;
let manifests: ManifestRecord[];
let notices: string[];
let servers: Servers | undefined;
let openLog: NodeView['openLog'];
const listeners = new Set<(change: NodeChange) => void>();
const view: NodeView = {
  pods: () => pods,
  manifests: () => manifests,
  trace: (key) => traces[key],
  troubles: () => [],
  notices: () => notices.map((message) => ({ about: 'config', message })),
  room: () => ({ node: {}, held: [] }),
  hasImage: async () => undefined,
  made: async () => undefined,
  counts: () => noCounts,
  vitals: () => ({ nodeName: 'n', version: '1', startedAtMs: 0, engineAvailable: true, sources: [] }),
  openLog: (target, options) => openLog(target, options),
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

beforeEach(async () => {
  rootDir = mkdtempSync(join(scratch, 'root-'));
  pods = [pod('web')];
  traces = { 'default/web-node1': [span] };
  manifests = [manifest];
  notices = [];
  openLog = async () => fail('LogUnavailable', 'no log');
  const log = createLog({ format: 'text', verbosity: 0, write: () => undefined, now: () => 0 });
  servers = await startServers(
    { rootDir, address: '127.0.0.1', readOnlyPort: 0, healthzPort: 0 },
    view,
    { order: () => assert.fail('nothing is ordered here') },
    log,
  );
});
afterEach(async () => {
  await servers?.close();
  servers = undefined;
});

function start(line: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [command, ...line.split(' ').filter(Boolean)], {
    env: { ...process.env, MONOPOD_ROOT_DIR: rootDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function monopod(line: string, env?: Record<string, string>) {
  const child = start(line, env);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { out, err, code };
}

/** One line, no stack, and nothing where a script would read. */
async function refused(line: string, why: RegExp, env?: Record<string, string>) {
  const { out, err, code } = await monopod(line, env);
  assert.deepEqual([code, out], [1, ''], line);
  assert.match(err, why, line);
  assert.match(err, /^error: /, line);
  assert.doesNotMatch(err, /^ +at /m, line);
}

test('help and version', async () => {
  const help = await monopod('--help');
  assert.equal(help.code, 0);
  for (const verb of ['run', 'get', 'logs', 'restart', 'stop', 'start', 'trace'])
    assert.match(help.out, new RegExp(`^  ${verb} `, 'm'));
  for (const line of [
    'get --help',
    'get pods --help',
    'get manifests --help',
    'logs --help',
    'restart --help',
    'stop --help',
    'start --help',
    'trace --help',
    'run --help',
    'help run',
  ])
    assert.deepEqual((({ code, err }) => [code, err])(await monopod(line)), [0, ''], line);
  assert.match((await monopod('--version')).out, /^monopod \d+\.\d+\.\d+\n$/);
  const bare = await monopod('');
  assert.deepEqual([bare.code, bare.out], [1, '']);
  assert.match(bare.err, /^Usage: monopod/);
});

test('what is not understood is one clear error with a way on', async () => {
  await refused('gett', /unknown command 'gett'\n\(Did you mean get\?\)\nSee 'monopod --help'/);
  await refused('get podz', /unknown command 'podz'/);
  await refused(
    'get pods --wath',
    /unknown option '--wath'\n\(Did you mean --watch\?\)\nSee 'monopod get pods --help'/,
  );
  await refused('get pods -o xml', /Allowed choices are wide, json, yaml, name/);
  await refused('trace', /missing required argument 'pod'/);
  await refused('run --pod-manifest-path=/m --max-pods=x', /--max-pods <number>' argument 'x' is invalid/);
});

test('no monopod is running', async () => {
  const none = join(scratch, 'none');
  for (const verb of ['get pods', 'get pods -w', 'get manifests', 'trace web'])
    await refused(
      `${verb} --root-dir=${none}`,
      new RegExp(`^error: no monopod is running with the root directory ${none}`),
    );
  await servers?.close();
  servers = undefined;
  await refused('get pods', /no monopod is running/);
});

test('run says in one line why it cannot start', async () => {
  await refused('run', /no source of Pod manifests: give --pod-manifest-path=/);
  await refused(
    'run --pod-manifest-path=/m --root-dir=/proc/monopod',
    /--root-dir \/proc.*: cannot create it/,
  );
});

test('get pods: table, wide, names, objects', async () => {
  const { out, code } = await monopod('get pods');
  assert.deepEqual(
    [code, out],
    [0, 'NAME        READY   STATUS    RESTARTS   AGE\nweb-node1   0/0     Running   0          <unknown>\n'],
  );
  assert.match(
    (await monopod(`get pods -o wide --root-dir ${rootDir}`, { MONOPOD_ROOT_DIR: '/none' })).out,
    /10\.0\.0\.7 +node1 +<none>/,
  );
  assert.equal((await monopod('get po -o name')).out, 'pod/web-node1\n');
  assert.match((await monopod('get pods --no-headers')).out, /^web-node1/);
  const list = JSON.parse((await monopod('get pods -o json')).out);
  const object = { apiVersion: 'v1', kind: 'Pod', ...pod('web') };
  assert.deepEqual(list, {
    apiVersion: 'v1',
    kind: 'List',
    metadata: { resourceVersion: '' },
    items: [object],
  });
  const yaml = (await monopod('get pods -o yaml')).out;
  // Whoever reads YAML 1.1, as kubectl does, gets the same strings.
  for (const version of ['1.1', '1.2'] as const) assert.deepEqual(parse(yaml, { version }), list);
  assert.deepEqual(JSON.parse((await monopod('get pod web -o json')).out), object);
});

test('get pods: one by name, those of a namespace, none', async () => {
  pods = [pod('web'), pod('dns', 'kube-system')];
  for (const name of ['web', 'web-node1'])
    assert.equal((await monopod(`get pods ${name} -o name`)).out, 'pod/web-node1\n');
  await refused('get pods nobody', /pod "nobody" not found/);
  await refused('get pods dns -n default', /pod "dns" not found/);
  assert.equal((await monopod('get pods -n kube-system -o name')).out, 'pod/dns-node1\n');
  assert.match(
    (await monopod('get pods')).out,
    /^NAMESPACE +NAME .*\ndefault +web-node1 .*\nkube-system +dns-node1 /,
  );
  pods = [];
  assert.deepEqual(await monopod('get pods'), { code: 0, out: '', err: 'No resources found\n' });
  assert.deepEqual(JSON.parse((await monopod('get pods -o json')).out).items, []);
});

/** Collects what a watch prints until it has printed this much. */
function watching(line: string) {
  const child = start(line);
  let out = '';
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  const until = async (pattern: RegExp) => {
    while (!pattern.test(out)) await once(child.stdout ?? child, 'data');
    return out;
  };
  return { child, until, ended: once(child, 'close').then(([code]) => ({ code, out, err })) };
}

test('get pods -w: the list, each change, and an end when monopod ends', async () => {
  const { until, ended } = watching('get pods -w');
  await until(/web-node1 .*\n/);
  for (const listener of listeners) listener({ type: 'pod', pod: pod('web', 'default', 'Pending') });
  for (const listener of listeners) listener({ type: 'removed', pod: pod('web', 'default', 'Failed') });
  await until(/Failed.*\n/);
  await servers?.close();
  servers = undefined;
  const { code, out, err } = await ended;
  assert.deepEqual(
    out.split('\n').map((line) => line.split(/ +/)[2]),
    ['STATUS', 'Running', 'Pending', 'Failed', undefined],
  );
  assert.deepEqual([code, err], [1, 'error: monopod has stopped\n']);
});

test('get pods NAME -w -o json: one object a change, of that Pod alone', async () => {
  pods = [pod('web'), pod('other')];
  const { child, until } = watching('get pods web -w -o json');
  await until(/^}\n/m);
  for (const name of ['other', 'web'])
    for (const listener of listeners) listener({ type: 'pod', pod: pod(name, 'default', 'Failed') });
  const out = await until(/Failed[\s\S]*\n}\n/);
  child.kill();
  assert.equal(out.match(/^}$/gm)?.length, 2);
  assert.doesNotMatch(out, /other-node1/);
});

test('a reader that has seen enough ends the command quietly', async () => {
  pods = Array.from({ length: 2000 }, (_, at) => pod(`web${at}`));
  const child = start('get pods');
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const [code] = await once(child, 'exit');
  assert.deepEqual([code, err], [0, '']);
});

test('get manifests: table with the errors below, objects, none', async () => {
  const { out } = await monopod('get manifests');
  assert.match(out, /^MANIFEST +STATE +POD +SINCE +REASON\n\/m\/bad\.yaml +rejected +<none> /);
  assert.match(out, /\n\/m\/bad\.yaml:3:7: error: spec\.containers: Required value: needed\n$/);
  assert.deepEqual(JSON.parse((await monopod('get manifests -o json')).out), [manifest]);
  assert.deepEqual(parse((await monopod('get manifests -o yaml')).out), [manifest]);
  manifests = [];
  assert.deepEqual(await monopod('get manifests'), { code: 0, out: '', err: 'No manifests found\n' });
});

test('trace: by every way to name a Pod, and of one that is gone', async () => {
  for (const name of ['web', 'web-node1', 'default/web', 'default/web-node1']) {
    const { out, code } = await monopod(`trace ${name}`);
    assert.equal(code, 0, name);
    assert.match(out, /^default\/web-node1 .* 5ms .*\n.*█ +pod +pod\.change\n$/, name);
  }
  assert.deepEqual(JSON.parse((await monopod('trace web -o json')).out), [span]);
  pods = [pod('other')];
  for (const name of ['web', 'web-node1', 'default/web'])
    assert.match((await monopod(`trace ${name}`)).out, /pod\.change/, name);
  for (const name of ['nobody', 'kube-system/web', '../x', ''])
    await refused(`trace ${name || '/'}`, /not found/);
});

test('trace: a name that two Pods have is asked for with its namespace', async () => {
  pods = [pod('web'), pod('web', 'kube-system')];
  await refused('trace web', /"web" could be default\/web-node1 or kube-system\/web-node1/);
  assert.match((await monopod('trace default/web')).out, /pod\.change/);
});

test('what answers and is no monopod is said to be none', async () => {
  await servers?.close();
  servers = undefined;
  const other = createServer((socket) => socket.end('hello\n')).listen(join(rootDir, 'monopod.sock'));
  await once(other, 'listening');
  await refused('get pods', /cannot ask the monopod/);
  other.close();
});

/** Answers with these pieces, whatever is asked. */
const logOf =
  (...pieces: string[]): NodeView['openLog'] =>
  async (_target, options) => {
    const left = pieces.map((piece) => Buffer.from(piece, 'latin1'));
    return ok({
      next: async () => (options.tailLines === 0 ? undefined : left.shift()),
      containerEnded: () => undefined,
      close: () => undefined,
    });
  };
const withContainers = (...names: string[]): Pod => {
  const web = pod('web');
  const containerStatuses = names.map((name, at) => ({
    name,
    image: 'i',
    imageID: '',
    ready: true,
    restartCount: 0,
    containerID: `docker://c${at}`,
    state: { running: {} },
  }));
  return {
    ...web,
    spec: { nodeName: 'node1', containers: names.map((name) => ({ name })) },
    status: { ...web.status, containerStatuses },
  };
};

test('logs: the bytes as they are, of the container that kubectl would take', async () => {
  pods = [withContainers('main', 'side')];
  openLog = logOf('one\ntw', 'o\n\xff\x00end');
  const { code, out: stdout, err: stderr } = await monopod('logs web');
  assert.equal(stderr, 'Defaulted container "main" out of: main, side\n');
  assert.equal(stdout, Buffer.from('one\ntwo\n\xff\x00end', 'latin1').toString());
  assert.equal(code, 0);
  assert.equal((await monopod('logs default/web -c main --tail=0')).out, '');
  assert.equal((await monopod('logs pod/web-node1 side')).err, '');
});

test('logs: of all containers, each line with its prefix', async () => {
  pods = [withContainers('main', 'side')];
  openLog = logOf('one\ntw', 'o\nend');
  const { out: stdout } = await monopod('logs web -n default --all-containers --prefix');
  const of = (name: string) =>
    ['one\n', 'two\n', 'end'].map((line) => `[pod/web-node1/${name}] ${line}`).join('');
  assert.equal(stdout, of('main') + of('side'));
});

test('logs: what cannot be had is said in one line', async () => {
  pods = [withContainers('main', 'side'), pod('web', 'other')];
  await refused('logs web', /"web" could be default\/web-node1 or other\/web-node1/);
  await refused('logs web -n none', /error: pod "web" not found/);
  await refused('logs default/web -c no', /error: container no is not valid for pod web-node1/);
  await refused(
    'logs default/web main -p',
    /error: previous terminated container "main" in pod "web-node1" not found\n/,
  );
  await refused('logs default/web main', /error: no log\n/);
  await refused('logs default/web main -c main', /only one of -c or an inline/);
  await refused('logs web -c main --all-containers', /should not be specified with container name main/);
  await refused(
    'logs default/web --all-containers -f --max-log-requests=1',
    /follow 2 log streams, but maximum allowed concurrency is 1/,
  );
});
