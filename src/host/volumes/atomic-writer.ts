// Files of a volume that appear and change all at once (atomic_writer.go): they lie in a directory with a timestamp,
// `..data` is a link to it, and every visible name a link through that. Runs in the Pod's thread.
import { dirname, join, normalize } from 'node:path';
import { messageOf } from '../../errors.ts';
import {
  chmod,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  symlink,
  unlink,
  writeFile,
} from '../files.ts';
import { removeTree } from '../remove-tree.ts';

/** By path within the volume. */
export type VolumeFiles = ReadonlyMap<string, { data: string; mode: number }>;

const dataLink = '..data';
const nextLink = '..data_tmp';
const timestamped = /^\.\.\d{4}(_\d\d){5}\.\w+$/;

/**
 * Brings a volume's directory, which must be there, to hold these files and no others; what is right stays as it is.
 * With `fsGroup` they are of that group and can be read by it. Rejects where a path is not one within the volume.
 */
export async function writeAtomically(
  directory: string,
  written: VolumeFiles,
  fsGroup: number | undefined,
  nowMs: number,
): Promise<void> {
  const files = new Map([...written].map(([path, file]) => [cleanPath(path), file]));
  const old = await currentData(directory);
  const before = old === undefined ? undefined : await readTree(join(directory, old));
  const isRight =
    before?.size === files.size && [...files].every(([path, { data }]) => before.get(path) === data);
  if (!isRight) await replaceData(directory, files, fsGroup, nowMs);
  const visible = topNames(files.keys());
  for (const name of visible) await makeVisible(directory, name);
  if (isRight || old === undefined) return;
  for (const name of topNames(before?.keys() ?? []))
    if (!visible.has(name)) await unlink(join(directory, name)).catch(unlessMissing);
  await removeTree(latin1(join(directory, old)));
}

/** Where another volume's mountpoint has been made, no link can be: its files would be missing without a word. */
async function makeVisible(directory: string, name: string): Promise<void> {
  const made = await symlink(join(dataLink, name), join(directory, name)).then(() => true, unlessExists);
  if (!made)
    await readlink(join(directory, name)).catch(() => Promise.reject(new Error(`${name}: file exists`)));
}

async function replaceData(
  directory: string,
  files: VolumeFiles,
  fsGroup: number | undefined,
  nowMs: number,
): Promise<void> {
  const data = await mkdtemp(join(directory, `..${timestamp(nowMs)}.`));
  try {
    await give(data, 0o755, 0o2550, fsGroup);
    for (const [path, file] of files) {
      await makeParents(data, path, fsGroup);
      await writeFile(join(data, path), file.data, { flag: 'wx', mode: 0o600 });
      await give(join(data, path), file.mode, 0o440, fsGroup);
    }
    await unlink(join(directory, nextLink)).catch(unlessMissing);
    await symlink(data.slice(data.lastIndexOf('/') + 1), join(directory, nextLink));
    await rename(join(directory, nextLink), join(directory, dataLink));
  } catch (error) {
    await removeTree(latin1(data));
    // The same words each time it is tried: the directory has another name then.
    throw new Error(messageOf(error).replaceAll(`${data}/`, ''), { cause: error });
  }
}

/** VolumeOwnership's changeFilePermission for a volume that is read-only: `more` is what the group may besides. */
async function give(path: string, mode: number, more: number, fsGroup: number | undefined): Promise<void> {
  if (fsGroup !== undefined) await lchown(path, -1, fsGroup);
  await chmod(path, fsGroup === undefined ? mode : mode | more);
}

async function makeParents(data: string, path: string, fsGroup: number | undefined): Promise<void> {
  let at = data;
  for (const step of dirname(path).split('/')) {
    if (step === '.') continue;
    at = join(at, step);
    const isNew = await mkdir(at).then(() => true, unlessExists);
    if (isNew) await give(at, 0o755, 0o2550, fsGroup);
  }
}

/** The directory that holds the files now; a link to anything else is none. */
async function currentData(directory: string): Promise<string | undefined> {
  const target = await readlink(join(directory, dataLink)).catch(unlessMissing);
  return target !== undefined && timestamped.test(target) ? target : undefined;
}

async function readTree(directory: string, within = ''): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const entries = (await readdir(directory, { withFileTypes: true }).catch(unlessMissing)) ?? [];
  for (const entry of entries) {
    const path = join(within, entry.name);
    const at = join(directory, entry.name);
    if (entry.isDirectory()) for (const one of await readTree(at, path)) found.set(...one);
    else found.set(path, await readFile(at, 'utf8'));
  }
  return found;
}

/** atomic_writer.go validatePath; manifests with such paths were refused before. */
function cleanPath(path: string): string {
  const cleaned = normalize(path);
  if (path === '' || path.startsWith('/') || path.split('/').includes('..') || cleaned.startsWith('..'))
    throw new Error(
      `invalid path: ${JSON.stringify(path)}: must be relative, and neither hold nor begin with '..'`,
    );
  if (Buffer.byteLength(path) > 4096 || path.split('/').some((step) => Buffer.byteLength(step) > 255))
    throw new Error('invalid path: must be at most 4096 bytes long, and each of its names 255');
  return cleaned;
}

const topNames = (paths: Iterable<string>) => new Set([...paths].map((path) => path.split('/', 1)[0] ?? ''));

/** `2026_02_01_15_04_05` */
const timestamp = (nowMs: number) => new Date(nowMs).toISOString().slice(0, 19).replace(/\D/g, '_');

const latin1 = (path: string) => Buffer.from(path).toString('latin1');

function unlessExists(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
