// Which of the files listed are not as they were when they were last looked at: `stat` alone, nothing is read.
import type { Candidate } from './judging.ts';
import type { KnownFiles } from './known-files.ts';
import type { ListedFile } from './list.ts';
import { presence } from './read-file.ts';

const turnFilesMax = 64;

/** `awaited`: paths that are about to be looked at anyway. */
export async function differences(
  files: readonly ListedFile[],
  known: KnownFiles,
  awaited: (origin: string) => boolean,
): Promise<Omit<Candidate, 'firstMs'>[]> {
  const different: Omit<Candidate, 'firstMs'>[] = [];
  // Then every file is new, and none can be another that was renamed: what it is, is asked when it is looked at.
  const nothingKnown = known.origins().next().done === true;
  for (const [at, { origin, path }] of files.entries()) {
    if (at % turnFilesMax === turnFilesMax - 1) await new Promise<void>((resolve) => setImmediate(resolve));
    if (awaited(origin)) continue;
    if (nothingKnown) {
      different.push({ path: origin, fsPath: path, gone: false });
      continue;
    }
    const seen = presence(path);
    const before = known.get(origin);
    if (seen.kind === 'present' && before !== undefined && seen.signature === before.signature) continue;
    const inode = seen.kind === 'present' ? { inode: seen.inode } : {};
    different.push({ path: origin, fsPath: path, gone: seen.kind === 'gone', ...inode });
  }
  return different;
}
