// A container's termination message: the file mounted into it, and what is read of that, or of its log, after its end.
// A container writes what it likes into the file, but cannot replace it. Runs in the Pod's thread.
import { join, resolve } from 'node:path';
import type { Mount } from '../engine/engine.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import type { Container } from '../kubernetes/pod.ts';
import { close, constants, descriptorPath, fchmod, mkdir, open, rm } from './files.ts';
import { readLogEnd } from './log-end.ts';
import { messageWithoutDescriptors } from './open-no-follow.ts';
import { containerDirectory, isOneComponent, podDirectory } from './paths.ts';
import { readTail, tailText } from './read-tail.ts';

/** How a container ended: `reason` as in its status, `logPath` the engine's log file. */
export type Ended = { exitCode: number; reason: string; logPath?: string };

/** MaxContainerTerminationMessageLength. */
const messageBytesMax = 4096;

const messagePath = ({ terminationMessagePath = '/dev/termination-log' }: Container): string =>
  terminationMessagePath;

/**
 * Makes the file for one attempt, empty and writable for everybody (kuberuntime_container.go makeMounts), and says how
 * to mount it; undefined for a container that wants none. ContainerConfigInvalid.
 */
export async function terminationLogMount(
  rootDir: string,
  uid: string,
  container: Container,
  attempt: number,
): Promise<Result<Mount | undefined>> {
  if (messagePath(container) === '') return ok(undefined);
  // MakeAbsolutePath.
  const containerPath = resolve('/', messagePath(container));
  // The kubelet mounts both; the engine takes no two mounts at one place.
  if (container.volumeMounts?.some(({ mountPath }) => resolve('/', mountPath) === containerPath))
    return ok(undefined);
  try {
    await within(rootDir, uid, container.name, 'make', (directory) =>
      makeFile(join(directory, `${attempt}`)),
    );
  } catch (error) {
    const message = 'the termination message file cannot be made';
    return fail('ContainerConfigInvalid', message, messageWithoutDescriptors(error));
  }
  const hostPath = join(containerDirectory(rootDir, uid, container.name), `${attempt}`);
  return ok({ hostPath, containerPath, readOnly: false, propagation: 'private', relabel: true });
}

/**
 * What a container that has ended says about its end: '' when nothing. Never fails; what cannot be read is empty
 * (getTerminationMessage, convertToKubeContainerStatus).
 */
export async function readTerminationMessage(
  rootDir: string,
  uid: string,
  container: Container,
  attempt: number,
  ended: Ended,
): Promise<string> {
  const message = messagePath(container) === '' ? '' : await readFile(rootDir, uid, container.name, attempt);
  if (message !== '' || !fallsBackToLog(container, ended) || ended.logPath === undefined) return message;
  return readLogEnd(ended.logPath);
}

/** Removes the file of one attempt, if there is one. HostPreparationFailed. */
export async function removeTerminationMessage(
  rootDir: string,
  uid: string,
  container: Container,
  attempt: number,
): Promise<Result<undefined>> {
  try {
    await within(rootDir, uid, container.name, 'find', (directory) => discard(join(directory, `${attempt}`)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return fail(
        'HostPreparationFailed',
        `the termination message of ${container.name} cannot be removed`,
        messageOf(error),
      );
  }
  return ok(undefined);
}

async function readFile(rootDir: string, uid: string, name: string, attempt: number): Promise<string> {
  try {
    return await within(rootDir, uid, name, 'find', async (directory) => {
      const tail = await readTail(join(directory, `${attempt}`), messageBytesMax);
      return tail ? tailText(tail) : '';
    });
  } catch {
    return '';
  }
}

/** What could not start has no log to speak of. */
const fallsBackToLog = (container: Container, { exitCode, reason }: Ended): boolean =>
  container.terminationMessagePolicy === 'FallbackToLogsOnError' &&
  exitCode !== 0 &&
  reason !== 'ContainerCannotRun' &&
  reason !== 'StartError';

async function makeFile(path: string): Promise<void> {
  await discard(path);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  try {
    await fchmod(file, 0o666);
  } finally {
    await close(file);
  }
}

/** A directory as well: the engine makes one where the file to be mounted is missing. */
const discard = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/**
 * Calls `use` with a path to the container's directory that leads through no link, nor through one that is put there
 * meanwhile: by way of an open directory at each step, as Node has no openat. The Pod's directory and what is in it is
 * ours; where the root directory lies is the administrator's.
 */
async function within<T>(
  rootDir: string,
  uid: string,
  container: string,
  mode: 'make' | 'find',
  use: (directory: string) => Promise<T>,
): Promise<T> {
  if (!isOneComponent(uid) || !isOneComponent(container))
    throw new Error(`names no directory of its own: ${JSON.stringify({ uid, container })}`);
  if (mode === 'make') await mkdir(podDirectory(rootDir, uid), { recursive: true, mode: 0o750 });
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let at = await open(podDirectory(rootDir, uid), flags);
  try {
    for (const part of ['containers', container]) {
      const parent = at;
      const path = `${descriptorPath(parent)}/${part}`;
      if (mode === 'make')
        await mkdir(path, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
      at = await open(path, flags);
      await close(parent);
    }
    return await use(descriptorPath(at));
  } finally {
    await close(at);
  }
}
