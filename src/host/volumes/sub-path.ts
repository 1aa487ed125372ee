// A subPath of a volume -> a mount of our own of just that, which is what the container gets: whatever happens in the
// volume meanwhile, it cannot become something else (pkg/volume/util/subpath). Links within the volume are followed.
import { dirname, join } from 'node:path';
import { close, fstat, lstat, mkdir, open, realpath, rmdir, stat, unlink } from '../files.ts';
import { bindMount, isMounted, unmount } from '../mounts.ts';
import { makeDirectoryIn, openNoFollow } from '../open-no-follow.ts';

/**
 * Makes what is missing of a subPath, as directories with the mode of the volume itself, setgid included, whatever the
 * umask (SafeMakeDir). Rejects if that would be outside of the volume.
 */
export async function makeSubPath(volumePath: string, subPath: string): Promise<void> {
  if (await stat(join(volumePath, subPath)).catch(() => undefined)) return;
  const root = await realpath(volumePath);
  const { mode } = await stat(root);
  const steps = subPath.split('/').filter((step) => step !== '' && step !== '.');
  const { real, missing } = await existing(root, steps);
  let at = await openNoFollow(root, stepsWithin(root, real));
  for (const step of missing) at = await makeDirectoryIn(at, step, mode & 0o2777);
  await close(at);
}

/**
 * Mounts what is at a subPath to `target`, which is ours, and made. What is mounted there already stays if it is the same
 * (PrepareSafeSubpath). Rejects if it lies outside of the volume.
 */
export async function mountSubPath(volumePath: string, subPath: string, target: string): Promise<void> {
  const root = await realpath(volumePath);
  const at = await openNoFollow(root, stepsWithin(root, await realpath(join(root, subPath))));
  try {
    const wanted = await fstat(at, { bigint: true });
    if (wanted.isSymbolicLink()) throw new Error('a link was put there meanwhile');
    if (await isThere(target, wanted)) return;
    await makeTarget(target, wanted.isDirectory());
    await bindMount(`/proc/${process.pid}/fd/${at}`, target);
  } finally {
    await close(at);
  }
}

type Identity = { dev: bigint; ino: bigint };

/** Undoes a mount of something else: of an attempt before. */
async function isThere(target: string, { dev, ino }: Identity): Promise<boolean> {
  for (;;) {
    const found = await lstat(target, { bigint: true }).catch(() => undefined);
    if (!found || !(await isMounted(target))) return false;
    if (found.dev === dev && found.ino === ino) return true;
    await unmount(target);
  }
}

async function makeTarget(target: string, directory: boolean): Promise<void> {
  const found = await lstat(target).catch(() => undefined);
  if (found && found.isDirectory() === directory) return;
  if (found) await (found.isDirectory() ? rmdir(target) : unlink(target));
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  if (directory) await mkdir(target, { mode: 0o750 });
  else await close(await open(target, 'wx', 0o640));
}

/** Of the path to a place below a directory, what is there, really, and what is not. */
async function existing(root: string, steps: string[]): Promise<{ real: string; missing: string[] }> {
  for (let count = steps.length - 1; count > 0; count--) {
    const real = await realpath(join(root, ...steps.slice(0, count))).catch(undefinedIfMissing);
    if (real !== undefined) return { real, missing: steps.slice(count) };
  }
  return { real: root, missing: steps };
}

function stepsWithin(root: string, real: string): string[] {
  if (real === root) return [];
  const prefix = root === '/' ? root : `${root}/`;
  if (!real.startsWith(prefix)) throw new Error(`${real} is not within the volume`);
  return real.slice(prefix.length).split('/');
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
