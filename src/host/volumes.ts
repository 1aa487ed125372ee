// Volumes of a Pod on the host: emptyDir (disk, memory) and hostPath with its types. Every other kind is refused here
// with FailedMount until it has an implementation of its own.

import { join } from 'node:path';
import type { Mount } from '../engine/engine.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import type { Container, Pod, Volume } from '../kubernetes/pod.ts';
import { quantityValue } from '../kubernetes/quantity.ts';
import { chmod, chown, close, lstat, mkdir, open, stat } from './files.ts';
import { isMounted, mountTmpfs } from './mounts.ts';
import { volumeDirectory } from './paths.ts';

const refused = (volume: string, message: string, cause?: unknown) =>
  fail(
    'HostPreparationFailed',
    `volume "${volume}": ${message}`,
    cause === undefined ? undefined : messageOf(cause),
  );

export async function prepareVolume(
  rootDir: string,
  uid: string,
  volume: Volume,
  pod: Pod,
): Promise<Result<undefined>> {
  try {
    if (volume.emptyDir)
      return await prepareEmptyDir(rootDir, uid, volume, pod.spec?.securityContext?.fsGroup);
    if (volume.hostPath)
      return await prepareHostPath(volume.name, volume.hostPath.path, volume.hostPath.type ?? '');
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    return refused(volume.name, `volumes of kind ${kind} are not supported`);
  } catch (error) {
    return refused(volume.name, 'cannot be prepared', error);
  }
}

/** Where a volume lies on the host; undefined for one that is not prepared by us. */
function hostPathOf(rootDir: string, uid: string, volume: Volume): string | undefined {
  if (volume.emptyDir) return volumeDirectory(rootDir, uid, 'empty-dir', volume.name);
  return volume.hostPath?.path;
}

const propagations = { None: 'private', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

/** The mounts of one container. A subPath that could lead out of its volume is refused, links included. */
export async function mountsOf(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
): Promise<Result<Mount[]>> {
  try {
    return await findMounts(rootDir, uid, pod, container);
  } catch (error) {
    return fail('ContainerConfigInvalid', 'a subPath cannot be prepared', messageOf(error));
  }
}

async function findMounts(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
): Promise<Result<Mount[]>> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    const root = volume && hostPathOf(rootDir, uid, volume);
    if (root === undefined)
      return fail('ContainerConfigInvalid', `volume "${mount.name}" is not mounted on the host`);
    const within = mount.subPath ? await subPathIn(root, mount.subPath) : ok(root);
    if (!within.ok) return within;
    mounts.push({
      hostPath: within.value,
      containerPath: mount.mountPath,
      readOnly: mount.readOnly ?? false,
      propagation: propagations[(mount.mountPropagation ?? 'None') as keyof typeof propagations],
    });
  }
  return ok(mounts);
}

/** Walks down component by component; none may be `..` or a link. What is missing is made as a directory. */
async function subPathIn(root: string, subPath: string): Promise<Result<string>> {
  let at = root;
  for (const part of subPath.split('/').filter((component) => component !== '' && component !== '.')) {
    if (part === '..') return fail('ContainerConfigInvalid', `subPath "${subPath}" must not contain ".."`);
    at = join(at, part);
    // Another container of the Pod may make it at the same moment, somebody else something else.
    await mkdir(at, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if ((await lstat(at)).isSymbolicLink())
      return fail('ContainerConfigInvalid', `subPath "${subPath}" leads through the symbolic link ${at}`);
  }
  return ok(at);
}

async function prepareEmptyDir(
  rootDir: string,
  uid: string,
  volume: Volume,
  fsGroup: number | undefined,
): Promise<Result<undefined>> {
  const path = volumeDirectory(rootDir, uid, 'empty-dir', volume.name);
  const { medium = '', sizeLimit } = volume.emptyDir ?? {};
  await mkdir(path, { recursive: true });
  if (medium === 'Memory' && !(await isMounted(path))) {
    const size = sizeLimit === undefined ? undefined : quantityValue(sizeLimit);
    await mountTmpfs(path, `mode=0777${size ? `,size=${size}` : ''}`);
  } else if (medium !== '' && medium !== 'Memory')
    return refused(volume.name, `medium ${medium} is not supported`);
  // emptydir.go setupDir: everybody may write, whatever the umask.
  await chmod(path, 0o777);
  if (fsGroup !== undefined) {
    await chown(path, 0, fsGroup);
    await chmod(path, 0o2777);
  }
  return ok(undefined);
}

/** host_path.go: each type's check, and the modes with which it creates. */
async function prepareHostPath(name: string, path: string, type: string): Promise<Result<undefined>> {
  if (type === '') return ok(undefined);
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate' && !(await stat(path).catch(() => undefined))) {
    await close(await open(path, 'a', 0o644));
  }
  const found = await stat(path).catch(() => undefined);
  const checks: Record<string, [string, boolean | undefined]> = {
    Directory: ['a directory', found?.isDirectory()],
    DirectoryOrCreate: ['a directory', found?.isDirectory()],
    File: ['a file', found?.isFile()],
    FileOrCreate: ['a file', found?.isFile()],
    Socket: ['a socket', found?.isSocket()],
    CharDevice: ['a character device', found?.isCharacterDevice()],
    BlockDevice: ['a block device', found?.isBlockDevice()],
  };
  const [wanted, right] = checks[type] ?? [type, false];
  if (right) return ok(undefined);
  return refused(
    name,
    `hostPath type check failed: ${path} is not ${wanted}${found ? '' : ' (it does not exist)'}`,
  );
}
