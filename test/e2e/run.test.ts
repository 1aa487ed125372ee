// The command itself: flags, root directory, lock, ports, help.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { image } from '../setup/images.ts';
import { pod, shell, yaml } from './harness/manifest.ts';
import { freePort, makeNode, startNode } from './harness/node.ts';
import { MonopodProcess, monopod } from './harness/process.ts';
import { until } from './harness/until.ts';

describe('monopod run', { concurrency: 3 }, () => {
  test('--help lists the verbs, and the flags of run with their defaults', async () => {
    const all = await monopod(['--help']);
    assert.equal(all.code, 0);
    for (const verb of ['run', 'get', 'trace']) assert.match(all.stdout, new RegExp(`\\b${verb}\\b`));
    const run = await monopod(['run', '--help']);
    assert.equal(run.code, 0);
    const flags = [
      'pod-manifest-path',
      'root-dir',
      'hostname-override',
      'address',
      'read-only-port',
      'healthz-port',
    ];
    const more = [
      'file-check-frequency',
      'container-runtime-endpoint',
      'pod-infra-container-image',
      'pod-logs-dir',
    ];
    for (const flag of [...flags, ...more, 'max-pods', 'log-format'])
      assert.match(run.stdout, new RegExp(`--${flag}\\b`));
  });

  test('a bad flag is named on stderr, with nothing on stdout and an exit that is not 0', async () => {
    for (const [args, words] of [
      [['run', '--pod-manifest-pth=/x'], /pod-manifest-pth/],
      [['run', '--pod-manifest-path=/x', '--max-pods=many'], /max-pods/],
      [['run', '--pod-manifest-path=/x', '--file-check-frequency=20'], /file-check-frequency/],
      [['run'], /pod-manifest-path/],
      [['frobnicate'], /frobnicate/],
    ] as const) {
      const { code, stdout, stderr } = await monopod([...args]);
      assert.notEqual(code, 0, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  });

  test('one file can be all there is to run', async (t) => {
    const made = await makeNode();
    t.after(() => made.dispose());
    const file = join(made.manifestDirectory, 'only.yaml');
    writeFileSync(file, yaml(pod('only')));
    writeFileSync(join(made.manifestDirectory, 'other.yaml'), yaml(pod('other')));
    await made.start(`--pod-manifest-path=${file}`);
    const first = await made.running('only');
    assert.equal((await made.pods()).length, 1);
    await made.write('only.yaml', pod('only', { hostname: 'edited' }));
    await made.running('only', first);
    await made.remove('only.yaml');
    await made.gone('only');
  });

  test('the root directory is 0700, and its socket 0600', async (t) => {
    const node = await startNode(t);
    assert.equal(statSync(node.root).mode & 0o777, 0o700);
    assert.equal(statSync(join(node.root, 'monopod.sock')).mode & 0o777, 0o600);
  });

  test('one monopod at a time in a root directory; a crash releases it', async (t) => {
    const node = await startNode(t);
    const second = await monopod([
      'run',
      `--root-dir=${node.root}`,
      `--pod-manifest-path=${node.manifestDirectory}`,
      '--read-only-port=0',
      '--healthz-port=0',
    ]);
    assert.notEqual(second.code, 0);
    assert.match(second.stderr, /another monopod/);
    assert.match(second.stderr, new RegExp(`\\b${node.process?.pid}\\b`));
    await node.kill();
    await node.start();
  });

  test('a root directory that cannot be used is a clear error in one line', async (t) => {
    const node = await makeNode();
    t.after(() => node.dispose());
    const file = join(node.manifestDirectory, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await monopod([
      'run',
      `--root-dir=${file}/root`,
      `--pod-manifest-path=${node.manifestDirectory}`,
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /root-dir/);
    assert.equal(stderr.trim().split('\n').length, 1);
  });

  test('a port in use is a clear error', async (t) => {
    const node = await startNode(t);
    const other = await makeNode();
    t.after(() => other.dispose());
    const { code, stderr } = await monopod([
      'run',
      `--root-dir=${other.root}`,
      `--pod-manifest-path=${other.manifestDirectory}`,
      `--read-only-port=${node.port}`,
      '--healthz-port=0',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${node.port}`));
  });

  test('port 0 is off; healthz answers on its own port', async (t) => {
    const node = await makeNode();
    t.after(() => node.dispose());
    const healthz = await freePort();
    const process = new MonopodProcess([
      'run',
      `--root-dir=${node.root}`,
      `--pod-manifest-path=${node.manifestDirectory}`,
      '--read-only-port=0',
      `--healthz-port=${healthz}`,
    ]);
    t.after(() => process.end('SIGKILL'));
    await until('healthz answers ok', async () => {
      const answer = await fetch(`http://127.0.0.1:${healthz}/healthz`);
      return answer.status === 200 && (await answer.text()) === 'ok';
    });
    await assert.rejects(node.get('/pods'));
  });

  test('--log-format=json logs one JSON object a line', async (t) => {
    const node = await startNode(t, { flags: ['--log-format=json'], manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    const lines = node.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(lines.length > 0);
    for (const { time, level, message } of lines) assert.ok(time && level && message);
    assert.ok(lines.some((line) => line.pod?.includes(`web-${node.name}`) && line.uid));
  });

  test('--pod-infra-container-image is the image of sandboxes', async (t) => {
    const node = await makeNode();
    t.after(() => node.dispose());
    t.after(() => node.docker.removeImage(`monopod.test/${node.name}:1`));
    await node.docker.tagImage(image.pause, `monopod.test/${node.name}`, '1');
    await node.write('web.yaml', pod('web'));
    await node.start(`--pod-infra-container-image=monopod.test/${node.name}:1`);
    await node.running('web');
    const sandbox = (await node.containers('web')).find(({ name }) => name === 'POD');
    assert.equal((await node.docker.inspect(sandbox?.id ?? ''))?.Config.Image, `monopod.test/${node.name}:1`);
  });

  test('--max-pods bounds what runs; what is over it says so, and runs when there is room', async (t) => {
    const node = await startNode(t, { flags: ['--max-pods=1'], manifests: { 'a.yaml': pod('a') } });
    await node.running('a');
    await node.write('b.yaml', pod('b'));
    await until('b is refused with a reason', async () => {
      const shown = (await node.pod('b'))?.status;
      const entry = (await node.manifests()).find(({ origin }) => origin.endsWith('/b.yaml'));
      return /max-pods|OutOfpods|too many/i.test(`${shown?.reason} ${shown?.message} ${entry?.reason}`);
    });
    assert.equal((await node.containers('b')).length, 0);
    await node.remove('a.yaml');
    await node.running('b');
  });

  test('the engine can be reached over TCP', async (t) => {
    const socket = new URL(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').pathname;
    const server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ path: socket, allowHalfOpen: true });
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => [near, far].forEach((one) => void one.destroy()));
    }).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const node = await startNode(t, {
      endpoint: `tcp://127.0.0.1:${port}`,
      manifests: { 'web.yaml': pod('web') },
    });
    const first = await node.running('web');
    await node.write('web.yaml', pod('web', { hostname: 'edited' }));
    await node.running('web', first);
  });

  test("a container's output is found where a kubelet links it", async (t) => {
    const node = await startNode(t, {
      manifests: {
        'web.yaml': pod('web', { containers: [shell('echo hello; trap "exit 0" TERM; sleep 3600 & wait')] }),
      },
    });
    const { metadata } = await node.running('web');
    const log = join(node.logsDirectory, `default_${metadata?.name}_${metadata?.uid}`, 'main', '0.log');
    await until('the log says hello', () => readFileSync(log, 'utf8').includes('hello'));
  });
});
