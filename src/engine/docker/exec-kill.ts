// Ends what an exec started, by the process id that the engine says: the Engine API has no call for it. Only where the
// engine runs on this host, and in the same view of its processes.
import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors.ts';

/** Answers with why it could not; what has ended meanwhile is success. */
export type KillExec = (pid: number, containerId: string) => string | undefined;

/** By endpoint: a socket in the file system is this host's. */
export const killExecAt = (endpoint: string): KillExec =>
  endpoint.startsWith('unix:') ? killInContainer : () => 'the engine runs on another host';

function killInContainer(pid: number, containerId: string): string | undefined {
  try {
    // A socket may have been passed on from another host, or out of another PID namespace, where numbers mean others.
    const belongs = pid > 1 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId);
    if (!belongs) return 'its process cannot be told on this host';
    killGroup(pid);
    return undefined;
  } catch (error) {
    return isAbsent(error) ? undefined : messageOf(error);
  }
}

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
