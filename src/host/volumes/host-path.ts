// hostPath: what must be there before it is mounted, and what is made where the type says so (host_path.go).
import { ok, type Result } from '../../errors.ts';
import { close, mkdir, open, stat } from '../files.ts';
import { refused } from './refused.ts';

/** host_path.go: each type's check, and the modes with which it creates. */
export async function prepareHostPath(name: string, path: string, type: string): Promise<Result<undefined>> {
  if (type === '') return ok(undefined);
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate' && !(await stat(path).catch(() => undefined))) {
    await close(await open(path, 'a', 0o644));
  }
  const found = await stat(path).catch(() => undefined);
  const checks: Record<string, [string, boolean | undefined]> = {
    Directory: ['a directory', found?.isDirectory()],
    DirectoryOrCreate: ['a directory', found?.isDirectory()],
    File: ['a file', found?.isFile()],
    FileOrCreate: ['a file', found?.isFile()],
    Socket: ['a socket', found?.isSocket()],
    CharDevice: ['a character device', found?.isCharacterDevice()],
    BlockDevice: ['a block device', found?.isBlockDevice()],
  };
  const [wanted, right] = checks[type] ?? [type, false];
  if (right) return ok(undefined);
  return refused(
    name,
    `hostPath type check failed: ${path} is not ${wanted}${found ? '' : ' (it does not exist)'}`,
  );
}
