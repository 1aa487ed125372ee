// Volumes on the host and the mounts of containers: modes, types, and no way out of a volume. Mounting needs root.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { PodIdentity } from '../../../src/engine/engine.ts';
import { linkLog } from '../../../src/host/log-links.ts';
import { cleanHost, prepareHost } from '../../../src/host/prepare.ts';
import { mountsOf } from '../../../src/host/volumes/container-mounts.ts';
import type { PodSpec, Volume, VolumeMount } from '../../../src/kubernetes/pod.ts';
import { container, staticPod } from '../../pod/pods.ts';

let base = '';
let rootDir = '';
beforeEach(() => {
  // A blank in the path, as the kernel writes it in its own way.
  base = mkdtempSync(join(tmpdir(), 'kt host-'));
  rootDir = join(base, 'root');
  mkdirSync(rootDir);
});
afterEach(() => {
  for (const path of mountsBelow(base)) execFileSync('umount', [path]);
  rmSync(base, { recursive: true, force: true });
});

const mountsBelow = (directory: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(directory));

const identity: PodIdentity = { name: 'web-node', namespace: 'default', uid: 'u1' };
const host = () => ({ rootDir, podLogsDir: join(base, 'logs') });
const volumePath = (name: string) => join(rootDir, 'pods/u1/volumes/kubernetes.io~empty-dir', name);
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const podWith = (volumes: Volume[], more: Partial<PodSpec> = {}) => staticPod('u1', { volumes, ...more }).pod;
const prepare = (volumes: Volume[], more: Partial<PodSpec> = {}) =>
  prepareHost(host(), identity, podWith(volumes, more));

test('an emptyDir is for everybody, whatever the umask; the Pod’s own directory is not', async () => {
  const before = process.umask(0o077);
  try {
    assert.deepEqual(await prepare([{ name: 'tmp', emptyDir: {} }]), { ok: true, value: undefined });
  } finally {
    process.umask(before);
  }
  assert.equal(mode(volumePath('tmp')), '777');
  assert.equal(Number.parseInt(mode(join(rootDir, 'pods/u1')), 8) & 0o007, 0);
});

test('with an fsGroup it belongs to that group, and so does what is made in it', async () => {
  await prepare([{ name: 'tmp', emptyDir: {} }], { securityContext: { fsGroup: 4321 } });
  assert.equal(statSync(volumePath('tmp')).gid, 4321);
  assert.equal(mode(volumePath('tmp')), '2777');
});

test('what is in an emptyDir survives being prepared again', async () => {
  await prepare([{ name: 'tmp', emptyDir: {} }]);
  writeFileSync(join(volumePath('tmp'), 'file'), 'x');
  await prepare([{ name: 'tmp', emptyDir: {} }]);
  assert.equal(readFileSync(join(volumePath('tmp'), 'file'), 'utf8'), 'x');
});

test('medium Memory is a tmpfs of the size asked for, mounted once, and released at the end', async () => {
  const volumes = [{ name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }];
  for (let times = 0; times < 2; times++) {
    assert.equal((await prepare(volumes)).ok, true);
    assert.deepEqual(mountsBelow(base), [volumePath('mem')]);
  }
  writeFileSync(join(volumePath('mem'), 'small'), 'x');
  assert.throws(() => writeFileSync(join(volumePath('mem'), 'big'), Buffer.alloc(2 ** 21)), /ENOSPC/);
  assert.equal(mode(volumePath('mem')), '777');
  assert.deepEqual(await cleanHost(host(), identity), { ok: true, value: undefined });
  assert.deepEqual(mountsBelow(base), []);
  assert.equal(existsSync(join(rootDir, 'pods/u1')), false);
});

test('a root directory reached through a link is the same directory', async () => {
  symlinkSync(rootDir, join(base, 'link'));
  const linked = { rootDir: join(base, 'link'), podLogsDir: join(base, 'logs') };
  const pod = podWith([{ name: 'mem', emptyDir: { medium: 'Memory' } }]);
  for (let times = 0; times < 2; times++) await prepareHost(linked, identity, pod);
  assert.equal(mountsBelow(base).length, 1);
  assert.equal((await cleanHost(linked, identity)).ok, true);
  assert.deepEqual(mountsBelow(base), []);
});

