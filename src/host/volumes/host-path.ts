// hostPath: what must be there before it is mounted, and what is made where the type says so (host_path.go).
import { ok, type Result } from '../../errors.ts';
import { close, open, stat } from '../files.ts';
import { makeDirectories } from '../make-directories.ts';
import { refused } from './setting.ts';

type Found = NonNullable<Awaited<ReturnType<typeof stat>>>;

const checks: Record<string, { is: (found: Found) => boolean; words: string }> = {
  Directory: { is: (found) => found.isDirectory(), words: 'a directory' },
  File: { is: (found) => found.isFile(), words: 'a file' },
  Socket: { is: (found) => found.isSocket(), words: 'a socket file' },
  CharDevice: { is: (found) => found.isCharacterDevice(), words: 'a character device' },
  BlockDevice: { is: (found) => found.isBlockDevice(), words: 'a block device' },
};

const made: Record<string, (path: string) => Promise<unknown>> = {
  DirectoryOrCreate: (path) => makeDirectories(path, 0o755),
  FileOrCreate: async (path) => close(await open(path, 'a', 0o644)),
};

/** checkType. Links are followed; modes are subject to the umask, as the kubelet's are. */
export async function prepareHostPath(name: string, path: string, type: string): Promise<Result<undefined>> {
  // Unchecked. What is missing the engine makes as a directory, but not where it takes the path as a mount's (binds()).
  if (type === '' && !path.includes(':')) return ok(undefined);
  const found = await stat(path).catch(() => undefined);
  const make = made[type || 'DirectoryOrCreate'];
  if (!found && make) {
    await make(path);
    return ok(undefined);
  }
  if (type === '') return ok(undefined);
  const check = checks[type.replace(/OrCreate$/, '')];
  if (!check) return refused(name, `${type} is an invalid volume type`);
  if (found && check.is(found)) return ok(undefined);
  return refused(name, `hostPath type check failed: ${path} is not ${check.words}`);
}
