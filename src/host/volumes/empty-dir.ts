// emptyDir on the host: a directory of the Pod's own, or a file system of its own in memory (emptydir.go). Once it is
// there it is the containers': what they make of its mode stays, through restarts of monopod too.
import { dirname } from 'node:path';
import { ok, type Result } from '../../errors.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { chmod, chown, lstat, mkdir } from '../files.ts';
import { isMounted, mountFilesystem } from '../mounts.ts';
import { volumeDirectory } from '../paths.ts';
import { hugePagesOptions } from './huge-pages.ts';
import { memorySizeOf } from './memory-size.ts';

import { fsGroupOf, refused, type Setting } from './setting.ts';
import { mountTmpfs } from './tmpfs.ts';

const setgid = 0o2000;

export async function prepareEmptyDir(setting: Setting, volume: Volume): Promise<Result<undefined>> {
  const path = volumeDirectory(setting.rootDir, setting.uid, 'empty-dir', volume.name);
  const { medium = '', sizeLimit } = volume.emptyDir ?? {};
  const fsGroup = fsGroupOf(setting);
  if (medium === '') await makeDirectory(path, fsGroup);
  else if (medium === 'Memory') {
    const size = memorySizeOf(setting.pod, sizeLimit, setting.node.allocatable);
    // 01777 is tmpfs's own, and the kubelet leaves it so.
    await makeMounted(path, () => mountTmpfs(path, [`size=${size}`, ...ownership(0o1777, fsGroup)]));
  } else if (medium === 'HugePages' || medium.startsWith('HugePages-')) {
    const options = await hugePagesOptions(medium, setting.pod);
    if (!options.ok) return refused(volume.name, options.error.message);
    const all = [...options.value, ...ownership(0o755, fsGroup)];
    await makeMounted(path, async () => {
      await mountFilesystem('hugetlbfs', path, all);
      // It takes no setgid as an option.
      if (fsGroup !== undefined) await chmod(path, withGroup(0o755, fsGroup));
    });
  } else return refused(volume.name, `unknown storage medium "${medium}"`);
  return ok(undefined);
}

/** With no mode at all until all else is done, so that one whose making was cut short is known from one in use. */
async function makeDirectory(path: string, fsGroup: number | undefined): Promise<void> {
  if (!(await isNew(path)) && ((await lstat(path)).mode & 0o7777) !== 0) return;
  if (fsGroup !== undefined) await chown(path, 0, fsGroup);
  await chmod(path, withGroup(0o777, fsGroup));
}

async function makeMounted(path: string, mount: () => Promise<void>): Promise<void> {
  if ((await isNew(path)) || !(await isMounted(path))) await mount();
}

async function isNew(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  try {
    await mkdir(path, { mode: 0 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** SetVolumeOwnership on a volume that is still empty. */
const withGroup = (mode: number, fsGroup: number | undefined): number =>
  fsGroup === undefined ? mode : mode | setgid | 0o770;

const ownership = (mode: number, fsGroup: number | undefined): string[] =>
  fsGroup === undefined ? [] : [`gid=${fsGroup}`, `mode=${withGroup(mode, fsGroup).toString(8)}`];