test('hostPath: each type is checked, and two of them make what is missing', async () => {
  const at = (name: string) => join(base, name);
  mkdirSync(at('dir'));
  writeFileSync(at('file'), '');
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const cases: [type: string, path: string, right: boolean][] = [
    ['', at('nothing'), true],
    ['Directory', at('dir'), true],
    ['Directory', at('file'), false],
    ['Directory', at('nothing'), false],
    ['File', at('file'), true],
    ['File', at('dir'), false],
    ['File', at('nothing'), false],
    ['Socket', at('socket'), true],
    ['Socket', at('file'), false],
    ['CharDevice', '/dev/null', true],
    ['CharDevice', at('file'), false],
    ['BlockDevice', '/dev/null', false],
    ['FileOrCreate', at('dir'), false],
    ['FileOrCreate', at('new-file'), true],
    ['FileOrCreate', at('no-directory/file'), false],
    ['DirectoryOrCreate', at('file'), false],
    ['DirectoryOrCreate', at('new/deep'), true],
    ['Nonsense', at('file'), false],
  ];
  for (const [type, path, right] of cases) {
    const result = await prepare([{ name: 'v', hostPath: { path, type } }]);
    assert.equal(result.ok, right, `${type} ${path}`);
    if (!result.ok) {
      assert.equal(result.error.code, 'HostPreparationFailed');
      assert.match(result.error.message, /volume "v"/);
    }
  }
  server.close();
  assert.equal(existsSync(at('nothing')), false);
  assert.ok(statSync(at('new-file')).isFile());
  assert.ok(statSync(at('new/deep')).isDirectory());
});

test('a volume of a kind that is not there yet is refused by name', async () => {
  const result = await prepare([{ name: 'n', nfs: { server: 's', path: '/p' } }]);
  assert.match(result.ok ? '' : result.error.message, /volume "n".*nfs/);
  const huge = await prepare([{ name: 'h', emptyDir: { medium: 'HugePages' } }]);
  assert.match(huge.ok ? '' : huge.error.message, /HugePages/);
});

async function mount(
  mount: Partial<VolumeMount>,
  volume: Volume = { name: 'v', hostPath: { path: join(base, 'data') } },
) {
  const main = container('main', { volumeMounts: [{ name: 'v', mountPath: '/m', ...mount }] });
  return mountsOf(rootDir, 'u1', podWith([volume]), main, new Map());
}

test('a mount: where it lies, read-only or not, and how mounts go through', async () => {
  mkdirSync(join(base, 'data'));
  const hostPath = join(base, 'data');
  const plain = { hostPath, containerPath: '/m', readOnly: false, propagation: 'private' };
  assert.deepEqual(await mount({}), { ok: true, value: [plain] });
  for (const [mountPropagation, propagation] of [
    ['None', 'private'],
    ['HostToContainer', 'rslave'],
    ['Bidirectional', 'rshared'],
  ] as const)
    assert.deepEqual(await mount({ mountPropagation, readOnly: true }), {
      ok: true,
      value: [{ ...plain, readOnly: true, propagation }],
    });
  const empty = await mount({}, { name: 'v', emptyDir: {} });
  assert.equal(empty.ok && empty.value[0]?.hostPath, volumePath('v'));
  assert.equal((await mount({ name: 'other' })).ok, false);
});

test('subPath: a directory below the volume, made if it is missing, by two containers at once', async () => {
  mkdirSync(join(base, 'data'));
  const both = await Promise.all([mount({ subPath: 'a/./b/' }), mount({ subPath: 'a/b' })]);
  for (const result of both) assert.equal(result.ok && result.value[0]?.hostPath, join(base, 'data/a/b'));
  assert.ok(statSync(join(base, 'data/a/b')).isDirectory());
  writeFileSync(join(base, 'data/file'), '');
  const file = await mount({ subPath: 'file' });
  assert.equal(file.ok && file.value[0]?.hostPath, join(base, 'data/file'));
});

