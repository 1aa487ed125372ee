// What a Pod leaves on the host is removed, all that can be; what cannot is named. Mounting needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkLog } from '../../src/host/log-links.ts';
import { cleanHost } from '../../src/host/prepare.ts';
import { terminationLogMount } from '../../src/host/termination-message.ts';
import type { Volume } from '../../src/kubernetes/pod.ts';
import { container } from '../pod/pods.ts';
import { identity, occupy, scratch, tmpfs } from './scratch.ts';

const on = scratch();
const { prepared, clean, emptyDir: volumePath } = on;
const memory = (name: string): Volume => ({ name, emptyDir: { medium: 'Memory' } });
const logsDir = () => join(on.logs, 'default_web-node_u1');
const done = { ok: true, value: undefined };

test('termination messages go with the Pod’s directory', async () => {
  await prepared();
  for (const attempt of [0, 1]) await terminationLogMount(on.rootDir, 'u1', container('main'), attempt);
  const files = readdirSync(join(on.podDir, 'containers/main')).sort();
  assert.deepEqual(files, ['0', '1']);
  assert.deepEqual(await clean(), done);
  assert.equal(existsSync(on.podDir), false);
});

test('one mount that is busy keeps nothing else: the rest goes, and the answer names it', async () => {
  await prepared(memory('free'), memory('stuck'), memory('tail'), { name: 'disk', emptyDir: {} });
  for (const name of ['free', 'stuck', 'tail', 'disk']) writeFileSync(join(volumePath(name), 'file'), name);
  await terminationLogMount(on.rootDir, 'u1', container('main'), 0);
  await linkLog(on.logs, identity, 'main', { attempt: 0, logPath: on.at('nowhere') });
  const leave = occupy(volumePath('stuck'));
  try {
    for (const time of ['first', 'second']) {
      const result = await clean();
      assert.equal(result.ok ? '' : result.error.code, 'HostPreparationFailed', time);
      assert.equal(result.ok ? '' : result.error.message, `cannot remove ${volumePath('stuck')}`, time);
      assert.match(result.ok ? '' : (result.error.cause ?? ''), /busy/);
      assert.deepEqual(on.mounts(), [volumePath('stuck')], time);
      assert.deepEqual(readdirSync(on.podDir), ['volumes'], time);
      assert.deepEqual(readdirSync(join(volumePath('stuck'), '..')), ['stuck'], time);
      assert.equal(existsSync(logsDir()), false, time);
      assert.equal(readFileSync(join(volumePath('stuck'), 'file'), 'utf8'), 'stuck', time);
    }
  } finally {
    await leave();
  }
  assert.deepEqual(await clean(), done);
  assert.deepEqual(on.mounts(), []);
  assert.equal(existsSync(on.podDir), false);
});

for (const mounts of [['m/inner'], ['m/inner', 'm/inner', 'm']])
  test(`mounts in and over each other are undone from the top: m, ${mounts.join(', ')}`, async () => {
    await prepared(memory('m'));
    mkdirSync(volumePath('m/inner'));
    for (const path of mounts) tmpfs(volumePath(path));
    assert.equal(on.mounts().length, 1 + mounts.length);
    assert.deepEqual(await clean(), done);
    assert.deepEqual(on.mounts(), []);
  });

test('a mount below a busy one is undone; what it was mounted on stays in the busy one', async () => {
  await prepared(memory('stuck'));
  mkdirSync(join(volumePath('stuck'), 'inner'));
  tmpfs(join(volumePath('stuck'), 'inner'));
  const leave = occupy(volumePath('stuck'));
  try {
    assert.equal((await clean()).ok, false);
    assert.deepEqual(on.mounts(), [volumePath('stuck')]);
    assert.deepEqual(readdirSync(volumePath('stuck')), ['inner']);
  } finally {
    await leave();
  }
  assert.equal((await clean()).ok, true);
});

test('a mount under a name that is not UTF-8 is not removed through', async () => {
  await prepared({ name: 'disk', emptyDir: {} });
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
  await prepared({ name: 'disk', emptyDir: {} });
  const stuck = join(volumePath('disk'), 'b/stuck');
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(volumePath('disk'), name));
    writeFileSync(join(volumePath('disk'), name, 'file'), '');
  }
  // A mount point of somebody else's namespace would be no hindrance; this one is of ours, and on a file.
  writeFileSync(stuck, '');
  writeFileSync(on.at('outside'), 'x');
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  execFileSync('mount', ['--bind', on.at('outside'), stuck]);
  const reader = spawn('sh', ['-c', 'exec 3<"$0"; echo open; exec sleep 60', stuck]);
  reader.once('exit', () => release());
  await new Promise((resolve) => reader.stdout.once('data', resolve));
  try {
    const result = await clean();
    assert.equal(result.ok ? '' : result.error.message, `cannot remove ${stuck}`);
    assert.deepEqual(readdirSync(volumePath('disk')), ['b']);
    assert.deepEqual(readdirSync(join(volumePath('disk'), 'b')), ['stuck']);
    assert.equal(readFileSync(on.at('outside'), 'utf8'), 'x');
  } finally {
    reader.kill('SIGKILL');
    await held;
  }
  assert.equal((await clean()).ok, true);
  assert.equal(readFileSync(on.at('outside'), 'utf8'), 'x');
});

test('names of any bytes, links to anything, and deep directories are removed; what is linked to is not', async () => {
  await prepared({ name: 'disk', emptyDir: {} });
  const outside = on.at('outside');
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
  assert.deepEqual(await clean(), done);
  assert.equal(existsSync(on.podDir), false);
  assert.deepEqual(readdirSync(outside).sort(), ['inside', 'precious']);
});

test('a link where the Pod’s directory should be is removed, not what it leads to', async () => {
  const outside = on.at('outside');
  mkdirSync(outside);
  tmpfs(outside);
  writeFileSync(join(outside, 'precious'), 'x');
  mkdirSync(join(on.rootDir, 'pods'));
  symlinkSync(outside, on.podDir);
  assert.deepEqual(await clean(), done);
  assert.equal(existsSync(on.podDir), false);
  assert.equal(readFileSync(join(outside, 'precious'), 'utf8'), 'x');
});

test('it follows no link and touches nothing of the host, nor of other Pods', async () => {
  const outside = on.at('outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'x');
  mkdirSync(join(on.rootDir, 'pods/other'), { recursive: true });
  await prepared({ name: 'tmp', emptyDir: {} }, { name: 'h', hostPath: { path: outside } });
  symlinkSync(outside, join(volumePath('tmp'), 'link'));
  await linkLog(on.logs, identity, 'main', { attempt: 0, logPath: join(outside, 'precious') });
  assert.deepEqual(await clean(), done);
  assert.equal(readFileSync(join(outside, 'precious'), 'utf8'), 'x');
  assert.equal(existsSync(on.podDir), false);
  assert.equal(existsSync(logsDir()), false);
  assert.ok(existsSync(join(on.rootDir, 'pods/other')));
  assert.deepEqual(await clean(), done, 'a second time');
});

for (const uid of ['', '.', '..', '../..', 'a/b']) {
  test(`an identity from a label that names no directory of its own (${JSON.stringify(uid)}) is refused`, async () => {
    mkdirSync(join(on.rootDir, 'pods/other'), { recursive: true });
    const result = await cleanHost(on.host, { ...identity, uid });
    assert.equal(result.ok, false);
    assert.ok(existsSync(join(on.rootDir, 'pods/other')));
  });
}
