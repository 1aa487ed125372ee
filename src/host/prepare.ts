// Prepares the host for a Pod before its containers, and clears it away after them. Runs in the Pod's thread.

import { join } from 'node:path';
import type { PodIdentity } from '../engine/engine.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { mkdir, rm } from './files.ts';
import { podDirectory, podLogsDirectory } from './paths.ts';
import { prepareVolume, releaseVolumes } from './volumes.ts';

export type HostDirectories = { rootDir: string; podLogsDir: string };

export async function prepareHost(
  host: HostDirectories,
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
    for (const volume of pod.spec?.volumes ?? []) {
      const prepared = await prepareVolume(host.rootDir, identity.uid, volume, pod);
      if (!prepared.ok) return prepared;
    }
    return ok(undefined);
  } catch (error) {
    return fail('HostPreparationFailed', 'cannot prepare the directories of the Pod', messageOf(error));
  }
}

export async function cleanHost(host: HostDirectories, identity: PodIdentity): Promise<Result<undefined>> {
  // It may come from a label, which anybody can write: it must name directories of its own.
  if (![identity.uid, identity.name, identity.namespace].every((part) => /^\w[\w.-]*$/.test(part)))
    return fail('HostPreparationFailed', `not a Pod's identity: ${JSON.stringify(identity)}`);
  try {
    await releaseVolumes(host.rootDir, identity.uid);
    await rm(podDirectory(host.rootDir, identity.uid), { recursive: true, force: true });
    await rm(podLogsDirectory(host.podLogsDir, identity), { recursive: true, force: true });
    return ok(undefined);
  } catch (error) {
    return fail('HostPreparationFailed', 'cannot remove the directories of the Pod', messageOf(error));
  }
}
