// What a directory entry is by its name or its kind of file. Pure.
import type { BigIntStats } from 'node:fs';

export type NameClass =
  | { kind: 'manifest' }
  /** Not considered at all (the kubelet's `getPodsFromDir` takes names without a leading dot). */
  | { kind: 'hidden' }
  /** Reported with its reason, never read. */
  | { kind: 'ignored'; reason: string };

/** What editors, patch and package managers leave beside a file they change: a copy that must not run by chance. */
const leavings: [pattern: RegExp, what: string][] = [
  [/~$/, "an editor's backup copy"],
  [/^#.*#$/, "an editor's unsaved copy"],
  [/\.(swp|swo|swx|kate-swp)$/i, "an editor's swap file"],
  [/\.(tmp|temp|part)$/i, 'a temporary file'],
  [/\.(bak|old|orig|rej|save)$/i, 'a backup copy'],
  [/\.(dpkg-(new|old|dist|tmp|bak)|ucf-(new|old|dist)|rpm(new|orig|save))$/, "a package manager's copy"],
];

export function classifyName(name: string): NameClass {
  if (name.startsWith('.')) return { kind: 'hidden' };
  const what = leavings.find(([pattern]) => pattern.test(name))?.[1];
  return what === undefined
    ? { kind: 'manifest' }
    : { kind: 'ignored', reason: `not read: by its name ${what}` };
}

type FileKind = Pick<
  BigIntStats,
  'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'
>;

/** Why this kind of file is not read; undefined for a regular file. */
export function classifyKind(stats: FileKind): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'not entered: a directory';
  if (stats.isFIFO()) return 'not opened: a named pipe';
  if (stats.isSocket()) return 'not opened: a socket';
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'not opened: a device';
  return 'not opened: not a regular file';
}
