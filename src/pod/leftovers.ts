// Gets rid of what generations have left behind. Containers stop gracefully, sandboxes go after the containers of their
// Pod, directories after both.
import type { Planning } from './planning.ts';
import type { Leftover, PodState } from './state.ts';
import { plainStop, signalStep } from './stopping.ts';

const yieldMsMax = 3_000;

export function planLeftovers(planning: Planning): void {
  const { state } = planning;
  for (const leftover of state.leftovers) {
    leftover.sinceMs ??= planning.nowMs;
    if (leftover.running && !leftover.sandbox) {
      const stop = leftover.stop ?? plainStop(leftover.graceMs, planning.nowMs);
      leftover.stop = signalStep(planning, 0, '', leftover, stop);
    } else if (
      !leftover.removal &&
      mayGo(state, leftover) &&
      !yields(planning, leftover) &&
      planning.isDue(leftover.retryAtMs)
    ) {
      leftover.removal = {
        call: planning.issue({ type: 'remove', serial: 0, id: leftover.id, force: leftover.sandbox }),
      };
    }
  }
  for (const cleanup of state.cleanups) {
    const busy = state.leftovers.some(({ uid }) => uid === cleanup.uid) || preparing(state, cleanup.uid);
    if (busy || cleanup.call !== undefined || !planning.isDue(cleanup.retryAtMs)) continue;
    const { uid, name, namespace } = cleanup;
    cleanup.call = planning.issue({ type: 'clean-host', serial: 0, uid, name, namespace });
  }
}

/** Removing costs the engine as much as starting: what nobody waits for gives way to a Pod that starts, for a while. */
const yields = (planning: Planning, leftover: Leftover) =>
  !isAwaited(planning.state, leftover) &&
  isStarting(planning.state) &&
  !planning.isDue((leftover.sinceMs ?? 0) + yieldMsMax);

/** It holds what the Pod that starts needs: host ports, or the directories of the same UID's former life. */
const isAwaited = ({ current, next, cleanups }: PodState, { holdsHostPorts, uid }: Leftover) =>
  holdsHostPorts ||
  ((next ?? current)?.staticPod.uid === uid && cleanups.some((cleanup) => cleanup.uid === uid));

function isStarting({ current, next }: PodState): boolean {
  const generation = next ?? current;
  if (
    !generation ||
    generation.sandboxProblem ||
    generation.hostProblem ||
    generation.stage === 'terminating' ||
    generation.stage === 'finished'
  )
    return false;
  return generation.containers.some(
    ({ phase, last, problem }) => phase.at !== 'running' && phase.at !== 'exited' && !last && !problem,
  );
}

/** A sandbox holds the network of its containers until the last of them has stopped. */
const mayGo = (state: PodState, leftover: Leftover) =>
  !leftover.sandbox ||
  !state.leftovers.some(({ sandbox, running, uid }) => !sandbox && running && uid === leftover.uid);

const preparing = (state: PodState, uid: string) =>
  [state.current, state.next].some(
    (generation) => generation?.staticPod.uid === uid && generation.host.at !== 'unprepared',
  );
