// What a person should know besides stands on the error stream of `get pods` and `get manifests`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { fail } from '../../src/errors.ts';
import type { NodeOrders } from '../../src/server/node-orders.ts';
import type { NodeView, Notice } from '../../src/server/node-view.ts';
import { type Servers, startServers } from '../../src/server/servers.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { noCounts } from '../server/no-counts.ts';

const command = join(import.meta.dirname, '../../src/cli/main.ts');
const rootDir = mkdtempSync(join(tmpdir(), 'monopod-notices-'));
after(() => rmSync(rootDir, { recursive: true }));

let notices: Notice[] = [];
let troubles: Notice[] = [];
const view: NodeView = {
  pods: () => [],
  manifests: () => [],
  trace: () => undefined,
  troubles: () => troubles,
  notices: () => notices,
  room: () => ({ node: {}, held: [] }),
  hasImage: async () => undefined,
  made: async () => undefined,
  counts: () => noCounts,
  vitals: () => ({ nodeName: 'n', version: '1', startedAtMs: 0, engineAvailable: true, sources: [] }),
  openLog: async () => fail('LogUnavailable', 'no log'),
  subscribe: () => () => undefined,
};

let servers: Servers;
before(async () => {
  const options = { rootDir, address: '127.0.0.1', readOnlyPort: 0, healthzPort: 0 };
  const log = createLog({ format: 'text', verbosity: 0, write: () => undefined, now: () => 0 });
  const orders: NodeOrders = { order: () => ({ ok: false, refused: { status: 404, message: 'none' } }) };
  servers = await startServers(options, view, orders, log);
});
after(() => servers.close());

const monopod = (...args: string[]) =>
  promisify(execFile)(process.execPath, [command, ...args, '--root-dir', rootDir]);

test('notices come on the error stream, safe for a terminal; what was asked for stays alone', async () => {
  notices = [{ about: 'config', message: 'the configuration has changed: maxPods\u001b[2J' }];
  for (const what of ['pods', 'manifests']) {
    const { stdout, stderr } = await monopod('get', what, '-o', 'json');
    assert.doesNotThrow(() => JSON.parse(stdout), what);
    assert.equal(stderr, 'notice: the configuration has changed: maxPods\\x1b[2J\n', what);
  }
});

test('a source that cannot be read is among them, but where it has a row of its own', async () => {
  notices = [];
  const message = 'https://h/pods cannot be read since 2024-01-01T00:00:00Z: it answers 503';
  troubles = [{ about: 'source', message }];
  const [pods, manifests] = await Promise.all([monopod('get', 'pods'), monopod('get', 'manifests')]);
  troubles = [];
  assert.match(pods.stderr, /^notice: https:\/\/h\/pods cannot be read since .*503$/m);
  assert.equal(manifests.stderr, 'No manifests found\n');
});

test('without any, nothing is said', async () => {
  notices = [];
  assert.equal((await monopod('get', 'pods', '-o', 'json')).stderr, '');
});
