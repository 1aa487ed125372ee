// A Pod's /etc/hosts and resolv.conf on real files: written in place, whatever is there.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  hasNetworkFile,
  networkMounts,
  readNodeFile,
  writeNetworkFile,
} from '../../src/host/network-files.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { container } from '../pod/pods.ts';

let rootDir = '';
freshDirectory((path) => {
  rootDir = path;
});

const hosts = () => join(rootDir, 'pods/u1/etc-hosts');
const write = (text: string) => writeNetworkFile(rootDir, 'u1', 'etc-hosts', text);
const modeOf = (path: string) => statSync(path).mode & 0o7777;

describe('writing', () => {
  test('makes directory and file, readable for everybody whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await write('one\n');
    } finally {
      process.umask(umask);
    }
    assert.equal(readFileSync(hosts(), 'utf8'), 'one\n');
    assert.equal(modeOf(hosts()), 0o644);
    assert.equal(await hasNetworkFile(rootDir, 'u1', 'etc-hosts'), true);
    assert.equal(await hasNetworkFile(rootDir, 'u1', 'resolv.conf'), false);
  });

  test('longer and shorter text goes into the same file', async () => {
    await write('one\n');
    const { ino } = statSync(hosts());
    const long = `${'x'.repeat(40_000)}\n`;
    for (const text of [long, 'two\n', '']) {
      await write(text);
      assert.equal(readFileSync(hosts(), 'latin1'), text);
      assert.equal(statSync(hosts()).ino, ino);
    }
  });

  test('what a container has made of it is undone, its mode as well', async () => {
    await write('one\n');
    writeFileSync(hosts(), 'one\nmine\n');
    chmodSync(hosts(), 0o4600);
    await write('one\n');
    assert.equal(readFileSync(hosts(), 'utf8'), 'one\n');
    assert.equal(modeOf(hosts()), 0o644);
  });

  test('what it has already is not written again', async () => {
    await write('one\n');
    utimesSync(hosts(), 1, 1);
    await write('one\n');
    assert.equal(statSync(hosts()).mtimeMs, 1000);
    await write('ONE\n');
    assert.notEqual(statSync(hosts()).mtimeMs, 1000);
  });

  test('bytes stay as they are', async () => {
    const bytes = Buffer.from([0x80, 0xc3, 0xa4, 0xff, 0x0a]);
    const node = join(rootDir, 'hosts');
    writeFileSync(node, bytes);
    await write(await readNodeFile(node));
    assert.deepEqual(readFileSync(hosts()), bytes);
  });

  test('no link is followed, in place of the file or of the Pod’s directory', async () => {
    const outside = join(rootDir, 'outside');
    writeFileSync(outside, 'precious');
    mkdirSync(join(rootDir, 'pods/u1'), { recursive: true });
    symlinkSync(outside, hosts());
    await assert.rejects(write('one\n'), { code: 'ELOOP' });
    assert.equal(readFileSync(outside, 'utf8'), 'precious');
    symlinkSync(rootDir, join(rootDir, 'pods/u2'));
    await assert.rejects(writeNetworkFile(rootDir, 'u2', 'etc-hosts', 'x'), { code: 'ENOTDIR' });
    assert.equal(existsSync(join(rootDir, 'etc-hosts')), false);
    await assert.rejects(writeNetworkFile(rootDir, '../u3', 'etc-hosts', 'x'), /names no directory/);
  });

  test('an empty directory in its place, the engine’s doing, gives way', async () => {
    mkdirSync(hosts(), { recursive: true });
    assert.equal(await hasNetworkFile(rootDir, 'u1', 'etc-hosts'), false);
    await write('one\n');
    assert.equal(readFileSync(hosts(), 'utf8'), 'one\n');
  });

  test('two at once leave one whole file', async () => {
    await Promise.all(Array.from({ length: 8 }, () => write('one\ntwo\n')));
    assert.equal(readFileSync(hosts(), 'utf8'), 'one\ntwo\n');
  });
});

describe('the node’s own files', () => {
  test('one that is not there is named in the kubelet’s words', async () => {
    await assert.rejects(readNodeFile('/no/such/file'), {
      message: 'open /no/such/file: no such file or directory',
    });
  });

  test('one beyond the kubelet’s 10 MiB is refused', async () => {
    const path = join(rootDir, 'big');
    writeFileSync(path, Buffer.alloc(10 * 1024 * 1024, 'x'));
    assert.equal((await readNodeFile(path)).length, 10 * 1024 * 1024);
    writeFileSync(path, Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
    await assert.rejects(readNodeFile(path), /more than 10485760 bytes/);
  });
});

describe('mounts', () => {
  const places = (more: Partial<Container>) =>
    networkMounts('/r', 'u1', container('main', more)).map(
      ({ hostPath, containerPath, readOnly }) => `${hostPath} ${containerPath} ${readOnly ? 'ro' : 'rw'}`,
    );
  const volumeMounts = (...paths: string[]) => paths.map((mountPath) => ({ name: 'v', mountPath }));

  test('both, to be written by the container', () => {
    assert.deepEqual(places({}), [
      '/r/pods/u1/etc-hosts /etc/hosts rw',
      '/r/pods/u1/resolv.conf /etc/resolv.conf rw',
    ]);
  });

  test('with a read-only root resolv.conf is read-only', () => {
    assert.deepEqual(places({ securityContext: { readOnlyRootFilesystem: true } }), [
      '/r/pods/u1/etc-hosts /etc/hosts rw',
      '/r/pods/u1/resolv.conf /etc/resolv.conf ro',
    ]);
  });

  test('not where the container mounts something of its own; one above is another place', () => {
    assert.deepEqual(places({ volumeMounts: volumeMounts('/etc/hosts') }), [
      '/r/pods/u1/resolv.conf /etc/resolv.conf rw',
    ]);
    assert.deepEqual(places({ volumeMounts: volumeMounts('/etc/resolv.conf/', '/etc//hosts') }), []);
    assert.equal(places({ volumeMounts: volumeMounts('/etc') }).length, 2);
  });
});
