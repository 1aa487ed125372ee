// A Pod's /etc/hosts and /etc/resolv.conf: files in its own directory, mounted into each of its containers and written in
// place, since what is mounted is the file and not its name. Text is latin1, which keeps bytes as they are. In the Pod's
// thread.
import { resolve } from 'node:path';
import { systemReason } from '../config/startup-error.ts';
import type { Mount } from '../engine/engine.ts';
import type { Container } from '../kubernetes/pod.ts';
import {
  close,
  constants,
  descriptorPath,
  fchmod,
  fstat,
  ftruncate,
  lstat,
  mkdir,
  open,
  read,
  rmdir,
  write,
} from './files.ts';
import { isOneComponent, networkFile, podDirectory } from './paths.ts';

/** Their names in the Pod's directory (kubelet makeHostsMount has the first), and where containers see them. */
const places = { 'etc-hosts': '/etc/hosts', 'resolv.conf': '/etc/resolv.conf' } as const;

export type NetworkFile = keyof typeof places;

/** maxResolveConfLength */
const nodeFileBytesMax = 10 * 1024 * 1024;

/** The host's own `/etc/hosts` or resolv.conf as it is now. Rejects in the kubelet's words. */
export async function readNodeFile(path: string): Promise<string> {
  const file = await opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return (await readUpTo(file, nodeFileBytesMax)).toString('latin1');
  } finally {
    await close(file);
  }
}

const opened = (path: string, flags: number): Promise<number> =>
  open(path, flags).catch((error) => {
    throw new Error(`open ${path}: ${systemReason(error)}`, { cause: error });
  });

export const hasNetworkFile = (rootDir: string, uid: string, name: NetworkFile): Promise<boolean> =>
  lstat(networkFile(rootDir, uid, name)).then(
    (found) => found.isFile(),
    () => false,
  );

/** Makes the file have `text` and mode 0644, and keeps it the same file; one that has it already is not touched. */
export async function writeNetworkFile(
  rootDir: string,
  uid: string,
  name: NetworkFile,
  text: string,
): Promise<void> {
  if (!isOneComponent(uid)) throw new Error(`names no directory of its own: ${JSON.stringify(uid)}`);
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  await mkdir(podDirectory(rootDir, uid), { recursive: true, mode: 0o750 });
  const directory = await open(podDirectory(rootDir, uid), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const file = await openOrMake(`${descriptorPath(directory)}/${name}`);
    try {
      await fill(file, Buffer.from(text, 'latin1'));
    } finally {
      await close(file);
    }
  } finally {
    await close(directory);
  }
}

/** Neither is a link followed, nor a fifo waited for: there should be none. */
async function openOrMake(path: string): Promise<number> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  return open(path, flags, 0o644).catch(async (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    // The engine makes a directory where a file to be mounted is missing.
    await rmdir(path);
    return open(path, flags, 0o644);
  });
}

/** What is longer than it should be is cut last: whoever reads meanwhile never finds it empty. */
async function fill(file: number, wanted: Buffer): Promise<void> {
  if (((await fstat(file)).mode & 0o7777) !== 0o644) await fchmod(file, 0o644);
  const found = await readUpTo(file, wanted.length + 1).catch(() => undefined);
  if (found?.equals(wanted)) return;
  for (let at = 0; at < wanted.length; )
    at += (await write(file, wanted, at, wanted.length - at, at)).bytesWritten;
  await ftruncate(file, wanted.length);
}

/** Rejects for what is longer. */
async function readUpTo(file: number, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let at = 0; at <= bytesMax; ) {
    const chunk = Buffer.allocUnsafe(Math.min(16_384, bytesMax + 1 - at));
    const { bytesRead } = await read(file, chunk, 0, chunk.length, at);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  throw new Error(`it has more than ${bytesMax} bytes`);
}

/**
 * Where each goes, but where a volume of the container's own is (kubelet makeMounts). With a read-only root file system
 * resolv.conf is read-only too, as the engines have it; /etc/hosts is not, as the kubelet has it.
 */
export function networkMounts(rootDir: string, uid: string, container: Container): Mount[] {
  const taken = new Set(container.volumeMounts?.map(({ mountPath }) => resolve('/', mountPath)));
  const readOnlyRoot = container.securityContext?.readOnlyRootFilesystem ?? false;
  return Object.entries(places).flatMap(([name, containerPath]) =>
    taken.has(containerPath)
      ? []
      : [
          {
            hostPath: networkFile(rootDir, uid, name),
            containerPath,
            readOnly: name === 'resolv.conf' && readOnlyRoot,
            propagation: 'private' as const,
            relabel: true as const,
          },
        ],
  );
}
