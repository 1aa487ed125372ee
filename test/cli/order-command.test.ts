// `monopod restart|stop|start` as commands, against the server of this process.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fail } from '../../src/errors.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { NodeOrders } from '../../src/server/node-orders.ts';
import type { ManifestRecord, NodeChange, NodeView } from '../../src/server/node-view.ts';
import { type Servers, startServers } from '../../src/server/servers.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { noCounts } from '../server/no-counts.ts';

const command = join(import.meta.dirname, '../../dist/monopod.js');

let rootDir: string;
freshDirectory((path) => {
  rootDir = path;
});
let pods: Pod[];
let manifests: ManifestRecord[];
let orders: NodeOrders;
let subscribed: () => void;
let servers: Servers;
const listeners = new Set<(change: NodeChange) => void>();

beforeEach(async () => {
  const log = createLog({ format: 'text', verbosity: 0, write: () => undefined, now: () => 0 });
  pods = [];
  manifests = [served('web')];
  orders = { order: (key) => ({ ok: false, refused: { status: 404, message: `no ${key}` } }) };
  subscribed = () => undefined;
  const view: NodeView = {
    pods: () => pods,
    manifests: () => manifests,
    trace: () => undefined,
    troubles: () => [],
    notices: () => [],
    room: () => ({ node: {}, held: [] }),
    hasImage: async () => undefined,
    made: async () => undefined,
    counts: () => noCounts,
    vitals: () => ({ nodeName: 'n', version: '1', startedAtMs: 0, engineAvailable: true, sources: [] }),
    openLog: async () => fail('LogUnavailable', 'no log'),
    subscribe(listener) {
      listeners.add(listener);
      subscribed();
      return () => listeners.delete(listener);
    },
  };
  const taken: NodeOrders = { order: (key, verb) => orders.order(key, verb) };
  servers = await startServers(
    { rootDir, address: '127.0.0.1', readOnlyPort: 0, healthzPort: 0 },
    view,
    taken,
    log,
  );
});
afterEach(() => servers.close());

function monopod(line: string): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, MONOPOD_ROOT_DIR: rootDir };
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...line.split(' ')], { env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

async function refused(line: string, why: RegExp) {
  const { out, err, code } = await monopod(line);
  assert.deepEqual([code, out], [1, ''], line);
  assert.match(err, why, line);
}

const podOf = (name: string, phase = 'Running'): Pod => ({
  metadata: { name: `${name}-node1`, namespace: 'default' },
  spec: { containers: [], nodeName: 'node1' },
  status: { phase },
});

/** A manifest of the Pod, so that something can be ordered of it. */
const served = (name: string, state: ManifestRecord['state'] = 'running'): ManifestRecord => ({
  sourceId: 'file:/m',
  origin: `/m/${name}.yaml`,
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: 0,
  state,
  staticPod: {
    key: `default/${name}-node1`,
    uid: 'old',
    source: 'file',
    origin: `/m/${name}.yaml`,
    pod: podOf(name),
  },
});
const change = (...changes: NodeChange[]) => {
  for (const one of changes) for (const listener of listeners) listener(one);
};
const version = (uid: string, phase: string): Pod => {
  const made = podOf('web', phase);
  return { ...made, metadata: { ...made.metadata, uid } };
};

test('restart and stop wait until it has happened, and say so in kubectl’s words', async () => {
  pods = [version('old', 'Running')];
  orders = {
    order: (_key, verb) => ({
      ok: true,
      taken: { wasStopped: false, ...(verb !== 'stop' && { uid: 'new' }) },
    }),
  };
  const course = {
    restart: [
      { type: 'pod', pod: version('new', 'Pending') },
      { type: 'pod', pod: version('new', 'Running') },
    ],
    stop: [{ type: 'removed', pod: version('old', 'Running') }],
  } as const;
  for (const verb of ['restart', 'stop'] as const) {
    subscribed = () => setImmediate(() => change(...course[verb]));
    const past = { restart: 'restarted', stop: 'stopped' }[verb];
    assert.deepEqual(await monopod(`${verb} web`), { out: `pod/web-node1 ${past}\n`, err: '', code: 0 });
  }
});

test('an order that is given without waiting, changes nothing, or finds no room', async () => {
  const ordered: string[] = [];
  let wasStopped = true;
  orders = {
    order(key, verb) {
      ordered.push(`${verb} ${key}`);
      return { ok: true, taken: { wasStopped, ...(verb !== 'stop' && { uid: 'new' }) } };
    },
  };
  assert.equal((await monopod('restart web --wait=false')).out, 'pod/web-node1 restarted (it was stopped)\n');
  assert.equal((await monopod('stop pod/web')).out, 'pod/web-node1 is stopped already\n');
  wasStopped = false;
  assert.equal((await monopod('start web')).out, 'pod/web-node1 is not stopped\n');
  assert.deepEqual(
    ordered,
    ['restart', 'stop', 'start'].map((verb) => `${verb} default/web-node1`),
  );
  orders = {
    order: () => ({ ok: true, taken: { uid: 'new', wasStopped: true, refusal: 'OutOfpods: full' } }),
  };
  await refused('start web', /pod\/web-node1 does not begin yet, and will when it can: OutOfpods: full/);
});

test('an order that is refused, unknown or takes too long is one clear error', async () => {
  await refused('stop web', /error: no default\/web-node1$/m);
  await refused('stop wbe', /pod "wbe" not found: did you mean "web"\?/);
  await refused('stop', /give the name of a Pod, or --all/);
  await refused('stop web --wait=perhaps', /It must be true or false/);
  orders = { order: () => ({ ok: true, taken: { uid: 'new', wasStopped: false } }) };
  await refused(
    'restart web --timeout 50ms',
    /timed out waiting for pod\/web-node1 to be restarted; the order holds/,
  );
});
