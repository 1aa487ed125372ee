// Ends what an exec started, by the process id that the engine says: the Engine API has no call for it. Only where the
// engine runs on this host, and in the same view of its processes.
import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors.ts';

/** `absent`: it has ended by itself, though the engine may not have noted that yet. */
export type KillOutcome = 'killed' | 'absent' | { cannot: string };
export type KillExec = (pid: number, containerId: string) => KillOutcome;

/** By endpoint: a socket in the file system is this host's. */
export const killExecAt = (endpoint: string): KillExec =>
  endpoint.startsWith('unix:') ? killInContainer : () => ({ cannot: 'the engine runs on another host' });

function killInContainer(pid: number, containerId: string): KillOutcome {
  try {
    if (!isOf(pid, containerId)) return { cannot: 'its process cannot be told on this host' };
    killGroup(pid);
    return 'killed';
  } catch (error) {
    return isAbsent(error) ? 'absent' : { cannot: messageOf(error) };
  }
}

/**
 * By its cgroup: a socket may have been passed on from another host, or out of another PID namespace, and there the
 * same number is another process.
 */
const isOf = (pid: number, containerId: string): boolean =>
  pid > 1 &&
  /^[0-9a-f]{64}$/.test(containerId) &&
  readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId);

/** An exec'ed process leads a session of its own (runc: setsid), so its group is the command with its children. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    process.kill(pid, 'SIGKILL');
  }
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
