// subPath: a mount of just that, made where it is missing, and no way out of the volume: dots, links, races. Needs root.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Volume } from '../../../src/kubernetes/pod.ts';
import { code, message, value } from '../../contract/results.ts';
import { modeOf, scratch, withUmask } from '../scratch.ts';

const on = scratch();
const data = (): Volume => ({ name: 'v', hostPath: { path: on.at('data') } });
const mount = (subPath: string) => on.mountsFor({ subPath }, data());
const pathOf = async (subPath: string) => value(await mount(subPath))[0]?.hostPath ?? '';
const target = (index = 0) => join(on.podDir, 'volume-subpaths/v/main', `${index}`);

beforeEach(() => mkdirSync(on.at('data')));

test('what is there is mounted where the kubelet mounts it: a directory, a file', async () => {
  mkdirSync(on.at('data/a/b'), { recursive: true });
  writeFileSync(on.at('data/a/b/file'), 'one');
  assert.equal(await pathOf('a/./b/'), target());
  assert.equal(readFileSync(join(target(), 'file'), 'utf8'), 'one');
  writeFileSync(join(target(), 'new'), 'two');
  assert.equal(readFileSync(on.at('data/a/b/new'), 'utf8'), 'two');
  assert.equal(await pathOf('a/b/file'), target());
  assert.equal(readFileSync(target(), 'utf8'), 'one');
  // However often it is asked for.
  assert.equal(await pathOf('a/b/file'), target());
  assert.deepEqual(on.mounts(), [target()]);
});

test('each mount of a container has one of its own', async () => {
  for (const name of ['x', 'y']) mkdirSync(on.at(`data/${name}`));
  const mounts = value(await on.mountsFor([{ subPath: 'x' }, {}, { subPath: 'y' }], data()));
  assert.deepEqual(
    mounts.map(({ hostPath }) => hostPath),
    [target(0), on.at('data'), target(2)],
  );
});

test('what is missing is made with the mode of the volume, setgid included, whatever the umask', async () => {
  chmodSync(on.at('data'), 0o2775);
  await withUmask(0o077, async () => assert.equal(await pathOf('a/b'), target()));
  for (const path of ['data/a', 'data/a/b']) assert.equal(modeOf(on.at(path)), '2775');
  mkdirSync(on.at('data/there'), { mode: 0o700 });
  await pathOf('there/c');
  assert.equal(modeOf(on.at('data/there')), '2700', 'what was there stays as it is');
});

test('two containers that need the same missing directory at once', async () => {
  const both = await Promise.all([
    on.mountsFor([{ subPath: 'a/b/c' }], data()),
    on.mountsFor([{ name: 'v' }, { subPath: 'a/b/c' }], data()),
  ]);
  for (const result of both) value(result);
  assert.deepEqual(on.mounts().toSorted(), [target(0), target(1)]);
});

test('links that stay in the volume are followed', async () => {
  mkdirSync(on.at('data/real'));
  writeFileSync(on.at('data/real/file'), 'x');
  symlinkSync('real', on.at('data/relative'));
  symlinkSync(on.at('data/real'), on.at('data/absolute'));
  for (const subPath of ['relative/file', 'absolute/file']) {
    assert.equal(await pathOf(subPath), target());
    assert.equal(readFileSync(target(), 'utf8'), 'x');
  }
  await pathOf('relative/new');
  assert.ok(statSync(on.at('data/real/new')).isDirectory());
});

test('a volume that is reached through a link itself', async () => {
  mkdirSync(on.at('data/real'));
  symlinkSync('data', on.at('link'));
  value(await on.mountsFor({ subPath: 'real' }, { name: 'v', hostPath: { path: on.at('link') } }));
  assert.deepEqual(on.mounts(), [target()]);
});

test('a volume that is all of the host', async () => {
  mkdirSync(on.at('data/real'));
  const root: Volume = { name: 'v', hostPath: { path: '/' } };
  value(await on.mountsFor({ subPath: on.at('data/real').slice(1) }, root));
  writeFileSync(join(target(), 'file'), 'x');
  assert.equal(readFileSync(on.at('data/real/file'), 'utf8'), 'x');
});

test('no way out, by dots or by links', async () => {
  mkdirSync(on.at('data/real'));
  mkdirSync(on.at('outside'));
  writeFileSync(on.at('outside/secret'), 'secret');
  symlinkSync(on.at('outside'), on.at('data/link'));
  symlinkSync('../outside', on.at('data/dots'));
  symlinkSync('/', on.at('data/top'));
  symlinkSync('/proc/self/root', on.at('data/magic'));
  symlinkSync('nowhere', on.at('data/dangling'));
  symlinkSync(on.at('outside/nowhere'), on.at('data/dangling-outside'));
  symlinkSync('loop', on.at('data/loop'));
  const ways = ['..', '../outside', 'real/../../outside', 'link', 'link/new', 'link/secret', 'dots/new/deep'];
  const links = [
    'top',
    'top/etc',
    'magic/etc',
    'dangling',
    'dangling/x',
    'dangling-outside',
    'loop',
    'loop/x',
  ];
  for (const subPath of [...ways, ...links])
    assert.equal(code(await mount(subPath)), 'ContainerConfigInvalid', subPath);
  assert.deepEqual(on.mounts(), []);
  assert.deepEqual(readdirSync(on.at('outside')), ['secret']);
  assert.equal(existsSync(on.at('data/nowhere')), false);
});

