// The root directory: made or taken over with mode 0700, and locked, so that one monopod at a time works in it.
// Main thread only; the lock is the process's own and goes with it, however it ends.
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError, systemReason } from './startup-error.ts';

export type RootDirectory = {
  path: string;
  /** For tests and an orderly end; the kernel does it at any other. */
  release(): void;
};

/** The socket of the command line under a root directory. */
export const socketPath = (rootDir: string): string => join(rootDir, 'monopod.sock');

/** What fits into sockaddr_un. */
const socketPathBytesMax = 107;

/** Throws a StartupError that says what is wrong and what would help. */
export function prepareRootDirectory(rootDir: string): RootDirectory {
  const refuse = (why: string, cause?: unknown): never => {
    throw new StartupError(`--root-dir ${rootDir}: ${why}`, { cause });
  };
  const attempt = <T>(what: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      return refuse(`cannot ${what}: ${systemReason(error)}`, error);
    }
  };

  const excess = Buffer.byteLength(socketPath(rootDir)) - socketPathBytesMax;
  if (excess > 0) refuse(`the path is ${excess} bytes too long for a socket in it`);

  const lockFile = join(rootDir, 'lock');
  const pidFile = join(rootDir, 'monopod.pid');
  const found = attempt('open it', () => statSync(rootDir, { throwIfNoEntry: false }));
  if (found === undefined) attempt('create it', () => makeDirectories(rootDir));
  else {
    if (!found.isDirectory()) refuse('it is not a directory');
    const wrong = whyNotOurs(found, () => attempt('read it', () => readdirSync(rootDir)));
    if (wrong !== undefined) refuse(wrong);
  }
  // mkdir's mode is subject to the umask, and a directory that was there may be open to others.
  attempt('set its mode to 0700', () => chmodSync(rootDir, 0o700));

  // SQLite would make the file with 0644. It has to be closed before SQLite opens it: closing any descriptor of a file
  // releases the locks that the process has on it (fcntl(2)).
  attempt('write to it', () => closeSync(openSync(lockFile, 'a', 0o600)));
  const lock = new DatabaseSync(lockFile);
  try {
    // Nothing is ever written: the file stays empty and alone, so that it can neither be corrupt nor need space.
    lock.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== sqliteBusy) refuse(`cannot lock ${lockFile}`, error);
    refuse(
      `another monopod uses it${holder(pidFile)}; stop that one, or give this one another --root-dir`,
      error,
    );
  }
  attempt('write to it', () => {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
    chmodSync(pidFile, 0o600);
  });
  held.add(lock);
  return {
    path: rootDir,
    release() {
      unlinkSync(pidFile);
      lock.close();
      held.delete(lock);
    },
  };
}

const sqliteBusy = 5;

/** Keeps the lock from being collected as garbage, which would release it. */
const held = new Set<DatabaseSync>();

/** One by one: `recursive` never returns where the parent is there and yet nothing can be made in it (/proc). */
function makeDirectories(path: string): void {
  if (dirname(path) !== path && !existsSync(dirname(path))) makeDirectories(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/**
 * Taking over a directory changes its mode, which would ruin a /tmp or a home that was named by mistake: so one that
 * others may enter is taken only if it is empty, or a monopod's already.
 */
function whyNotOurs(found: Stats, list: () => string[]): string | undefined {
  const user = process.geteuid?.();
  if (found.uid !== user) return `it belongs to user ${found.uid}, and monopod runs as user ${user}`;
  if ((found.mode & 0o077) === 0) return undefined;
  const names = list();
  if (names.length === 0 || names.includes('lock')) return undefined;
  return 'it is open to others and holds files that are not of monopod; name a directory of its own';
}

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : '';
  } catch {
    return '';
  }
}
