// Directories of Pods that nobody knows any more: their checkpoint is lost and their containers are gone (kubelet
// cleanupOrphanedPodDirs). Their mounts are undone and all that is in them is removed. Runs on main, in its pauses.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { readCheckpoints } from './checkpoint.ts';
import { readdir } from './files.ts';
import type { Remnant } from './mounts.ts';
import { namesIn } from './names-in.ts';
import { isOneComponent, podDirectory } from './paths.ts';
import { clearPodDirectory, type HostDirectories } from './prepare.ts';
import { removeTree } from './remove-tree.ts';

/** So that a Pod of the same UID may come back at any moment: its directory is made anew beside it. */
const aside = '.orphan-';

/** Of Pods that no checkpoint tells of, not even a damaged one. To be asked before this run has made any directory. */
export function orphanUids(rootDir: string): string[] {
  const texts = [...readCheckpoints(rootDir).values()];
  const known = (uid: string) => texts.some((text) => text.includes(uid));
  return namesIn(podsOf(rootDir)).filter((name) => isOneComponent(name) && !known(name));
}

/** Takes these Pods' directories out of the way, all at once: after this call nothing of them stands where it stood. */
export function setAside(rootDir: string, uids: readonly string[]): Remnant[] {
  return uids.flatMap((uid) => {
    try {
      renameSync(podDirectory(rootDir, uid), join(podsOf(rootDir), `${aside}${uid}`));
      return [];
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? []
        : [remnant(podDirectory(rootDir, uid), error)];
    }
  });
}

/** Removes what has been set aside, by a run before as well, and the logs that went with it. Answers with what stays. */
export async function removeAside({ rootDir, podLogsDir }: HostDirectories): Promise<Remnant[]> {
  const remnants: Remnant[] = [];
  for (const name of namesIn(podsOf(rootDir)).filter((name) => name.startsWith(aside))) {
    const left = await clearPodDirectory(bytesOf(join(podsOf(rootDir), name)));
    remnants.push(...left);
    if (left.length === 0) remnants.push(...(await removeLogs(podLogsDir, name.slice(aside.length))));
  }
  return remnants;
}

/** The log directory may be a kubelet's as well: only what ends with the UID of a Pod that was ours. */
async function removeLogs(podLogsDir: string, uid: string): Promise<Remnant[]> {
  const names = await readdir(podLogsDir).catch(() => []);
  const own = names.filter((name) => name.split('_').length === 3 && name.endsWith(`_${uid}`));
  return (await Promise.all(own.map((name) => removeTree(bytesOf(join(podLogsDir, name)))))).flat();
}

const podsOf = (rootDir: string): string => join(rootDir, 'pods');

const bytesOf = (path: string): string => Buffer.from(path).toString('latin1');

const remnant = (path: string, error: unknown): Remnant => ({ path: bytesOf(path), cause: messageOf(error) });
