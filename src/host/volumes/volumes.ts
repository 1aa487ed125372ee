// Volumes of a Pod on the host, one file a kind beside this one. A kind that is not here is refused with FailedMount.
import { messageOf, type Result } from '../../errors.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { volumeDirectory } from '../paths.ts';
import { prepareDownwardApi } from './downward-api.ts';
import { prepareEmptyDir } from './empty-dir.ts';
import { prepareHostPath } from './host-path.ts';
import { prepareProjected } from './projected.ts';
import { refused, type Setting } from './setting.ts';

export async function prepareVolume(setting: Setting, volume: Volume): Promise<Result<undefined>> {
  try {
    if (volume.emptyDir) return await prepareEmptyDir(setting, volume);
    if (volume.hostPath)
      return await prepareHostPath(volume.name, volume.hostPath.path, volume.hostPath.type ?? '');
    if (volume.downwardAPI) return await prepareDownwardApi(setting, volume);
    if (volume.projected) return await prepareProjected(setting, volume);
    if (volume.image) return refused(volume.name, 'image volumes are not supported');
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    return refused(volume.name, `volumes of kind ${kind} are not supported`);
  } catch (error) {
    return refused(volume.name, wordsOf(error as NodeJS.ErrnoException));
  }
}

/** A failed system call as Go writes it: `open /x: permission denied`. */
function wordsOf(error: NodeJS.ErrnoException): string {
  const { code, syscall, path } = error;
  const message = messageOf(error);
  if (code === undefined || syscall === undefined || path === undefined) return message;
  return `${syscall} ${path}: ${message.slice(code.length + 2, message.lastIndexOf(`, ${syscall}`))}`;
}

/** Where a volume lies on the host; undefined for one that is not prepared by us. */
export function hostPathOf(rootDir: string, uid: string, volume: Volume): string | undefined {
  if (volume.emptyDir) return volumeDirectory(rootDir, uid, 'empty-dir', volume.name);
  if (volume.downwardAPI) return volumeDirectory(rootDir, uid, 'downward-api', volume.name);
  if (volume.projected) return volumeDirectory(rootDir, uid, 'projected', volume.name);
  return volume.hostPath?.path;
}

/** Whatever its mounts say (GetAttributes): what the Pod says of itself is not for its containers to change. */
export const isReadOnly = ({ downwardAPI, projected }: Volume): boolean =>
  downwardAPI !== undefined || projected !== undefined;
