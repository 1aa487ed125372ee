// What stands at the source's path: a directory with its names, one file, nothing, or something that cannot be read.
import { isUtf8 } from 'node:buffer';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { classifyName, type NameClass } from './classify.ts';
import { codeOf, explainDirectory, explainMissing } from './explain.ts';
import { type FsPath, presence } from './read-file.ts';

export type ListedFile = { origin: string; path: FsPath; class: NameClass };

export type Listing =
  /** `real`: where it stands without links. `identity`: another directory put in its place has another. */
  | { kind: 'directory' | 'file'; real: string; identity: string; files: ListedFile[] }
  | { kind: 'unreadable'; message: string };

export type Expectation = {
  /** The path was one file when it was last read. */
  file: boolean;
  /** Anything was read from it before, in this run or the one before. */
  everRead: boolean;
};

export function list(path: string, { file, everRead }: Expectation): Listing {
  try {
    return statSync(path).isDirectory() ? listDirectory(path) : oneFile(path, true);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT') return { kind: 'unreadable', message: explainDirectory(path, code) };
    if (presence(path).kind === 'present')
      return { kind: 'unreadable', message: explainMissing(`What ${path} links to`, everRead) };
    // Of one file, its absence is news only while its directory is there to say so.
    if (file && identity(dirname(path)) !== undefined) return oneFile(path, false);
    return { kind: 'unreadable', message: explainMissing(path, everRead) };
  }
}

/** The directory itself, by inode: to tell whether a file is gone, or everything is. */
export function identity(directory: string): string | undefined {
  try {
    const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.dev}:${stats.ino}` : undefined;
  } catch {
    return undefined;
  }
}

function listDirectory(path: string): Listing {
  const files: ListedFile[] = [];
  for (const name of readdirSync(path, { encoding: 'buffer' })) {
    const listed = named(path, name);
    if (listed.class.kind !== 'hidden') files.push(listed);
  }
  files.sort((a, b) => (a.origin < b.origin ? -1 : 1));
  return { kind: 'directory', real: realpathSync(path), identity: identity(path) ?? '', files };
}

/** A file that is named outright is a manifest whatever its name. */
function oneFile(path: string, there: boolean): Listing {
  const directory = realpathSync(dirname(path));
  const file: ListedFile = { origin: join(path), path, class: { kind: 'manifest' } };
  return {
    kind: 'file',
    real: join(directory, basename(path)),
    identity: identity(directory) ?? '',
    files: there ? [file] : [],
  };
}

/** The bytes of a name that is not UTF-8 are written `\xNN` in its origin. */
function named(directory: string, name: Buffer): ListedFile {
  if (isUtf8(name)) {
    const text = name.toString('utf8');
    const origin = join(directory, text);
    return { origin, path: origin, class: classifyName(text) };
  }
  const text = Array.from(name, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join('');
  const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
  return { origin: join(directory, text), path, class: classifyName(text) };
}
