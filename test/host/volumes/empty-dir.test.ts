// emptyDir on the host: modes, group, tmpfs and huge pages. Mounting needs root.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanHost, prepareHost } from '../../../src/host/prepare.ts';
import { pageSizeOf } from '../../../src/host/volumes/huge-pages.ts';
import { memorySizeOf } from '../../../src/host/volumes/memory-size.ts';
import { knowsNoswap } from '../../../src/host/volumes/tmpfs.ts';
import type { PodSpec, Volume } from '../../../src/kubernetes/pod.ts';
import { message, value } from '../../contract/results.ts';
import { container, staticPod } from '../../pod/pods.ts';
import { identity, modeOf, node, scratch, withUmask } from '../scratch.ts';

const on = scratch();
const done = { ok: true, value: undefined };
const memory = (name: string, sizeLimit?: string): Volume => ({
  name,
  emptyDir: { medium: 'Memory', ...(sizeLimit && { sizeLimit }) },
});
const fsGroup = { securityContext: { fsGroup: 4321 } };

test('it is for everybody, whatever the umask; the Pod’s own directory is not', async () => {
  assert.deepEqual(await withUmask(0o077, () => on.prepare([{ name: 'tmp', emptyDir: {} }])), done);
  assert.equal(modeOf(on.emptyDir('tmp')), '777');
  assert.equal(Number.parseInt(modeOf(on.podDir), 8) & 0o007, 0);
});

test('with an fsGroup it belongs to that group, and so does what is made in it', async () => {
  await on.prepare([{ name: 'tmp', emptyDir: {} }, memory('mem')], fsGroup);
  for (const [name, mode] of [
    ['tmp', '2777'],
    ['mem', '3777'],
  ] as const) {
    assert.equal(modeOf(on.emptyDir(name)), mode);
    assert.equal(statSync(on.emptyDir(name)).gid, 4321);
    writeFileSync(join(on.emptyDir(name), 'file'), '');
    assert.equal(statSync(join(on.emptyDir(name), 'file')).gid, 4321);
  }
});

test('prepared again, it is as its containers have made it: content, mode and owner', async () => {
  const volumes = [{ name: 'tmp', emptyDir: {} }, memory('mem')];
  await on.prepare(volumes, fsGroup);
  for (const name of ['tmp', 'mem']) {
    writeFileSync(join(on.emptyDir(name), 'file'), 'x');
    chmodSync(on.emptyDir(name), 0o700);
    execFileSync('chown', ['70:70', on.emptyDir(name)]);
  }
  assert.deepEqual(await on.prepare(volumes, fsGroup), done);
  for (const name of ['tmp', 'mem']) {
    assert.equal(readFileSync(join(on.emptyDir(name), 'file'), 'utf8'), 'x');
    assert.equal(modeOf(on.emptyDir(name)), '700');
    assert.deepEqual([statSync(on.emptyDir(name)).uid, statSync(on.emptyDir(name)).gid], [70, 70]);
  }
});

test('one whose making was cut short by a crash is made whole', async () => {
  mkdirSync(on.emptyDir('tmp'), { recursive: true });
  chmodSync(on.emptyDir('tmp'), 0);
  mkdirSync(on.emptyDir('mem'));
  assert.deepEqual(await on.prepare([{ name: 'tmp', emptyDir: {} }, memory('mem')], fsGroup), done);
  assert.equal(modeOf(on.emptyDir('tmp')), '2777');
  assert.deepEqual(on.mounts(), [on.emptyDir('mem')]);
});

test('medium Memory is a tmpfs of the size asked for, mounted once, and released at the end', async () => {
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(await on.prepare([memory('mem', '1Mi')]), done);
    assert.deepEqual(on.mounts(), [on.emptyDir('mem')]);
  }
  assert.match(on.mountLines()[0]?.text ?? '', / - tmpfs tmpfs .*size=1024k/);
  writeFileSync(join(on.emptyDir('mem'), 'small'), 'x');
  assert.throws(() => writeFileSync(join(on.emptyDir('mem'), 'big'), Buffer.alloc(2 ** 21)), /ENOSPC/);
  assert.equal(modeOf(on.emptyDir('mem')), '1777');
  assert.deepEqual(await on.clean(), done);
  assert.deepEqual(on.mounts(), []);
  assert.equal(existsSync(on.podDir), false);
});

test('a root directory reached through a link is the same directory', async () => {
  symlinkSync(on.rootDir, on.at('link'));
  const linked = { rootDir: on.at('link'), podLogsDir: on.logs, node };
  const { pod } = staticPod('u1', { volumes: [memory('mem')] });
  for (let times = 0; times < 2; times++) await prepareHost(linked, identity, pod);
  assert.equal(on.mounts().length, 1);
  assert.deepEqual(await cleanHost(linked, identity), done);
  assert.deepEqual(on.mounts(), []);
});

