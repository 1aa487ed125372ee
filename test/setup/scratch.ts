// One temporary directory a run of tests, in which every monopod of that run keeps its root and manifests: so that
// what a crashed test leaves (processes, containers, mounts, files) can be found and removed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerApi } from './docker-api.ts';

const variable = 'MONOPOD_TEST_RUN';

/** Of this run: children find the one that the first process chose. Short, as sockets below it must fit 107 bytes. */
export function scratchDirectory(): string {
  const known = process.env[variable];
  if (known !== undefined) return known;
  const directory = join(tmpdir(), `monopod-test-${process.pid}`);
  process.env[variable] = directory;
  mkdirSync(directory);
  process.once('exit', () => {
    // A test file run by itself has nobody to sweep after it; what is not empty is left to be looked at.
    if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
  });
  return directory;
}

/** Ends what runs from below `directory`, removes containers whose monopod had its root there, then the files. */
export async function sweep(endpoint: string, directory: string): Promise<void> {
  for (const pid of pidsNaming(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
  const docker = dockerApi(endpoint);
  const ours = (await docker.containers(['monopod.dev/root-dir'])).filter(({ Labels }) =>
    `${Labels['monopod.dev/root-dir']}/`.startsWith(`${directory}/`),
  );
  await Promise.all(ours.map(({ Id }) => docker.remove(Id)));
  removeTree(directory);
}

/** Unmounts what is mounted below (emptyDirs in memory), then removes. */
export function removeTree(directory: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of mounts.toSorted((a, b) => b.length - a.length)) spawnSync('umount', ['-l', path]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Processes with a path below `directory` among their arguments, this one excepted. */
function pidsNaming(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${directory}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
