// Errors of the file system as a person reads them, with what to do. Pure.

const ofFile: Record<string, string> = {
  EACCES: 'cannot be read: permission denied (make it readable for the user that monopod runs as)',
  EPERM: 'cannot be read: permission denied (make it readable for the user that monopod runs as)',
  ENOENT: 'a symbolic link whose target does not exist',
  ENOTDIR: 'a symbolic link whose target does not exist',
  ELOOP: 'a symbolic link that leads back to itself',
  EMFILE: 'cannot be read: too many open files (raise LimitNOFILE or `ulimit -n`)',
  ENFILE: 'cannot be read: too many open files on this machine (raise fs.file-max)',
  EIO: 'cannot be read: input/output error (check the disk)',
  ESTALE: 'cannot be read: stale network file handle (remount the file system)',
};

export const explainFile = (code: string): string => ofFile[code] ?? `cannot be read: ${code}`;

const ofDirectory: Record<string, string> = {
  EACCES: 'permission denied: give the user that monopod runs as read and search permission (r-x) on it',
  EPERM: 'permission denied: give the user that monopod runs as read and search permission (r-x) on it',
  ENOTDIR: 'a part of the path is a file, not a directory: correct the path or remove that file',
  ELOOP: 'its symbolic links lead back to themselves: correct them',
  EMFILE: 'too many open files: raise LimitNOFILE or `ulimit -n`',
  ENFILE: 'too many open files on this machine: raise fs.file-max',
  EIO: 'input/output error: check the disk',
  ESTALE: 'stale network file handle: remount the file system',
};

const kept = 'Pods keep running at their last good version meanwhile';

export const explainDirectory = (path: string, code: string): string =>
  `cannot read ${path}: ${ofDirectory[code] ?? code}. ${kept}.`;

/** `everRead`: there was something, in this run or the one before. */
export const explainMissing = (path: string, everRead: boolean): string =>
  everRead
    ? `${path} is gone: put it back, or create it empty to stop its Pods. ${kept}.`
    : `${path} does not exist yet: create it, and it will be read at once.`;

/** Changes are still found, by scanning. */
export function explainUnwatched(directory: string, error: unknown): string {
  const code = codeOf(error);
  const what =
    code === 'ENOSPC'
      ? 'no inotify watch is left (raise fs.inotify.max_user_watches)'
      : code === 'EMFILE'
        ? 'no inotify instance is left (raise fs.inotify.max_user_instances)'
        : code;
  return `cannot watch ${directory}: ${what}. It is scanned once a second instead.`;
}

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | undefined)?.code ??
  (error instanceof Error ? error.message : 'unknown error');
