// Volumes of a Pod on the host, one file a kind beside this one. A kind that is not here is refused with FailedMount.
import type { Result } from '../../errors.ts';
import type { Pod, Volume } from '../../kubernetes/pod.ts';
import { volumeDirectory } from '../paths.ts';
import { prepareEmptyDir } from './empty-dir.ts';
import { prepareHostPath } from './host-path.ts';
import { refused } from './refused.ts';

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
export function hostPathOf(rootDir: string, uid: string, volume: Volume): string | undefined {
  if (volume.emptyDir) return volumeDirectory(rootDir, uid, 'empty-dir', volume.name);
  return volume.hostPath?.path;
}
