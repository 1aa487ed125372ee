// What a Pod leaves on the host is removed, all that can be; what cannot is named. Mounting needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { PodIdentity } from '../../src/engine/engine.ts';
import { linkLog } from '../../src/host/log-links.ts';
import { cleanHost, prepareHost } from '../../src/host/prepare.ts';
import { terminationLogMount } from '../../src/host/termination-message.ts';
import type { Volume } from '../../src/kubernetes/pod.ts';
import { container, staticPod } from '../pod/pods.ts';

let base = '';
let rootDir = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kt clean-'));
  rootDir = join(base, 'root');
  mkdirSync(rootDir);
});
afterEach(() => {
  for (const path of mountsBelow(base).reverse()) execFileSync('umount', [path]);
  rmSync(base, { recursive: true, force: true });
});

const mountsBelow = (directory: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(directory));

const identity: PodIdentity = { name: 'web-node', namespace: 'default', uid: 'u1' };
const host = () => ({ rootDir, podLogsDir: join(base, 'logs') });
const podDir = () => join(rootDir, 'pods/u1');
const logsDir = () => join(base, 'logs/default_web-node_u1');
const volumePath = (name: string) => join(podDir(), 'volumes/kubernetes.io~empty-dir', name);
const memory = (name: string): Volume => ({ name, emptyDir: { medium: 'Memory' } });
const clean = () => cleanHost(host(), identity);
const tmpfs = (path: string) => execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path]);

async function prepare(...volumes: Volume[]) {
  const prepared = await prepareHost(host(), identity, staticPod('u1', { volumes }).pod);
  assert.ok(prepared.ok, JSON.stringify(prepared));
}

/** Somebody works in there, until the answer is called. */
function occupy(cwd: string): () => Promise<void> {
  const process = spawn('sleep', ['60'], { cwd });
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  return () => {
    process.kill('SIGKILL');
    return ended;
  };
}

test('termination messages go with the Pod’s directory', async () => {
  await prepare();
  for (const attempt of [0, 1]) await terminationLogMount(rootDir, 'u1', container('main'), attempt);
  const files = readdirSync(join(podDir(), 'containers/main')).sort();
  assert.deepEqual(files, ['0', '1']);
  assert.deepEqual(await clean(), { ok: true, value: undefined });
  assert.equal(existsSync(podDir()), false);
});

test('one mount that is busy keeps nothing else: the rest goes, and the answer names it', async () => {
  await prepare(memory('free'), memory('stuck'), memory('tail'), { name: 'disk', emptyDir: {} });
  for (const name of ['free', 'stuck', 'tail', 'disk']) writeFileSync(join(volumePath(name), 'file'), name);
  await terminationLogMount(rootDir, 'u1', container('main'), 0);
  await linkLog(join(base, 'logs'), identity, 'main', 0, join(base, 'nowhere'));
  const leave = occupy(volumePath('stuck'));
  try {
    for (const time of ['first', 'second']) {
      const result = await clean();
      assert.equal(result.ok ? '' : result.error.code, 'HostPreparationFailed', time);
      assert.equal(result.ok ? '' : result.error.message, `cannot remove ${volumePath('stuck')}`, time);
      assert.match(result.ok ? '' : (result.error.cause ?? ''), /busy/);
      assert.deepEqual(mountsBelow(base), [volumePath('stuck')], time);
      assert.deepEqual(readdirSync(podDir()), ['volumes'], time);
      assert.deepEqual(readdirSync(join(volumePath('stuck'), '..')), ['stuck'], time);
      assert.equal(existsSync(logsDir()), false, time);
      assert.equal(readFileSync(join(volumePath('stuck'), 'file'), 'utf8'), 'stuck', time);
    }
  } finally {
    await leave();
  }
  assert.deepEqual(await clean(), { ok: true, value: undefined });
  assert.deepEqual(mountsBelow(base), []);
  assert.equal(existsSync(podDir()), false);
});

for (const mounts of [['m/inner'], ['m/inner', 'm/inner', 'm']])
  test(`mounts in and over each other are undone from the top: m, ${mounts.join(', ')}`, async () => {
    await prepare(memory('m'));
    mkdirSync(volumePath('m/inner'));
    for (const path of mounts) tmpfs(volumePath(path));
    assert.equal(mountsBelow(base).length, 1 + mounts.length);
    assert.deepEqual(await clean(), { ok: true, value: undefined });
    assert.deepEqual(mountsBelow(base), []);
  });

