// What the engine and this host have of a Pod, for who looks into it: its sandbox, its containers, and where its logs
// are. Asked of the engine when somebody wants to know; waits for it no longer than a person would. On main.
import { type Clock, sleep } from '../clock.ts';
import type { ContainerObservation } from '../engine/engine.ts';
import type { Result } from '../errors.ts';
import { containerLog, podLogsDirectory } from '../host/paths.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PodMade } from '../server/node-view.ts';

const patienceMs = 3000;

export type Asking = {
  podLogsDir: string;
  clock: Clock;
  /** All of it that the engine has. */
  listPod(): Promise<Result<ContainerObservation[]>>;
};

export async function podMade({ metadata }: Pod, { podLogsDir, clock, listPod }: Asking): Promise<PodMade> {
  const { namespace = '', name = '', uid = '' } = metadata ?? {};
  const logDirectory = podLogsDirectory(podLogsDir, { namespace, name, uid });
  const listed = await Promise.race([listPod().catch(() => undefined), sleep(clock, patienceMs)]);
  if (!listed?.ok) return { logDirectory, containers: [], trouble: 'the container engine does not answer' };
  const containers = listed.value
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs)
    .map(({ kind, id, name: of, identity, attempt, state, pid, exitCode }) => ({
      id,
      kind,
      name: of,
      uid: identity.uid,
      state,
      ...(pid !== undefined && pid > 0 && { pid }),
      ...(exitCode !== undefined && { exitCode }),
      ...(kind === 'container' && { log: containerLog(podLogsDir, identity, of, attempt) }),
    }));
  return { logDirectory, containers };
}
