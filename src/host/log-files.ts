// The files of one log, in the order in which they were written: `x.log.2`, `x.log.1`, `x.log`. Rotation renames them
// under a reader, so a file is known by its inode. Runs in the logs thread.
import { basename, dirname, join } from 'node:path';
import { close, constants, fstat, open, read, readdir, stat } from './files.ts';

export type LogFile = { fd: number; inode: number };

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Rotation between two looks at the directory is rare; twice in a row, rarer. */
const looksMax = 5;

/** Opens all there are, oldest first; the caller closes them. Rejects where the directory cannot be read. */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  let files = await openAll(path);
  for (let looks = 1; looks < looksMax; looks++) {
    const again = await openAll(path);
    const same = again.map(({ inode }) => inode).join() === files.map(({ inode }) => inode).join();
    await closeAll(files);
    files = again;
    if (same) break;
  }
  return files;
}

/** What was written after the file with this inode: none while that is the newest. If it is gone itself, the oldest. */
export async function openLogAfter(path: string, inode: number): Promise<LogFile | undefined> {
  const newest = await stat(path).catch(() => undefined);
  if (newest?.ino === inode) return undefined;
  const files = await openLogFiles(path);
  const at = files.findIndex((file) => file.inode === inode);
  const [next] = files.splice(at + 1, 1);
  await closeAll(files);
  return next;
}

async function openAll(path: string): Promise<LogFile[]> {
  const name = basename(path);
  const number = (file: string) => (file === name ? 0 : Number(file.slice(name.length + 1)));
  const names = (await readdir(dirname(path))).filter(
    (file) => file === name || (file.startsWith(`${name}.`) && /^\d+$/.test(file.slice(name.length + 1))),
  );
  const opened: LogFile[] = [];
  for (const file of names.sort((a, b) => number(b) - number(a)))
    opened.push(...(await openFile(join(dirname(path), file))));
  return opened;
}

async function openFile(path: string): Promise<LogFile[]> {
  let fd: number;
  try {
    fd = await open(path, flags);
  } catch (error) {
    // It was renamed or removed since the look at the directory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const found = await fstat(fd);
  if (found.isFile()) return [{ fd, inode: found.ino }];
  await close(fd);
  return [];
}

export async function closeAll(files: readonly LogFile[]): Promise<void> {
  for (const { fd } of files) await close(fd);
}

/** Fewer bytes than asked for only at the end of the file. */
export async function readAt(fd: number, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await read(fd, bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