test('a mount below a busy one is undone; what it was mounted on stays in the busy one', async () => {
  await prepare(memory('stuck'));
  mkdirSync(join(volumePath('stuck'), 'inner'));
  tmpfs(join(volumePath('stuck'), 'inner'));
  const leave = occupy(volumePath('stuck'));
  try {
    assert.equal((await clean()).ok, false);
    assert.deepEqual(mountsBelow(base), [volumePath('stuck')]);
    assert.deepEqual(readdirSync(volumePath('stuck')), ['inner']);
  } finally {
    await leave();
  }
  assert.equal((await clean()).ok, true);
});

test('a mount under a name that is not UTF-8 is not removed through', async () => {
  await prepare({ name: 'disk', emptyDir: {} });
  const inDisk = (script: string) =>
    execFileSync('sh', ['-c', `cd "$0"; at=$(printf 'gr\\374n'); ${script}`, volumePath('disk')]);
  inDisk('mkdir "$at"; mount -t tmpfs tmpfs "$at"; echo x > "$at/file"; echo y > beside');
  try {
    assert.equal((await clean()).ok, false);
    assert.equal(inDisk('cat "$at/file"').toString(), 'x\n');
    assert.equal(existsSync(join(volumePath('disk'), 'beside')), false);
  } finally {
    inDisk('umount "$at"');
  }
  assert.equal((await clean()).ok, true);
});

test('one file that cannot be removed keeps nothing else, and is named', async () => {
  await prepare({ name: 'disk', emptyDir: {} });
  const stuck = join(volumePath('disk'), 'b/stuck');
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(volumePath('disk'), name));
    writeFileSync(join(volumePath('disk'), name, 'file'), '');
  }
  // A mount point of somebody else's namespace would be no hindrance; this one is of ours, and on a file.
  writeFileSync(stuck, '');
  writeFileSync(join(base, 'outside'), 'x');
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  execFileSync('mount', ['--bind', join(base, 'outside'), stuck]);
  const reader = spawn('sh', ['-c', 'exec 3<"$0"; echo open; exec sleep 60', stuck]);
  reader.once('exit', () => release());
  await new Promise((resolve) => reader.stdout.once('data', resolve));
  try {
    const result = await clean();
    assert.equal(result.ok ? '' : result.error.message, `cannot remove ${stuck}`);
    assert.deepEqual(readdirSync(volumePath('disk')), ['b']);
    assert.deepEqual(readdirSync(join(volumePath('disk'), 'b')), ['stuck']);
    assert.equal(readFileSync(join(base, 'outside'), 'utf8'), 'x');
  } finally {
    reader.kill('SIGKILL');
    await held;
  }
  assert.equal((await clean()).ok, true);
  assert.equal(readFileSync(join(base, 'outside'), 'utf8'), 'x');
});

test('names of any bytes, links to anything, and deep directories are removed; what is linked to is not', async () => {
  await prepare({ name: 'disk', emptyDir: {} });
  const outside = join(base, 'outside');
  mkdirSync(join(outside, 'inside'), { recursive: true });
  writeFileSync(join(outside, 'precious'), 'x');
  const disk = volumePath('disk');
  const latin1 = Buffer.concat([Buffer.from(`${disk}/gr`), Buffer.from([0xfc]), Buffer.from('n')]);
  mkdirSync(latin1);
  writeFileSync(Buffer.concat([latin1, Buffer.from('/\xff', 'latin1')]), '');
  writeFileSync(join(disk, 'two\nlines 世界'), '');
  mkdirSync(join(disk, ...Array.from({ length: 200 }, () => 'deep')), { recursive: true });
  symlinkSync(outside, join(disk, 'link'));
  symlinkSync('/nowhere/at/all', join(disk, 'dangling'));
  symlinkSync('loop', join(disk, 'loop'));
  linkSync(join(outside, 'precious'), join(disk, 'hard'));
  assert.deepEqual(await clean(), { ok: true, value: undefined });
  assert.equal(existsSync(podDir()), false);
  assert.deepEqual(readdirSync(outside).sort(), ['inside', 'precious']);
});

test('a link where the Pod’s directory should be is removed, not what it leads to', async () => {
  const outside = join(base, 'outside');
  mkdirSync(outside);
  tmpfs(outside);
  writeFileSync(join(outside, 'precious'), 'x');
  mkdirSync(join(rootDir, 'pods'));
  symlinkSync(outside, podDir());
  assert.deepEqual(await clean(), { ok: true, value: undefined });
  assert.equal(existsSync(podDir()), false);
  assert.equal(readFileSync(join(outside, 'precious'), 'utf8'), 'x');
});
