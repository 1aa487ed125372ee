// Two states of a Pod -> the log files that have become known between: each gets its place in the kubelet's layout. Pure.
import type { PodIdentity } from '../engine/engine.ts';
import { identityOf } from './config/identity.ts';
import { type ContainerSlot, containerId, type Generation, type PodState } from './state.ts';

export type NewLog = { identity: PodIdentity; container: string; attempt: number; logPath: string };

export type LinkLog = (log: NewLog) => void;

export function newLogs(before: PodState, after: PodState): NewLog[] {
  return [after.current, after.next].flatMap((generation) => {
    if (!generation) return [];
    const old = [before.current, before.next].find((candidate) => candidate?.serial === generation.serial);
    return generation.containers.flatMap((slot) => logOf(generation, slot, old) ?? []);
  });
}

/** Its log file is known now, and was not, or was another's. */
function logOf(
  { staticPod }: Generation,
  slot: ContainerSlot,
  old: Generation | undefined,
): NewLog | undefined {
  const { logPath, name } = slot;
  if (logPath === undefined || containerId(slot) === undefined) return undefined;
  if (old?.containers.find((before) => before.name === name)?.logPath === logPath) return undefined;
  return { identity: identityOf(staticPod), container: name, attempt: slot.nextAttempt - 1, logPath };
}
