// emptyDir on the host: a directory of the Pod's own, or a tmpfs of its own (emptydir.go).
import { ok, type Result } from '../../errors.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';
import { chmod, chown, mkdir } from '../files.ts';
import { isMounted, mountTmpfs } from '../mounts.ts';
import { volumeDirectory } from '../paths.ts';
import { refused } from './refused.ts';

export async function prepareEmptyDir(
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
