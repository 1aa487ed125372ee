// The kubelet's log layout over the engine's own log files, in links: <pod-logs-dir>/<ns>_<name>_<uid>/<container>/<n>.log,
// and to that one containers/<pod>_<ns>_<container>-<id>.log beside it, by which log collectors go.
import { basename, dirname, join } from 'node:path';
import type { PodIdentity } from '../engine/engine.ts';
import { lstat, mkdir, readdir, readlink, rm, rmdir, symlink, unlink } from './files.ts';
import { containerLog, containerLogsDirectory, podLogsDirectory } from './paths.ts';

/** `<attempt>.log` -> `…/<id>/<id>-json.log`. */
export type LogLink = { attempt: number; logPath: string };

export async function linkLog(
  podLogsDir: string,
  identity: PodIdentity,
  container: string,
  { attempt, logPath }: LogLink,
): Promise<void> {
  const link = containerLog(podLogsDir, identity, container, attempt);
  await replaceLink(link, logPath);
  await replaceLink(byContainer(podLogsDir, identity, container, engineIdOf(logPath)), link);
  // An earlier attempt may have been removed, by us or by hand.
  if (attempt > 0) await dropDeadLinks(podLogsDir, identity);
}

async function replaceLink(link: string, target: string): Promise<void> {
  if ((await readlink(link).catch(() => undefined)) === target) return;
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(target, link);
}

/** kuberuntime logSymlink: the name of a file has at most 255 bytes. */
function byContainer(
  podLogsDir: string,
  { namespace, name }: PodIdentity,
  container: string,
  id: string,
): string {
  const file = `${name}_${namespace}_${container}-${id}`.slice(0, 255 - '.log'.length);
  return join(containerLogsDirectory(podLogsDir), `${file}.log`);
}

/** The engine names a log's directory after the container. */
const engineIdOf = (logPath: string): string => basename(dirname(logPath));

/** The engine's log file of the container with this id; undefined where no link leads to it. */
export async function findLog(
  podLogsDir: string,
  identity: PodIdentity,
  container: string,
  id: string,
): Promise<string | undefined> {
  const directory = join(podLogsDirectory(podLogsDir, identity), container);
  for (const link of await linksIn(directory)) {
    const target = await readlink(link).catch(() => undefined);
    if (target !== undefined && engineIdOf(target) === id) return target;
  }
  return undefined;
}

/** Of one Pod: what leads to logs that are gone. Its containers may have been removed one by one. */
export async function dropDeadLinks(podLogsDir: string, identity: PodIdentity): Promise<void> {
  for (const directory of await entriesOf(podLogsDirectory(podLogsDir, identity)))
    await dropDeadIn(directory);
  await dropByContainer(podLogsDir, (file) => file.startsWith(`${identity.name}_${identity.namespace}_`));
}

/**
 * Of all Pods (kuberuntime_gc evictPodLogsDirectories), with the directories of Pods that `isKnown` does not know: one
 * that held nothing but links to logs that are gone was an agent's like this one; a kubelet's holds files.
 */
export async function dropAllDeadLinks(podLogsDir: string, isKnown: (uid: string) => boolean): Promise<void> {
  for (const pod of await entriesOf(podLogsDir)) {
    const [, , uid, ...more] = basename(pod).split('_');
    if (uid === undefined || more.length > 0 || isKnown(uid)) continue;
    const containers = await entriesOf(pod);
    let dropped = 0;
    for (const container of containers) dropped += await dropDeadIn(container);
    // `rmdir` removes nothing that holds anything.
    if (dropped > 0) for (const directory of [...containers, pod]) await removeIfEmpty(directory);
  }
  await dropByContainer(podLogsDir, () => true);
}

/** How many. */
async function dropDeadIn(directory: string): Promise<number> {
  let dropped = 0;
  for (const link of await linksIn(directory)) {
    const target = await readlink(link).catch(() => undefined);
    if (target === undefined || !isEngineLog(target) || (await isThere(dirname(target)))) continue;
    await unlink(link).catch(() => undefined);
    dropped++;
  }
  return dropped;
}

/** Those that lead to nothing. Others may have links there as well: only what leads into our directory. */
async function dropByContainer(podLogsDir: string, concerns: (file: string) => boolean): Promise<void> {
  for (const link of await linksIn(containerLogsDirectory(podLogsDir))) {
    if (!concerns(basename(link))) continue;
    const target = await readlink(link).catch(() => undefined);
    if (target?.startsWith(`${podLogsDir}/`) && !(await isThere(target)))
      await unlink(link).catch(() => undefined);
  }
}

/** The file itself is away for a moment when it is rotated; its directory goes with the container. */
const isEngineLog = (target: string): boolean => basename(target) === `${engineIdOf(target)}-json.log`;

/** A link counts as there whatever it leads to. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

async function removeIfEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => undefined);
}

const linksIn = async (directory: string): Promise<string[]> =>
  (await entriesOf(directory)).filter((path) => path.endsWith('.log'));

async function entriesOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.map((name) => join(directory, name));
}
