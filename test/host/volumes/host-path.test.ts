// hostPath: each type is checked with the kubelet's words, two of them make what is missing; nothing else is touched.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { message } from '../../contract/results.ts';
import { modeOf, scratch, withUmask } from '../scratch.ts';

const on = scratch();
const prepare = (path: string, type?: string) =>
  on.prepare([{ name: 'v', hostPath: { path, ...(type !== undefined && { type }) } }]);

test('what is there is checked by its type, through links', async () => {
  mkdirSync(on.at('dir'));
  writeFileSync(on.at('file'), '');
  symlinkSync('dir', on.at('link'));
  const server = createServer().listen(on.at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const cases: [type: string, path: string, wrong: string][] = [
    ['Directory', on.at('dir'), ''],
    ['Directory', on.at('link'), ''],
    ['Directory', on.at('file'), 'a directory'],
    ['Directory', on.at('nothing'), 'a directory'],
    ['DirectoryOrCreate', on.at('file'), 'a directory'],
    ['File', on.at('file'), ''],
    ['File', on.at('dir'), 'a file'],
    ['File', on.at('nothing'), 'a file'],
    ['FileOrCreate', on.at('dir'), 'a file'],
    ['Socket', on.at('socket'), ''],
    ['Socket', on.at('file'), 'a socket file'],
    ['CharDevice', '/dev/null', ''],
    ['CharDevice', on.at('file'), 'a character device'],
    ['BlockDevice', '/dev/null', 'a block device'],
  ];
  for (const [type, path, wrong] of cases)
    assert.equal(
      message(await prepare(path, type)),
      wrong &&
        `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} is not ${wrong}`,
      `${type} ${path}`,
    );
  server.close();
  assert.equal(
    message(await prepare(on.at('file'), 'Nonsense')),
    'MountVolume.SetUp failed for volume "v" : Nonsense is an invalid volume type',
  );
});

test('DirectoryOrCreate and FileOrCreate make what is missing, with the kubelet’s modes; what is there stays', async () => {
  await withUmask(0o022, async () => {
    assert.equal(message(await prepare(on.at('new/deep'), 'DirectoryOrCreate')), '');
    assert.equal(message(await prepare(on.at('new-file'), 'FileOrCreate')), '');
  });
  assert.deepEqual(
    [modeOf(on.at('new')), modeOf(on.at('new/deep')), modeOf(on.at('new-file'))],
    ['755', '755', '644'],
  );
  writeFileSync(on.at('new-file'), 'x');
  chmodSync(on.at('new/deep'), 0o700);
  assert.equal(message(await prepare(on.at('new/deep'), 'DirectoryOrCreate')), '');
  assert.equal(message(await prepare(on.at('new-file'), 'FileOrCreate')), '');
  assert.deepEqual([modeOf(on.at('new/deep')), statSync(on.at('new-file')).size], ['700', 1]);
  assert.equal(
    message(await prepare(on.at('no-directory/file'), 'FileOrCreate')),
    `MountVolume.SetUp failed for volume "v" : open ${on.at('no-directory/file')}: no such file or directory`,
  );
  assert.equal(
    message(await prepare(on.at('new-file/x'), 'DirectoryOrCreate')),
    `MountVolume.SetUp failed for volume "v" : mkdir ${on.at('new-file/x')}: not a directory`,
  );
});

test('without a type nothing is checked; only what the engine could not make itself is made', async () => {
  assert.equal(message(await prepare(on.at('nothing'))), '');
  assert.equal(message(await prepare(on.at('nothing'), '')), '');
  assert.equal(existsSync(on.at('nothing')), false);
  assert.equal(message(await prepare(on.at('a:b/c'))), '');
  assert.ok(statSync(on.at('a:b/c')).isDirectory());
  writeFileSync(on.at('file:x'), 'x');
  assert.equal(message(await prepare(on.at('file:x'))), '');
});

test('fsGroup leaves it as it is', async () => {
  mkdirSync(on.at('dir'), { mode: 0o700 });
  const before = statSync(on.at('dir'));
  await on.prepare([{ name: 'v', hostPath: { path: on.at('dir') } }], { securityContext: { fsGroup: 4321 } });
  const { gid, mode } = statSync(on.at('dir'));
  assert.deepEqual([gid, mode], [before.gid, before.mode]);
});

test('a volume of a kind that is not there is refused by name', async () => {
  const result = await on.prepare([{ name: 'n', nfs: { server: 's', path: '/p' } }]);
  assert.match(message(result), /volume "n".*nfs/);
  const image = await on.prepare([{ name: 'i', image: { reference: 'busybox:1' } }]);
  assert.equal(message(image), 'MountVolume.SetUp failed for volume "i" : image volumes are not supported');
});
