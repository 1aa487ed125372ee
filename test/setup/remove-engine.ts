// Ends a private engine, all of which can be found from its directory: containers, daemons, mounts, bridge, files.
// Works whatever state it was left in (paused, killed, half started), hence by SIGKILL: nothing of it is kept.
import { spawnSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { program } from './packages.ts';

const endsWithinMs = 10_000;

export async function removeEngineDirectory(directory: string): Promise<void> {
  if (!basename(directory).startsWith('monopod-engine-')) throw new Error(`no private engine: ${directory}`);
  // The daemons first, so that they start nothing behind the sweep; then the shims and what runs below them.
  const daemons = processes().filter(({ command }) => isDaemon(command, directory));
  await killAll([...daemons.map(({ pid }) => pid), ...descendants(daemons.map(({ pid }) => pid))]);
  const shims = processes().filter(({ command }) => isShim(command, directory));
  await killAll([...shims.map(({ pid }) => pid), ...descendants(shims.map(({ pid }) => pid))]);
  removeCgroups(directory);
  for (const socket of shimSockets(directory)) rmSync(socket, { force: true });
  removeBridge(directory);
  unmountAll(directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

type Process = { pid: number; parent: number; command: string };

const isDaemon = (command: string, directory: string) =>
  command.includes(`--data-root=${directory}/`) || command.includes(`--config ${directory}/containerd.toml`);

const isShim = (command: string, directory: string) =>
  command.includes('containerd-shim') && command.includes(`-address ${directory}/`);

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = textOf(`/proc/${name}/stat`);
      // The second field, the command's name in parentheses, may hold anything.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (!stat || state === 'Z') return [];
      const command = textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ');
      return [{ pid: Number(name), parent: Number(parent), command }];
    });
}

function descendants(roots: number[]): number[] {
  const all = processes();
  const found = new Set(roots);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found].filter((pid) => !roots.includes(pid));
}

async function killAll(pids: number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
  const deadline = Date.now() + endsWithinMs;
  while (processes().some(({ pid }) => pids.includes(pid)) && Date.now() < deadline) await delay(20);
}

const containerIds = (directory: string) =>
  globSync(join(directory, 'data/containers/*')).map((path) => basename(path));

/** What runc would have removed: version 1 has one hierarchy a controller, version 2 a single one. */
function removeCgroups(directory: string): void {
  for (const id of containerIds(directory)) {
    for (const group of globSync([`/sys/fs/cgroup/*/docker/${id}`, `/sys/fs/cgroup/docker/${id}`])) {
      for (const nested of [...globSync(`${group}/**/`), group].sort((a, b) => b.length - a.length)) {
        try {
          rmdirSync(nested);
        } catch {
          // Gone already, as parent directories of the same hierarchy are mounted more than once.
        }
      }
    }
  }
}

const shimSockets = (directory: string): string[] =>
  globSync(join(directory, 'containerd/state/*/*/*/address')).map((path) =>
    textOf(path).trim().replace('unix://', ''),
  );

function removeBridge(directory: string): void {
  const bridge = textOf(join(directory, 'bridge'));
  if (!bridge) return;
  const own = program('ip');
  const args = ['link', 'del', bridge];
  spawnSync(own ?? program('busybox') ?? 'ip', own ? args : ['ip', ...args]);
}

function unmountAll(directory: string): void {
  const below = textOf('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  // The deepest first; lazily, as the kernel may still be letting go of a container's file system.
  for (const path of below.toSorted((a, b) => b.length - a.length)) spawnSync('umount', ['-l', path]);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
