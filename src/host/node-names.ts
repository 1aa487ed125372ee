// Under which names this root directory has served its node: what runs from before a change of name carries the old one
// in its labels, and is ours all the same. On main, at start.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError, systemReason } from '../config/startup-error.ts';

/** Names change seldom; what is older than so many changes has gone long ago. */
const namesMax = 16;

/** Notes the present name, and answers with those of before. */
export function formerNodeNames(rootDir: string, nodeName: string): string[] {
  const path = join(rootDir, 'node-names');
  let written: string[] = [];
  try {
    written = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    // The first start; or it cannot be read, and then the present name has to do.
  }
  const former = written.filter((name) => name !== nodeName).slice(-namesMax);
  if (written.at(-1) === nodeName) return former;
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, `${[...former, nodeName].join('\n')}\n`, { mode: 0o600, flush: true });
    renameSync(partial, path);
  } catch (error) {
    // Unnoted, this name would be forgotten at the next change, and its Pods left behind.
    throw new StartupError(`cannot note this node's name in ${path}: ${systemReason(error)}`, {
      cause: error,
    });
  }
  return former;
}
