// A Pod's checkpoint on disk: all that its next actor needs besides what the engine shows.
import type { PodKey } from '../manifest/static-pod.ts';
import { readKeyed, removeKeyed, writeKeyed } from './keyed-files.ts';
import { checkpointsDirectory } from './paths.ts';

export const writeCheckpoint = (rootDir: string, key: PodKey, text: string): void =>
  writeKeyed(checkpointsDirectory(rootDir), key, text);

export const removeCheckpoint = (rootDir: string, key: PodKey): void =>
  removeKeyed(checkpointsDirectory(rootDir), key);

export const readCheckpoints = (rootDir: string): Map<PodKey, string> =>
  readKeyed(checkpointsDirectory(rootDir));
