// A Pod's checkpoint on disk: all that its next actor needs besides what the engine shows. Written whole to a temporary
// file and renamed, so that a reader finds the old or the new, never a part. 0600: it holds the manifest.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PodKey } from '../manifest/static-pod.ts';
import { checkpointsDirectory } from './paths.ts';

const suffix = '.json';

/** A key is `namespace/name`; neither may hold a slash or an underscore. */
const fileOf = (rootDir: string, key: PodKey) =>
  join(checkpointsDirectory(rootDir), `${key.replace('/', '_')}${suffix}`);

export function writeCheckpoint(rootDir: string, key: PodKey, text: string): void {
  const path = fileOf(rootDir, key);
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, text, { mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(checkpointsDirectory(rootDir), { recursive: true, mode: 0o700 });
    writeFileSync(partial, text, { mode: 0o600 });
  }
  renameSync(partial, path);
}

export const removeCheckpoint = (rootDir: string, key: PodKey): void =>
  rmSync(fileOf(rootDir, key), { force: true });

/** Every checkpoint there is, as text by key. What is damaged shows when it is parsed. */
export function readCheckpoints(rootDir: string): Map<PodKey, string> {
  const found = new Map<PodKey, string>();
  let names: string[];
  try {
    names = readdirSync(checkpointsDirectory(rootDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return found;
    throw error;
  }
  for (const name of names) {
    if (!name.endsWith(suffix)) continue;
    found.set(
      name.slice(0, -suffix.length).replace('_', '/'),
      readFileSync(join(checkpointsDirectory(rootDir), name), 'utf8'),
    );
  }
  return found;
}
