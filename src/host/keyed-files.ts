// One text a Pod, each in a file of its own in one directory. Written whole to a temporary file and renamed, so that a
// reader finds the old or the new, never a part. 0600: they hold manifests.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PodKey } from '../manifest/static-pod.ts';

const suffix = '.json';

/** A key is `namespace/name`; neither may hold a slash or an underscore. */
const fileOf = (directory: string, key: PodKey) => join(directory, `${key.replace('/', '_')}${suffix}`);

const hasCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

/** `durable`: the machine may lose its power the moment this returns. */
export function writeKeyed(directory: string, key: PodKey, text: string, { durable = false } = {}): void {
  const path = fileOf(directory, key);
  const partial = `${path}.partial`;
  const write = () => writeFileSync(partial, text, { mode: 0o600, flush: durable });
  try {
    write();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    write();
  }
  renameSync(partial, path);
  if (durable) flushDirectory(directory);
}

export function removeKeyed(directory: string, key: PodKey, { durable = false } = {}): void {
  rmSync(fileOf(directory, key), { force: true });
  if (durable) flushDirectory(directory);
}

/** Every text there is, by key. What is damaged shows when it is parsed. */
export function readKeyed(directory: string): Map<PodKey, string> {
  const found = new Map<PodKey, string>();
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return found;
    throw error;
  }
  for (const name of names) {
    if (!name.endsWith(suffix)) continue;
    found.set(name.slice(0, -suffix.length).replace('_', '/'), readFileSync(join(directory, name), 'utf8'));
  }
  return found;
}

/** A rename is on the disk when its directory is. */
function flushDirectory(directory: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(directory, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
