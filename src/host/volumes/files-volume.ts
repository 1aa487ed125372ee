// A volume of files that we write: downwardAPI and projected. On disk, not in a tmpfs as with the kubelet: nothing secret
// is in it, and a mount would cost a process each. Runs in the Pod's thread.
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { chmod, lchown, mkdir } from '../files.ts';
import { volumeDirectory } from '../paths.ts';
import { type VolumeFiles, writeAtomically } from './atomic-writer.ts';
import { nestedMountpoints } from './nested-mountpoints.ts';
import { fsGroupOf, type Setting } from './setting.ts';

/** Again and again, with what stands in it by then. */
export async function setUpFiles(
  setting: Setting,
  plugin: 'downward-api' | 'projected',
  { name }: Volume,
  files: VolumeFiles,
): Promise<void> {
  const directory = volumeDirectory(setting.rootDir, setting.uid, plugin, name);
  const fsGroup = fsGroupOf(setting);
  await mkdir(directory, { recursive: true });
  // What a container sees of the kubelet's tmpfs.
  if (fsGroup !== undefined) await lchown(directory, -1, fsGroup);
  await chmod(directory, fsGroup === undefined ? 0o1777 : 0o3777);
  for (const nested of nestedMountpoints(name, setting.pod))
    await mkdir(join(directory, nested), { recursive: true, mode: 0o755 });
  await writeAtomically(directory, files, fsGroup, systemClock.now());
}