test('subPath: no way out, by dots or by links', async () => {
  mkdirSync(join(base, 'data/real'), { recursive: true });
  mkdirSync(join(base, 'outside'));
  symlinkSync(join(base, 'outside'), join(base, 'data/link'));
  symlinkSync('nowhere', join(base, 'data/dangling'));
  symlinkSync('real', join(base, 'data/inner'));
  for (const subPath of [
    '..',
    '../outside',
    'real/../../outside',
    'link',
    'link/new',
    'dangling',
    'inner/x',
  ]) {
    const result = await mount({ subPath });
    assert.equal(result.ok ? '' : result.error.code, 'ContainerConfigInvalid', subPath);
  }
  assert.equal(existsSync(join(base, 'outside/new')), false);
  assert.equal(existsSync(join(base, 'nowhere')), false);
});

test('subPath that cannot be made is an answer, not an exception', async () => {
  mkdirSync(join(base, 'data'));
  writeFileSync(join(base, 'data/file'), '');
  for (const [subPath, path] of [
    ['file/below', join(base, 'data')],
    ['x', join(base, 'missing')],
  ] as const) {
    const result = await mount({ subPath }, { name: 'v', hostPath: { path } });
    assert.equal(result.ok ? '' : result.error.code, 'ContainerConfigInvalid');
  }
});

test('cleaning removes the Pod’s own directories, follows no link and touches nothing of the host', async () => {
  const outside = join(base, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'x');
  mkdirSync(join(rootDir, 'pods/other'), { recursive: true });
  await prepare([
    { name: 'tmp', emptyDir: {} },
    { name: 'h', hostPath: { path: outside } },
  ]);
  symlinkSync(outside, join(volumePath('tmp'), 'link'));
  await linkLog(join(base, 'logs'), identity, 'main', 0, join(outside, 'precious'));
  assert.equal((await cleanHost(host(), identity)).ok, true);
  assert.equal(readFileSync(join(outside, 'precious'), 'utf8'), 'x');
  assert.equal(existsSync(join(rootDir, 'pods/u1')), false);
  assert.equal(existsSync(join(base, 'logs/default_web-node_u1')), false);
  assert.ok(existsSync(join(rootDir, 'pods/other')));
  assert.equal((await cleanHost(host(), identity)).ok, true, 'a second time');
});

test('what cannot be unmounted is not removed', async () => {
  await prepare([{ name: 'mem', emptyDir: { medium: 'Memory' } }]);
  const file = join(volumePath('mem'), 'file');
  writeFileSync(file, 'x');
  const { promise, resolve } = Promise.withResolvers<void>();
  // Somebody works in there.
  const { spawn } = await import('node:child_process');
  const busy = spawn('sleep', ['30'], { cwd: volumePath('mem') });
  busy.once('exit', () => resolve());
  try {
    assert.equal((await cleanHost(host(), identity)).ok, false);
    assert.equal(readFileSync(file, 'utf8'), 'x');
  } finally {
    busy.kill('SIGKILL');
    await promise;
  }
  assert.equal((await cleanHost(host(), identity)).ok, true);
});

for (const uid of ['', '.', '..', '../..', 'a/b']) {
  test(`an identity from a label that names no directory of its own (${JSON.stringify(uid)}) is refused`, async () => {
    mkdirSync(join(rootDir, 'pods/other'), { recursive: true });
    const result = await cleanHost(host(), { ...identity, uid });
    assert.equal(result.ok, false);
    assert.ok(existsSync(join(rootDir, 'pods/other')));
  });
}

test('logs lie as the kubelet lays them; a link is replaced', async () => {
  const logs = join(base, 'logs');
  for (const text of ['one', 'two']) {
    writeFileSync(join(base, text), text);
    await linkLog(logs, identity, 'main', 3, join(base, text));
  }
  assert.equal(readFileSync(join(logs, 'default_web-node_u1/main/3.log'), 'utf8'), 'two');
});
