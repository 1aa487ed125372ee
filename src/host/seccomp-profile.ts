// A seccomp profile of type Localhost: `<root-dir>/seccomp/<localhostProfile>` -> its JSON, compact (dockershim
// getSeccompDockerOpts). Runs in the Pod's thread.
import { join } from 'node:path';
import { systemReason } from '../config/startup-error.ts';
import { fail, ok, type Result } from '../errors.ts';
import { close, constants, descriptorPath, fstat, open, readFile, readlink, realpath } from './files.ts';

/** Far more than any profile has; the engine would have to carry it with every container. */
const bytesMax = 1024 * 1024;

/** ContainerCreateFailed, with the path and no word of what stands in the file. */
export async function readSeccompProfile(rootDir: string, localhostProfile: string): Promise<Result<string>> {
  const directory = join(rootDir, 'seccomp');
  const path = join(directory, localhostProfile);
  try {
    return ok(compact(await readWithin(directory, path)));
  } catch (error) {
    return fail('ContainerCreateFailed', `cannot load seccomp profile "${path}"`, systemReason(error));
  }
}

/** Where the file really lies is asked of the open file: a link may lead about within the directory, not out of it. */
async function readWithin(directory: string, path: string): Promise<string> {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const found = await fstat(file);
    if (!found.isFile()) throw new Error('it is not a regular file');
    if (found.size > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
    const real = await readlink(descriptorPath(file));
    if (!real.startsWith(`${await realpath(directory)}/`)) throw new Error(`it lies outside of ${directory}`);
    return await readFile(file, 'utf8');
  } finally {
    await close(file);
  }
}

/** The parser's own words would quote the file. */
function compact(text: string): string {
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  if (typeof profile !== 'object' || profile === null || Array.isArray(profile))
    throw new Error('it is not a JSON object');
  return JSON.stringify(profile);
}
