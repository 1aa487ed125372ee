// mkdir -p, for a path that a person has written: Node's own (24 to 26) never returns where a directory is there but takes
// no new one, as /proc does (`mkdir('/proc/x', { recursive: true })`), and keeps a core busy. Runs in the Pod's thread.
import { dirname } from 'node:path';
import { mkdir, stat } from './files.ts';

/** Rejects as mkdir(2) does. A link to a directory is one. */
export async function makeDirectories(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    if (!(await isThere(parent))) await makeDirectories(parent, mode);
    // Once more only. Somebody else may make the same at the same moment.
    await mkdir(path, { mode }).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
