// Keeps the kubelet's log layout in step with the containers that start and are replaced.
import { linkLog } from '../host/log-links.ts';
import { identityOf } from './config/identity.ts';
import { type ContainerSlot, containerId, type Generation, type PodState } from './state.ts';

export function followLogs(podLogsDir: string, before: PodState, after: PodState): void {
  for (const generation of [after.current, after.next]) {
    if (!generation) continue;
    const old = [before.current, before.next].find((candidate) => candidate?.serial === generation.serial);
    for (const slot of generation.containers) if (isNew(old, slot)) link(podLogsDir, generation, slot);
  }
}

/** Its log file is known now, and was not, or was another's. */
function isNew(old: Generation | undefined, slot: ContainerSlot): boolean {
  if (slot.logPath === undefined || containerId(slot) === undefined) return false;
  const before = old?.containers.find(({ name }) => name === slot.name);
  return before?.logPath !== slot.logPath;
}

function link(podLogsDir: string, { staticPod }: Generation, slot: ContainerSlot): void {
  if (slot.logPath === undefined) return;
  // A log link that cannot be made costs the link, not the container.
  linkLog(podLogsDir, identityOf(staticPod), slot.name, slot.nextAttempt - 1, slot.logPath).catch(
    () => undefined,
  );
}
