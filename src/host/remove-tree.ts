// Removes a directory with all that is in it, save what cannot be removed: one stubborn file keeps nothing else. One call
// at a time: Node's own `rm` opens all of a directory at once, and goes on behind the caller's back after its first error.
import { messageOf } from '../errors.ts';
import { readdir, rmdir, unlink } from './files.ts';
import type { Remnant } from './mounts.ts';

/** A container may leave any number. */
const remnantsMax = 100;

const nothing: ReadonlySet<string> = new Set();

/**
 * `path` and `kept` are strings of bytes, as in mounts.ts: a file's name need not be UTF-8. What is in `kept` is neither
 * removed nor entered, nor among the answers. No link is followed; what is not there is removed.
 */
export async function removeTree(path: string, kept: ReadonlySet<string> = nothing): Promise<Remnant[]> {
  const remnants: Remnant[] = [];
  await remove(path, kept, remnants);
  return remnants;
}

/** Whether it is gone. */
async function remove(path: string, kept: ReadonlySet<string>, remnants: Remnant[]): Promise<boolean> {
  if (kept.has(path)) return false;
  const bytes = Buffer.from(path, 'latin1');
  try {
    // First, as most are no directories; a directory says so, a link to one does not.
    if (!(await unlinkUnlessDirectory(bytes))) {
      let empty = true;
      for (const name of await readdir(bytes, 'latin1'))
        if (!(await remove(`${path}/${name}`, kept, remnants))) empty = false;
      if (!empty) return false;
      await rmdir(bytes);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    if (remnants.length < remnantsMax) remnants.push({ path, cause: messageOf(error) });
    return false;
  }
}

async function unlinkUnlessDirectory(path: Buffer): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return false;
    throw error;
  }
}
