// Prepares the host for a Pod before its containers, and clears it away after them. Runs in the Pod's thread.

import { basename, dirname, join } from 'node:path';
import type { PodIdentity } from '../engine/engine.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import type { NodeResources } from '../kubernetes/node-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { podCgroupOf } from '../kubernetes/pod-cgroup.ts';
import { mkdir, realpath } from './files.ts';
import { dropDeadLinks } from './log-links.ts';
import { type Remnant, unmountBelow } from './mounts.ts';
import { isOneComponent, podDirectory, podLogsDirectory } from './paths.ts';
import { makePodCgroup, removePodCgroup } from './pod-cgroup.ts';
import { removeTree } from './remove-tree.ts';
import { prepareVolume } from './volumes/volumes.ts';

/** `podCgroups`: absent where Pods have no cgroups of their own; `mount` is where cgroups are, for tests. */
export type HostDirectories = {
  rootDir: string;
  podLogsDir: string;
  podCgroups?: { pidsMax: number; mount?: string };
};

/** All volumes at once, and all that can be: one that cannot keeps no other from it, and is the answer. */
export async function prepareHost(
  host: HostDirectories & { node: NodeResources },
  identity: PodIdentity,
  pod: Pod,
): Promise<Result<undefined>> {
  try {
    await mkdir(podDirectory(host.rootDir, identity.uid), { recursive: true, mode: 0o750 });
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
    const logs = podLogsDirectory(host.podLogsDir, identity);
    await Promise.all(
      containers.map(({ name }) => mkdir(join(logs, name), { recursive: true, mode: 0o755 })),
    );
    const cgroup = host.podCgroups && podCgroupOf(pod, identity.uid, host.podCgroups.pidsMax);
    if (cgroup) await makePodCgroup(cgroup, host.podCgroups?.mount);
    const setting = { rootDir: host.rootDir, uid: identity.uid, pod, node: host.node };
    const volumes = pod.spec?.volumes ?? [];
    const prepared = await Promise.all(volumes.map((volume) => prepareVolume(setting, volume)));
    return prepared.find((result) => !result.ok) ?? ok(undefined);
  } catch (error) {
    return fail('HostPreparationFailed', 'cannot prepare the directories of the Pod', messageOf(error));
  }
}

/**
 * Removes all that can be: what cannot be unmounted or removed keeps nothing else from it, and is named in the answer.
 * HostPreparationFailed.
 */
export async function cleanHost(host: HostDirectories, identity: PodIdentity): Promise<Result<undefined>> {
  // It may come from a label, which anybody can write: it must name directories of its own.
  if (![identity.uid, identity.name, identity.namespace].every(isOneComponent))
    return fail('HostPreparationFailed', `not a Pod's identity: ${JSON.stringify(identity)}`);
  const remnants: Remnant[] = [];
  for (const [directory, clear] of [
    [podDirectory(host.rootDir, identity.uid), clearPodDirectory],
    [podLogsDirectory(host.podLogsDir, identity), removeTree],
  ] as const) {
    const path = Buffer.from(directory).toString('latin1');
    remnants.push(...(await clear(path).catch((error) => [{ path, cause: messageOf(error) }])));
  }
  // Now they lead nowhere.
  await dropDeadLinks(host.podLogsDir, identity);
  if (host.podCgroups) remnants.push(...(await removePodCgroup(identity.uid, host.podCgroups.mount)));
  const [first] = remnants;
  if (!first) return ok(undefined);
  const named = remnants.slice(0, remnantsNamedMax).map(({ path }) => Buffer.from(path, 'latin1').toString());
  const more = remnants.length > named.length ? ' and more' : '';
  return fail('HostPreparationFailed', `cannot remove ${named.join(', ')}${more}`, first.cause);
}

const remnantsNamedMax = 5;

/**
 * Undoes the mounts below a directory of ours, and removes it. `path` is a string of bytes, as in mounts.ts. Nothing is
 * removed through a mount that could not be undone: what is in there is not the Pod's alone.
 */
export async function clearPodDirectory(path: string): Promise<Remnant[]> {
  const directory = await realDirectory(path);
  if (directory === undefined) return [];
  const mounted = await unmountBelow(directory);
  return [...mounted, ...(await removeTree(directory, new Set(mounted.map((remnant) => remnant.path))))];
}

/** By its real parent, as mounts are known by real paths; the directory itself is ours, and no link. */
async function realDirectory(path: string): Promise<string | undefined> {
  try {
    const parent = await realpath(Buffer.from(dirname(path), 'latin1'), 'buffer');
    return `${parent.toString('latin1')}/${basename(path)}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
