// A Pod's own cgroup on the host: made with its limits before its containers, removed after them. Version 1 has a tree
// for each controller, version 2 one for all. Runs in the Pod's thread.
import { join } from 'node:path';
import type { CgroupLimits, PodCgroup } from '../kubernetes/pod-cgroup.ts';
import { podCgroupParents } from '../kubernetes/pod-cgroup.ts';
import { lstat, mkdir, readdir, rmdir, writeFile } from './files.ts';
import type { Remnant } from './mounts.ts';

type Setting = { file: string; value: string };

/** Where cgroups are mounted. */
export const cgroupMount = '/sys/fs/cgroup';

export async function makePodCgroup({ parent, limits }: PodCgroup, mount = cgroupMount): Promise<void> {
  if (await exists(join(mount, 'cgroup.controllers'))) return makeUnified(parent, limits, mount);
  const { cpu, memory, pids } = version1(limits);
  for (const [controller, settings] of Object.entries({ cpu, memory, pids })) {
    if (settings.length === 0) continue;
    const directory = join(mount, controller, parent);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await write(directory, settings);
  }
}

/** Each level has to hand its controllers down before the next one has their files. */
async function makeUnified(parent: string, limits: CgroupLimits, mount: string): Promise<void> {
  let directory = mount;
  for (const name of parent.split('/').filter(Boolean)) {
    await write(directory, [{ file: 'cgroup.subtree_control', value: '+cpu +memory +pids' }]);
    directory = join(directory, name);
    await mkdir(directory, { recursive: true, mode: 0o755 });
  }
  await write(directory, version2(limits));
}

async function write(directory: string, settings: Setting[]): Promise<void> {
  for (const { file, value } of settings) await writeFile(join(directory, file), value);
}

function version1({ cpuShares, cpu, memoryBytes, pids }: CgroupLimits) {
  return {
    cpu: [
      { file: 'cpu.shares', value: String(cpuShares) },
      ...(cpu
        ? [
            { file: 'cpu.cfs_period_us', value: String(cpu.periodUs) },
            { file: 'cpu.cfs_quota_us', value: String(cpu.quotaUs) },
          ]
        : []),
    ],
    memory: memoryBytes === undefined ? [] : [{ file: 'memory.limit_in_bytes', value: String(memoryBytes) }],
    pids: pids === undefined ? [] : [{ file: 'pids.max', value: String(pids) }],
  };
}

function version2({ cpuShares, cpu, memoryBytes, pids }: CgroupLimits): Setting[] {
  return [
    { file: 'cpu.weight', value: String(cpuWeight(cpuShares)) },
    ...(cpu ? [{ file: 'cpu.max', value: `${cpu.quotaUs} ${cpu.periodUs}` }] : []),
    ...(memoryBytes === undefined ? [] : [{ file: 'memory.max', value: String(memoryBytes) }]),
    ...(pids === undefined ? [] : [{ file: 'pids.max', value: String(pids) }]),
  ];
}

/** cgroups.ConvertCPUSharesToCgroupV2Value: 2 is 1, 1024 is 100, 262144 is 10000. */
function cpuWeight(shares: number): number {
  const log = Math.log2(shares);
  return Math.min(10_000, Math.max(1, Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))));
}

/** Whatever of it the engine has made in trees of other controllers goes as well. Answers with what could not go. */
export async function removePodCgroup(uid: string, mount = cgroupMount): Promise<Remnant[]> {
  const parents = podCgroupParents.map((parent) => join(parent, `pod${uid}`));
  // The tree of the cpu controller goes last, once nothing is left in the others: it tells whether there is anything to do.
  const trees = (await exists(join(mount, 'cgroup.controllers')))
    ? [mount]
    : [...(await readdir(mount).catch(() => [])).filter((name) => name !== 'cpu'), 'cpu'].map((name) =>
        join(mount, name),
      );
  const last = trees.at(-1) ?? mount;
  const remnants: Remnant[] = [];
  for (const parent of parents) {
    if (!(await exists(join(last, parent)))) continue;
    const others = await Promise.all(trees.slice(0, -1).map((tree) => removed(join(tree, parent))));
    const left = others.filter((remnant) => remnant !== undefined);
    const own = left.length > 0 ? undefined : await removed(join(last, parent));
    remnants.push(...left, ...(own ? [own] : []));
  }
  return remnants;
}

async function removed(path: string): Promise<Remnant | undefined> {
  try {
    await rmdir(path);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { path, cause: message };
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
