// A subPath of a volume -> the path on the host that is mounted for it.
import { join } from 'node:path';
import { fail, ok, type Result } from '../../errors.ts';
import { lstat, mkdir } from '../files.ts';

/** Walks down component by component; none may be `..` or a link. What is missing is made as a directory. */
export async function subPathIn(root: string, subPath: string): Promise<Result<string>> {
  let at = root;
  for (const part of subPath.split('/').filter((component) => component !== '' && component !== '.')) {
    if (part === '..') return fail('ContainerConfigInvalid', `subPath "${subPath}" must not contain ".."`);
    at = join(at, part);
    // Another container of the Pod may make it at the same moment, somebody else something else.
    await mkdir(at, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if ((await lstat(at)).isSymbolicLink())
      return fail('ContainerConfigInvalid', `subPath "${subPath}" leads through the symbolic link ${at}`);
  }
  return ok(at);
}
