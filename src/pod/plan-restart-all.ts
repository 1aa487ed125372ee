// A rule with action RestartAllContainers: all containers stop at once, without hooks, and the Pod starts over in the
// same sandbox, init containers first (KEP-5532).

import { RESTARTING_ALL } from '../status/restarting-all.ts';
import { nextBackOff, restartAtMs } from './back-off.ts';
import { startsOver } from './leave-behind.ts';
import type { Planning } from './planning.ts';
import { matchingRule } from './restart-policy.ts';
import type { ContainerSlot, Generation } from './state.ts';
import { stopContainers } from './stopping.ts';

/** True while it is under way: nothing else is done for the generation then. */
export function planRestartAll(planning: Planning, generation: Generation): boolean {
  if (generation.stage !== 'active' || generation.sandbox.at !== 'ready') return false;
  const trigger =
    generation.containers.find(({ name }) => name === generation.restartingAll?.trigger) ??
    generation.containers.find(asksForIt);
  if (!trigger) return false;
  generation.restartingAll = { trigger: trigger.name };
  if (!stopContainers(planning, generation, 'restart-all', 0)) return true;
  // A container that asks for it again and again waits longer and longer.
  const endedAtMs = trigger.phase.at === 'exited' ? trigger.phase.exit.finishedAtMs : planning.nowMs;
  if (!planning.isDue(restartAtMs(trigger.backOff, endedAtMs))) return true;
  trigger.backOff = nextBackOff(trigger.backOff, endedAtMs, planning.nowMs);
  generation.restartingAll = undefined;
  generation.initialized = false;
  for (const slot of generation.containers) {
    slot.passed = false;
    slot.problem = undefined;
    // The kubelet removes the containers, and shows all of them as ended by this.
    startsOver(slot, { exitCode: 137, ...RESTARTING_ALL });
  }
  return false;
}

const asksForIt = ({ phase, spec }: ContainerSlot) =>
  phase.at === 'exited' &&
  phase.exit.stoppedFor === undefined &&
  matchingRule(spec, phase.exit.exitCode)?.action === 'RestartAllContainers';
