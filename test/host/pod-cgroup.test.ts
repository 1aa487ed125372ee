// A Pod's own cgroup, in trees that look like those of version 1 and 2.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePodCgroup, removePodCgroup } from '../../src/host/pod-cgroup.ts';
import type { Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { podCgroupOf } from '../../src/kubernetes/pod-cgroup.ts';
import { freshDirectory } from '../fresh-directory.ts';

let mount = '';
freshDirectory((path) => {
  mount = path;
});

const GiB = 2 ** 30;
const pod = (spec: Partial<PodSpec>): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c' }], ...spec },
});
const own = { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1500m', memory: '2Gi' } };
const limits = {
  cpuShares: 512,
  cpu: { periodUs: 100_000, quotaUs: 150_000 },
  memoryBytes: 2 * GiB,
};

test('a Pod with limits of its own has one, and every Pod if the number of processes is limited', () => {
  assert.equal(podCgroupOf(pod({}), 'u', 0), undefined);
  assert.deepEqual(podCgroupOf(pod({ resources: own }), 'u', 0), {
    parent: '/kubepods/burstable/podu',
    limits,
  });
  const { limits: both } = own;
  assert.equal(podCgroupOf(pod({ resources: { limits: both } }), 'u', 0)?.parent, '/kubepods/podu');
  assert.deepEqual(podCgroupOf(pod({}), 'u', 100), {
    parent: '/kubepods/besteffort/podu',
    limits: { cpuShares: 2, pids: 100 },
  });
});

test('what the Pod does not say its containers do, if all of them are limited', () => {
  const limited = (cpu?: string) => ({ name: `c${cpu}`, resources: { limits: { ...(cpu && { cpu }) } } });
  const quota = (...cpus: (string | undefined)[]) =>
    podCgroupOf(pod({ resources: { limits: { memory: '1Gi' } }, containers: cpus.map(limited) }), 'u', 0)
      ?.limits.cpu?.quotaUs;
  assert.equal(quota('1', '500m'), 150_000);
  assert.equal(quota('1', undefined), undefined);
});

test('version 1: a directory in the tree of each controller that limits', async () => {
  for (const controller of ['cpu', 'memory', 'pids', 'freezer']) mkdirSync(join(mount, controller));
  await makePodCgroup({ parent: '/kubepods/burstable/podu', limits: { ...limits, pids: 50 } }, mount);
  const read = (controller: string, file: string) =>
    readFileSync(join(mount, controller, 'kubepods/burstable/podu', file), 'utf8');
  assert.equal(read('cpu', 'cpu.shares'), '512');
  assert.equal(read('cpu', 'cpu.cfs_period_us'), '100000');
  assert.equal(read('cpu', 'cpu.cfs_quota_us'), '150000');
  assert.equal(read('memory', 'memory.limit_in_bytes'), String(2 * GiB));
  assert.equal(read('pids', 'pids.max'), '50');
  assert.ok(!existsSync(join(mount, 'freezer/kubepods')));
});

test('version 2: controllers are handed down from the top', async () => {
  writeFileSync(join(mount, 'cgroup.controllers'), 'cpu memory pids');
  await makePodCgroup({ parent: '/kubepods/podu', limits }, mount);
  const directory = join(mount, 'kubepods/podu');
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
  for (const above of [mount, join(mount, 'kubepods')])
    assert.equal(read(above, 'cgroup.subtree_control'), '+cpu +memory +pids');
  assert.deepEqual(readdirSync(directory).sort(), ['cpu.max', 'cpu.weight', 'memory.max']);
  assert.equal(read(directory, 'cpu.max'), '150000 100000');
  assert.equal(read(directory, 'memory.max'), String(2 * GiB));
  for (const [cpuShares, weight] of [
    [2, 1],
    [1024, 100],
    [262_144, 10_000],
  ] as const) {
    await makePodCgroup({ parent: '/kubepods/podw', limits: { cpuShares } }, mount);
    assert.equal(read(mount, 'kubepods/podw/cpu.weight'), String(weight));
  }
});

test('it is removed from every tree, those of the engine too; what is not empty is named and stays', async () => {
  for (const controller of ['cpu', 'freezer', 'memory'])
    mkdirSync(join(mount, controller, 'kubepods/burstable/podu'), { recursive: true });
  mkdirSync(join(mount, 'cpu/kubepods/burstable/podother'));
  mkdirSync(join(mount, 'memory/kubepods/burstable/podu/container'));
  const [remnant, ...more] = await removePodCgroup('u', mount);
  assert.match(remnant?.path ?? '', /\/memory\/kubepods\/burstable\/podu$/);
  assert.equal(more.length, 0);
  assert.ok(!existsSync(join(mount, 'freezer/kubepods/burstable/podu')));
  rmSync(join(mount, 'memory/kubepods/burstable/podu/container'), { recursive: true });
  assert.deepEqual(await removePodCgroup('u', mount), []);
  assert.ok(!existsSync(join(mount, 'memory/kubepods/burstable/podu')));
  assert.ok(existsSync(join(mount, 'cpu/kubepods/burstable/podother')));
  assert.deepEqual(await removePodCgroup('u', join(mount, 'nowhere')), []);
});
