// `monopod validate` and `monopod diff` as commands: where they write, and what they exit with.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { socketPath } from '../../src/config/root-directory.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { freshDirectory } from '../fresh-directory.ts';

const command = join(import.meta.dirname, '../../dist/monopod.js');

let directory: string;
freshDirectory((path) => {
  directory = path;
});

const web = (image = 'busybox') =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'a', image }] },
  });

const put = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

function monopod(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, ...args],
      { env: { PATH: '/nowhere', ...env } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
    child.stdin?.end();
  });
}

test('validate needs no engine, no root directory and no running monopod, and exits with 1 if any is rejected', async () => {
  const [good, bad] = [put('good.yaml', web()), put('bad.yaml', 'kind: Pod')];
  const nothing = { MONOPOD_ROOT_DIR: '/proc/none', DOCKER_HOST: 'unix:///none' };
  assert.deepEqual(await monopod(['validate', '--hostname-override', 'n1', good], nothing), {
    code: 0,
    out: `${good}: accepted as Pod default/web-n1\n`,
    err: '',
  });
  const both = await monopod(['validate', bad, good, '-o', 'json'], nothing);
  assert.deepEqual([both.code, both.err], [1, '']);
  assert.deepEqual(
    JSON.parse(both.out).map(({ accepted }: { accepted: boolean }) => accepted),
    [false, true],
  );
});

test('what is not understood is told on standard error', async () => {
  const node = await monopod(['validate', '--hostname-override', 'a b', 'x']);
  assert.deepEqual([node.code, node.out], [1, '']);
  assert.match(node.err, /^error: --hostname-override is invalid: A node name has/);
  const bare = await monopod(['validate']);
  assert.equal(bare.code, 1);
  assert.match(bare.err, /missing required argument 'file'\nSee 'monopod validate --help'/);
});

test('whoever has seen enough of many verdicts is no trouble', async () => {
  mkdirSync(join(directory, 'many'));
  for (let number = 0; number < 300; number++) put(`many/${number}.yaml`, web());
  const child = spawn(process.execPath, [command, 'validate', '-o', 'json', join(directory, 'many')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code, signal] = await once(child, 'close');
  assert.deepEqual({ code, signal, err }, { code: 0, signal: null, err: '' });
});

test('diff exits as kubectl diff does: 0, 1, and 2 where it cannot say', async () => {
  const rootDir = join(directory, 'root');
  mkdirSync(dirname(socketPath(rootDir)), { recursive: true });
  const [same, other, bad] = [
    put('w.yaml', web()),
    put('x.yaml', web('nginx')),
    put('bad.yaml', 'kind: Pod'),
  ];
  const diff = (...args: string[]) => monopod(['diff', ...args], { MONOPOD_ROOT_DIR: rootDir });
  const none = await diff(same);
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.match(none.err, /^error: no monopod is running/);

  const where = { origin: '/m/w.yaml', source: 'file', nodeName: 'n1', seenAtMs: 0 } as const;
  const { staticPod } = decodeManifest(Buffer.from(web()), where);
  const records = [
    { origin: '/m/w.yaml', sourceId: 'file:/m', state: 'running', staticPod, errors: [], warnings: [] },
  ];
  const answers: Record<string, unknown> = {
    '/manifests': records,
    '/pods': { items: [staticPod?.pod] },
    '/images/nginx': { isThere: false },
  };
  const server = createServer(({ url = '' }, response) => {
    response.statusCode = answers[url] === undefined ? 404 : 200;
    response.end(JSON.stringify(answers[url]));
  });
  server.listen(socketPath(rootDir));
  await once(server, 'listening');
  try {
    assert.deepEqual(await diff(same), {
      code: 0,
      out: `${same}: default/web-n1 would not change\n`,
      err: '',
    });
    const changed = await diff(other, '-o', 'json');
    assert.deepEqual([changed.code, changed.err], [1, '']);
    assert.deepEqual(JSON.parse(changed.out), [
      {
        file: other,
        pod: 'default/web-n1',
        outcome: 'restart',
        differences: [{ field: 'spec.containers[0].image', old: 'busybox', new: 'nginx' }],
        errors: [],
        hints: ['image nginx is not there and would be pulled'],
      },
    ]);
    assert.equal((await diff(same, bad)).code, 2);
    assert.equal((await diff()).code, 2);
    assert.equal((await diff('--help')).code, 0);
  } finally {
    server.close();
  }
});