const limited = (...limits: (string | undefined)[]): Partial<PodSpec> => ({
  containers: limits.map((limit, index) =>
    container(`c${index}`, limit ? { resources: { limits: { memory: limit } } } : {}),
  ),
});
const size = (spec: Partial<PodSpec>, sizeLimit?: string) =>
  memorySizeOf(staticPod('u1', spec).pod, sizeLimit, node.allocatable);
const MiB = 2 ** 20;

for (const [name, spec, sizeLimit, expected] of [
  ['without any limit: what the node has for Pods', {}, undefined, 4096 * MiB],
  ['its own limit', {}, '1Mi', MiB],
  ['its own limit, above what the node has', {}, '1Ti', 4096 * MiB],
  ['a limit of nothing is none', {}, '0', 4096 * MiB],
  ['what the containers may use together', limited('10Mi', '20Mi'), undefined, 30 * MiB],
  ['… which is less than its own limit', limited('10Mi', '20Mi'), '1Gi', 30 * MiB],
  ['… which is more than its own limit', limited('10Mi', '20Mi'), '1Mi', MiB],
  ['not all containers are limited', limited('10Mi', undefined), '1Gi', 1024 * MiB],
  ['the Pod is limited', { ...limited(undefined), resources: { limits: { memory: '7Mi' } } }, '1Gi', 7 * MiB],
  ['overhead counts', { ...limited('10Mi'), overhead: { memory: '1Mi' } }, undefined, 11 * MiB],
] as const)
  test(`how large an emptyDir in memory may grow: ${name}`, () => {
    assert.equal(size(spec, sizeLimit), expected);
  });

test('pages are not swapped where the kernel can promise it', async () => {
  const versions = ['6.4.0', '6.18.44-fc', '7.0-rc1', '6.3.9', '5.15.0-100-generic'];
  assert.deepEqual(versions.map(knowsNoswap), [true, true, true, false, false]);
});

const pages = (...names: string[]): Partial<PodSpec> => ({
  containers: names.map((name, index) =>
    container(`c${index}`, { resources: { requests: { [name]: '4Mi' }, limits: { [name]: '4Mi' } } }),
  ),
});
const pageSize = (medium: string, spec: Partial<PodSpec>) => pageSizeOf(medium, staticPod('u1', spec).pod);

test('huge pages are of the size that the containers ask for', () => {
  assert.equal(value(pageSize('HugePages', pages('hugepages-2Mi'))), 2 * MiB);
  assert.equal(value(pageSize('HugePages-1Gi', pages('hugepages-2Mi', 'hugepages-1Gi'))), 1024 * MiB);
  const podLevel = { resources: { requests: { 'hugepages-2Mi': '4Mi' } } };
  assert.equal(value(pageSize('HugePages', podLevel)), 2 * MiB);
  for (const [medium, spec, expected] of [
    [
      'HugePages',
      pages('hugepages-2Mi', 'hugepages-1Gi'),
      "medium: HugePages can't be used if container requests multiple huge page sizes",
    ],
    [
      'HugePages',
      {},
      'medium HugePages: hugePages storage requested, but there is no resource request for huge pages',
    ],
    [
      'HugePages-1Gi',
      pages('hugepages-2Mi'),
      'medium HugePages-1Gi: hugePages storage requested, but there is no resource request for huge pages',
    ],
  ] as const)
    assert.equal(message(pageSize(medium, spec)), expected);
});

test('an emptyDir of huge pages is a hugetlbfs; of a size that the host has not, it is refused by name', async () => {
  const huge = (medium: string): Volume => ({ name: 'h', emptyDir: { medium } });
  assert.equal(
    message(await on.prepare([huge('HugePages-3Ki')], pages('hugepages-3Ki'))),
    'MountVolume.SetUp failed for volume "h" : medium HugePages-3Ki: this host has no huge pages of that size',
  );
  assert.deepEqual(on.mounts(), []);
  // This needs a kernel with huge pages, as every distribution's is; none of them need be set aside.
  assert.deepEqual(await on.prepare([huge('HugePages')], { ...pages('hugepages-2Mi'), ...fsGroup }), done);
  assert.match(on.mountLines()[0]?.text ?? '', / - hugetlbfs hugetlbfs .*pagesize=2M/);
  assert.equal(modeOf(on.emptyDir('h')), '2775');
  assert.equal(statSync(on.emptyDir('h')).gid, 4321);
  assert.deepEqual(await on.clean(), done);
});

test('one volume that cannot be had keeps no other from being made', async () => {
  const bad: Volume = { name: 'bad', emptyDir: { medium: 'Paper' } };
  const result = await on.prepare([bad, { name: 'tmp', emptyDir: {} }]);
  assert.equal(message(result), 'MountVolume.SetUp failed for volume "bad" : unknown storage medium "Paper"');
  assert.equal(modeOf(on.emptyDir('tmp')), '777');
});
