// A container's log over the socket: as much as the client takes, to the end of the container or of the client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fail, ok } from '../../src/errors.ts';
import type { LogOptions } from '../../src/host/log-entries.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { NodeOrders } from '../../src/server/node-orders.ts';
import type { LogTarget, NodeChange, NodeView } from '../../src/server/node-view.ts';
import { type Servers, startServers } from '../../src/server/servers.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { freePort } from '../e2e/harness/free-port.ts';
import { noCounts } from './no-counts.ts';

const running = (containerID = 'docker://abc'): Pod => ({
  metadata: { name: 'web-n1', namespace: 'default' },
  spec: { containers: [{ name: 'main' }] },
  status: {
    containerStatuses: [
      {
        name: 'main',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { running: {} },
        containerID,
      },
    ],
  },
});

/** A log that gives pieces as they come, and waits where there is none. */
class FakeLog {
  readonly pieces: (Buffer | undefined)[] = [];
  taken = 0;
  ended = false;
  closed = false;
  #wake: (() => void) | undefined;

  async next(): Promise<Uint8Array | undefined> {
    while (this.pieces.length === 0 && !this.ended) {
      if (this.closed) throw new Error('closed');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.taken++;
    return this.pieces.shift();
  }
  containerEnded() {
    this.ended = true;
    this.#wake?.();
  }
  close() {
    this.closed = true;
    this.#wake?.();
  }
  give(piece: Buffer | undefined) {
    this.pieces.push(piece);
    this.#wake?.();
  }
}

let rootDir: string;
let pods: Pod[];
let log: FakeLog;
let opened: { target: LogTarget; options: LogOptions }[];
let servers: Servers;
let readOnlyPort: number;
const listeners = new Set<(change: NodeChange) => void>();

beforeEach(async () => {
  rootDir = mkdtempSync(join(tmpdir(), 'monopod-logs-'));
  pods = [running()];
  log = new FakeLog();
  opened = [];
  readOnlyPort = await freePort();
  const view: NodeView = {
    pods: () => pods,
    manifests: () => [],
    trace: () => undefined,
    troubles: () => [],
    notices: () => [],
    room: () => ({ node: {}, held: [] }),
    hasImage: async () => undefined,
    made: async () => undefined,
    counts: () => noCounts,
    vitals: () => ({ nodeName: 'n', version: '1', startedAtMs: 0, engineAvailable: true, sources: [] }),
    async openLog(target, options) {
      if (target.id === 'lost') return fail('LogUnavailable', 'cannot read the log', 'ENOENT');
      opened.push({ target, options });
      return ok(log);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const silent = createLog({ format: 'text', verbosity: 0, write: () => undefined, now: () => 0 });
  const orders: NodeOrders = { order: () => assert.fail('only logs are asked for') };
  servers = await startServers(
    { rootDir, address: '127.0.0.1', readOnlyPort, healthzPort: 0 },
    view,
    orders,
    silent,
  );
});
afterEach(async () => {
  await servers.close();
  rmSync(rootDir, { recursive: true });
});

async function ask(path: string, socketPath = join(rootDir, 'monopod.sock')) {
  const asked = request({ socketPath, path: `/containerLogs/${path}`, agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function answer(path: string): Promise<[number | undefined, string]> {
  const response = await ask(path);
  let text = '';
  for await (const chunk of response.setEncoding('latin1')) text += chunk;
  return [response.statusCode, text];
}

const settled = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

test('the bytes as they are; the options reach the reader, which is closed', async () => {
  log.pieces.push(Buffer.from('a\xff\n', 'latin1'), Buffer.from('b'), undefined);
  assert.deepEqual(await answer('default/web-n1/main?tailLines=3'), [200, 'a\xff\nb']);
  assert.deepEqual(opened[0]?.options, { follow: false, timestamps: false, tailLines: 3 });
  assert.equal(opened[0]?.target.id, 'abc');
  await settled(() => log.closed);
});

test("the kubelet's refusals", async () => {
  assert.deepEqual(await answer('default/no/main'), [404, 'pod "no" does not exist\n']);
  assert.deepEqual(await answer('other/web-n1/main'), [404, 'pod "web-n1" does not exist\n']);
  assert.deepEqual(await answer('default/web-n1/no'), [404, 'container "no" not found in pod "web-n1"\n']);
  assert.deepEqual(await answer('default/web-n1/main?previous=true'), [
    400,
    'previous terminated container "main" in pod "web-n1" not found',
  ]);
  assert.deepEqual(await answer('default/web-n1/main?tailLines=-1'), [
    422,
    '{"message": "Invalid request."}',
  ]);
  pods = [running('docker://lost')];
  assert.deepEqual(await answer('default/web-n1/main'), [400, 'cannot read the log: ENOENT']);
});

test('it is not served to everybody on the machine', async () => {
  const response = await fetch(`http://127.0.0.1:${readOnlyPort}/containerLogs/default/web-n1/main`);
  assert.equal(response.status, 404);
});

for (const [what, change] of [
  ['the container runs no more', () => [running('docker://another')]],
  ['the Pod is gone', () => []],
] as const)
  test(`who follows comes to the end when ${what}`, async () => {
    const response = await ask('default/web-n1/main?follow=true');
    assert.equal(response.statusCode, 200, 'the answer begins before there is a byte');
    log.give(Buffer.from('last words'));
    const [chunk] = await once(response, 'data');
    assert.equal(String(chunk), 'last words');
    assert.equal(log.ended, false);
    const before = running();
    pods = change();
    for (const tell of listeners)
      tell(pods[0] ? { type: 'pod', pod: pods[0] } : { type: 'removed', pod: before });
    await once(response, 'end');
    assert.equal(listeners.size, 0);
    assert.equal(log.closed, true);
  });

test('a container that has ended is followed to its end only', async () => {
  pods = [
    {
      ...running(),
      status: {
        containerStatuses: [
          {
            name: 'main',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: 0, containerID: 'docker://abc' } },
          },
        ],
      },
    },
  ];
  log.pieces.push(Buffer.from('all'));
  assert.deepEqual(await answer('default/web-n1/main?follow=true'), [200, 'all']);
});

test('a client that goes ends its reader, one that does not read stops it', async () => {
  for (let piece = 0; piece < 1000; piece++) log.pieces.push(Buffer.alloc(64 * 1024));
  const response = await ask('default/web-n1/main?follow=true');
  response.pause();
  let taken = -1;
  while (taken !== log.taken) {
    taken = log.taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(taken < 500, `${taken} of 1000 pieces taken`);
  response.destroy();
  await settled(() => log.closed);
  assert.equal(listeners.size, 0);
});
