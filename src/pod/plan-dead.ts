// Dead containers of earlier attempts: kept for `lastState` and `logs --previous`, as many and as long as the node's
// flags say (kuberuntime_gc evictContainers). The latest attempt stays while its Pod is there, however it ended.
import { leaveBehind } from './leave-behind.ts';
import type { Planning } from './planning.ts';
import type { DeadContainer } from './service.ts';
import { deadOf, type Generation, generationsOf, type PodState } from './state.ts';

/** The node has too many (--maximum-dead-containers). */
export function discardDead(state: PodState, id: string): void {
  for (const generation of generationsOf(state))
    for (const slot of generation.containers) {
      if (!deadOf(slot).some((dead) => dead.id === id)) continue;
      slot.dead = deadOf(slot).filter((dead) => dead.id !== id);
      leaveBehind(state, generation, { id, sandbox: false, running: false });
    }
}

export const deadContainersOf = (state: PodState): DeadContainer[] =>
  generationsOf(state).flatMap(({ containers }) =>
    containers.flatMap((slot) => deadOf(slot).map((dead) => ({ ...dead, container: slot.name }))),
  );

export function planDead(planning: Planning, generation: Generation): void {
  const { perContainer, minAgeMs } = planning.retention;
  if (perContainer < 0) return;
  for (const slot of generation.containers) {
    const dead = deadOf(slot);
    if (dead.length <= perContainer) continue;
    const stays = ({ startedAtMs }: (typeof dead)[number], index: number) =>
      index < perContainer || !planning.isDue(startedAtMs + minAgeMs);
    slot.dead = dead.filter(stays);
    for (const one of dead)
      if (!slot.dead.includes(one))
        leaveBehind(planning.state, generation, { id: one.id, sandbox: false, running: false });
  }
}
