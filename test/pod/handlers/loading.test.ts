// What a Pod's thread pays for probes and hooks before it has any: no module of the network.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { selfSigned } from './certificate.ts';
import { httpServer, Listener, rawServer } from './scene.ts';

const handlers = join(import.meta.dirname, '../../../src/pod/handlers');
const network = ['net', 'dns', 'tls', 'http', 'https', 'http2', 'crypto', 'child_process', 'undici'];

type Loaded = { first: string[]; after: string[]; verdict?: { result: string } };

/** Built and run as a Pod's thread is; says which modules are loaded before, and which after `then`. */
async function loadedBy(t: TestContext, then: string): Promise<Loaded> {
  const directory = mkdtempSync(join(tmpdir(), 'monopod-handlers-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const bundle = join(directory, 'bundle.cjs');
  buildSync({
    stdin: {
      contents: `export { runProbe } from './probe.ts'; export { runHook } from './hook.ts';`,
      resolveDir: handlers,
    },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    outfile: bundle,
  });
  const script = `
    const loaded = () => process.moduleLoadList.flatMap((name) => name.split('NativeModule ')[1] ?? []);
    const none = loaded();
    const { runProbe, runHook } = require(${JSON.stringify(bundle)});
    const first = loaded().filter((name) => !none.includes(name));
    const around = {
      engine: { exec: async () => ({ ok: true, value: { exitCode: 0, output: '' } }) },
      clock: { now: () => 0, random: () => 0, after: () => ({ cancel() {} }) },
      signal: new AbortController().signal,
    };
    const target = { containerId: 'c', container: { name: 'c' }, podIp: '127.0.0.1', identity: {} };
    const given = loaded();
    Promise.resolve(${then}).then((verdict) => {
      const after = loaded().filter((name) => !given.includes(name));
      require('node:worker_threads').parentPort.postMessage({ first, after, verdict });
    });`;
  const worker = new Worker(script, { eval: true });
  const [message] = await once(worker, 'message');
  await worker.terminate();
  return message;
}

test('loading the handlers loads nothing else', async (t) => {
  const { first } = await loadedBy(t, 'undefined');
  assert.deepEqual(
    first.filter((name) => network.includes(name)),
    [],
  );
});

test('an exec probe, and hooks without HTTP, load nothing', async (t) => {
  const { after } = await loadedBy(
    t,
    `runProbe({ exec: { command: ['true'] } }, target, around)
      .then(() => runHook({ exec: { command: ['true'] } }, target, 0, around))`,
  );
  assert.deepEqual(after, []);
});

test('each kind loads what it needs, and nothing of the others', async (t) => {
  const raw = await rawServer(t, () => undefined);
  const plain = await httpServer(t, (_, response) => void response.end());
  const secure = await Listener.on(
    t,
    createServer(selfSigned(), (_, response) => void response.end()),
  );
  const loads = async (probe: string) => {
    const { after, verdict } = await loadedBy(t, `runProbe(${probe}, target, around)`);
    assert.equal(verdict?.result, 'success');
    return after.filter((name) => network.includes(name)).sort();
  };
  assert.deepEqual(await loads(`{ tcpSocket: { port: ${raw.port} } }`), ['net']);
  assert.deepEqual(await loads(`{ httpGet: { port: ${plain.port} } }`), ['http', 'net']);
  assert.deepEqual(await loads(`{ httpGet: { port: ${secure.port}, scheme: 'HTTPS' } }`), [
    'crypto',
    'http',
    'net',
    'tls',
  ]);
});