test('what cannot be had is refused with the kubelet’s words', async () => {
  writeFileSync(on.at('data/file'), '');
  symlinkSync('/etc', on.at('data/link'));
  assert.match(
    message(await mount('file/below')),
    /^failed to create subPath directory for volumeMount "v" of container "main"$/,
  );
  assert.match(
    message(await mount('link')),
    /^failed to prepare subPath for volumeMount "v" of container "main"$/,
  );
  // Each time in the same words: not by which descriptor it was reached.
  symlinkSync('nowhere', on.at('data/dangling'));
  const dangling = await mount('dangling');
  assert.equal(dangling.ok ? '' : dangling.error.cause, "ENOTDIR: not a directory, open 'dangling'");
  rmSync(on.at('data'), { recursive: true });
  assert.equal(code(await mount('x')), 'ContainerConfigInvalid', 'no such volume');
});

test('the next attempt gets what is at the subPath then', async () => {
  writeFileSync(on.at('data/file'), 'old');
  await pathOf('file');
  writeFileSync(on.at('data/next'), 'new');
  renameSync(on.at('data/next'), on.at('data/file'));
  await pathOf('file');
  assert.equal(readFileSync(target(), 'utf8'), 'new');
  rmSync(on.at('data/file'));
  mkdirSync(on.at('data/file'));
  await pathOf('file');
  assert.ok(statSync(target()).isDirectory());
  assert.deepEqual(on.mounts(), [target()]);
});

test('all of it is gone with the Pod, and the volume is not', async () => {
  await on.prepared({ name: 'tmp', emptyDir: {} });
  writeFileSync(on.at('data/file'), 'x');
  value(await on.mountsFor([{ subPath: 'file' }, { subPath: 'made' }], data()));
  const tmp: Volume = { name: 'v', emptyDir: {} };
  mkdirSync(on.emptyDir('v'), { recursive: true });
  value(await on.mountsFor([{ name: 'v' }, { name: 'v' }, { subPath: 'x' }], tmp));
  assert.equal(on.mounts().length, 3);
  assert.deepEqual(await on.clean(), { ok: true, value: undefined });
  assert.deepEqual(on.mounts(), []);
  assert.equal(existsSync(on.podDir), false);
  assert.equal(readFileSync(on.at('data/file'), 'utf8'), 'x');
});

const swaps = `
  const { renameSync, symlinkSync } = require('node:fs');
  const { workerData: { data, outside, stop } } = require('node:worker_threads');
  const halt = new Int32Array(stop);
  symlinkSync(outside, data + '/evil');
  while (Atomics.load(halt, 0) === 0) {
    renameSync(data + '/swap', data + '/aside'); renameSync(data + '/evil', data + '/swap');
    Atomics.wait(halt, 0, 0, 1);
    renameSync(data + '/swap', data + '/evil'); renameSync(data + '/aside', data + '/swap');
    Atomics.wait(halt, 0, 0, 1);
  }
`;

test('while directory and link are swapped all the time, nothing outside is mounted or made', async () => {
  mkdirSync(on.at('outside'));
  writeFileSync(on.at('outside/secret'), 'secret');
  mkdirSync(on.at('data/swap'));
  const stop = new SharedArrayBuffer(4);
  const workerData = { data: on.at('data'), outside: on.at('outside'), stop };
  const swapper = new Worker(swaps, { eval: true, workerData });
  const ended = new Promise((resolve, reject) => {
    swapper.once('exit', resolve);
    swapper.once('error', reject);
  });
  const seen = { mounted: 0, refused: 0 };
  try {
    for (let attempt = 0; attempt < 60; attempt++) {
      const subPath = attempt % 2 === 0 ? 'swap' : `swap/new-${attempt}`;
      const result = await mount(subPath);
      seen[result.ok ? 'mounted' : 'refused'] += 1;
      if (!result.ok) continue;
      assert.equal(existsSync(join(target(), 'secret')), false, 'the container would see what is outside');
      assert.match(on.mountLines()[0]?.text ?? '', /data\/(swap|aside)/);
    }
  } finally {
    Atomics.store(new Int32Array(stop), 0, 1);
    await ended;
  }
  assert.deepEqual(readdirSync(on.at('outside')), ['secret']);
  assert.equal(seen.mounted + seen.refused, 60);
});
