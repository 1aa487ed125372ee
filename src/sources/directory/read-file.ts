// One manifest file: what is at the path, and its bytes. Never blocks on a pipe, never reads more than a manifest may
// have. Synchronous on purpose: the thread has nothing else to do, and libuv's four threads are the whole process's.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { classifyKind } from './classify.ts';
import { codeOf, explainFile } from './explain.ts';

export const manifestBytesMax = 10 * 1024 * 1024;

/** A path for the file system; bytes where the name is not UTF-8. */
export type FsPath = string | Buffer;

export type Presence =
  | { kind: 'gone' }
  /** `signature` changes whenever the file may have; `inode` names the entry itself, not what a link leads to. */
  | { kind: 'present'; inode: string; signature: string; link: boolean; changedMs: number }
  | { kind: 'failed'; code: string };

/** What is at the path by `stat` alone. */
export function presence(path: FsPath): Presence {
  let entry: BigIntStats;
  try {
    entry = lstatSync(path, { bigint: true });
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'gone' } : { kind: 'failed', code };
  }
  const inode = `${entry.dev}:${entry.ino}`;
  const changedMs = Number(entry.ctimeMs);
  if (!entry.isSymbolicLink())
    return { kind: 'present', inode, signature: signatureOf(entry), link: false, changedMs };
  try {
    const target = statSync(path, { bigint: true });
    const signature = `${signatureOf(entry)}>${signatureOf(target)}`;
    return {
      kind: 'present',
      inode,
      signature,
      link: true,
      changedMs: Math.max(changedMs, Number(target.ctimeMs)),
    };
  } catch (error) {
    const signature = `${signatureOf(entry)}>${codeOf(error)}`;
    return { kind: 'present', inode, signature, link: true, changedMs };
  }
}

const signatureOf = (stats: BigIntStats): string =>
  `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;

export type FileRead =
  | { kind: 'read'; bytes: Uint8Array<ArrayBuffer> }
  /** A directory, pipe, socket or device. */
  | { kind: 'special'; reason: string }
  /** `again`: may pass without the file changing. */
  | { kind: 'failed'; reason: string; again: boolean }
  /** It changed while it was read. */
  | { kind: 'changing' }
  | { kind: 'gone' };

export function readManifestFile(path: FsPath): FileRead {
  let descriptor: number | undefined;
  try {
    // Opening a device can have effects, so the kind is asked first, and again of what was opened.
    const before = classifyKind(statSync(path, { bigint: true }));
    if (before !== undefined) return { kind: 'special', reason: before };
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    return readOpened(descriptor);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && presence(path).kind === 'gone') return { kind: 'gone' };
    return { kind: 'failed', reason: explainFile(code), again: !settledCodes.has(code) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Failures that end only with a change that `stat` sees. */
const settledCodes = new Set(['ENOENT', 'ELOOP']);

function readOpened(descriptor: number): FileRead {
  const stats = fstatSync(descriptor, { bigint: true });
  const special = classifyKind(stats);
  if (special !== undefined) return { kind: 'special', reason: special };
  if (stats.size > manifestBytesMax) {
    const reason = `not read: ${Math.ceil(Number(stats.size) / 1024 / 1024)} MiB, a manifest may have 10 MiB`;
    return { kind: 'failed', reason, again: false };
  }
  const bytes = new Uint8Array(new ArrayBuffer(Number(stats.size)));
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, length);
    if (count === 0) break;
    length += count;
  }
  const same = signatureOf(fstatSync(descriptor, { bigint: true })) === signatureOf(stats);
  return same && length === bytes.length ? { kind: 'read', bytes } : { kind: 'changing' };
}
