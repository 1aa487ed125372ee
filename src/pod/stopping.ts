// The graceful stop of containers, by our own clock: preStop, a sidecar's turn, the stop signal, SIGKILL
// (kuberuntime killContainer and its terminationOrdering).
import { discardContainer } from './leave-behind.ts';
import type { Planning } from './planning.ts';
import {
  type ContainerSlot,
  type Generation,
  graceMsOf,
  type PodState,
  type Stop,
  type StopReason,
} from './state.ts';

/** How long SIGKILL is given to show before it is sent again. */
const killAgainMs = 10_000;
/** kuberuntime minimumGracePeriodInSeconds: whatever hooks and order have used up, the stop signal gets this. */
const signalMsMin = 2_000;

/** `graceMs` 0: the stop signal at once, and what is always left to it. */
const newStop = (why: StopReason, graceMs: number, hasPreStop: boolean, nowMs: number): Stop => ({
  why,
  deadlineMs: nowMs + graceMs,
  preStop: { at: hasPreStop && graceMs > 0 ? 'due' : 'done' },
  term: 'due',
});

/** Begins the stop of a container that runs; one that is already being stopped may only be stopped sooner. */
export function stopSlot(slot: ContainerSlot, why: StopReason, graceMs: number, nowMs: number): void {
  if (slot.phase.at !== 'running') return;
  const { stop } = slot.phase;
  const hasPreStop = slot.spec.lifecycle?.preStop !== undefined && why !== 'restart-all';
  slot.phase = {
    ...slot.phase,
    stop: stop ? sooner(stop, graceMs, nowMs) : newStop(why, graceMs, hasPreStop, nowMs),
  };
}

const sooner = (stop: Stop, graceMs: number, nowMs: number): Stop => {
  const signalMs = Math.max(graceMs, signalMsMin);
  return {
    ...stop,
    deadlineMs: Math.min(stop.deadlineMs, nowMs + (stop.term === 'due' ? graceMs : signalMs)),
    // Known before the signal is due to be sent: an earlier try has failed.
    ...(stop.graceMs !== undefined && { graceMs: Math.min(stop.graceMs, signalMs) }),
  };
};

/**
 * A shorter grace that arrives while the Pod stops shortens it, a longer one changes nothing (pod_workers
 * calculateEffectiveGracePeriod); the next plan passes it on.
 */
export function shortenGrace({ current }: PodState, graceMs: number, nowMs: number): void {
  if (current?.stage !== 'terminating' || !current.termination) return;
  const { sinceMs, deadlineMs } = current.termination;
  if (nowMs + graceMs < deadlineMs) current.termination = { sinceMs, deadlineMs: nowMs + graceMs, graceMs };
}

/** Stops all containers of a generation; true when none of it runs, or is about to, any more. */
export function stopContainers(
  planning: Planning,
  generation: Generation,
  why: StopReason,
  graceMs: number,
): boolean {
  for (const slot of generation.containers) {
    if (slot.phase.at === 'created') discardContainer(planning.state, generation, slot);
    stopSlot(slot, why, graceMs, planning.nowMs);
  }
  planStops(planning, generation);
  return generation.containers.every(({ phase }) => phase.at === 'waiting' || phase.at === 'exited');
}

/** Goes on with the stops that are under way. */
export function planStops(planning: Planning, generation: Generation): void {
  for (const slot of generation.containers) {
    if (slot.phase.at !== 'running' || !slot.phase.stop) continue;
    const stop = beforeSignal(planning, generation, slot, slot.phase.id, slot.phase.stop);
    const ready = stop.preStop.at === 'done' && isItsTurn(generation, slot, stop);
    const goesOn = stop.term !== 'due' || ready || planning.isDue(stop.deadlineMs);
    const what = { id: slot.phase.id, stopSignal: slot.stopSignal };
    slot.phase = {
      ...slot.phase,
      stop: goesOn ? signalStep(planning, generation.serial, slot.name, what, stop) : stop,
    };
  }
}

function beforeSignal(
  planning: Planning,
  generation: Generation,
  slot: ContainerSlot,
  id: string,
  stop: Stop,
): Stop {
  if (stop.preStop.at !== 'due' || stop.term !== 'due' || stop.deadlineMs <= planning.nowMs) return stop;
  const call = planning.issue({
    type: 'run-hook',
    serial: generation.serial,
    container: slot.name,
    id,
    hook: 'preStop',
    timeoutMs: stop.deadlineMs - planning.nowMs,
  });
  return { ...stop, preStop: { at: 'running', call } };
}

/** Sidecars stop after what runs beside them, the last first; the others all at once. */
function isItsTurn({ containers }: Generation, slot: ContainerSlot, { why }: Stop): boolean {
  if (!slot.sidecar || !['termination', 'completion', 'sandbox'].includes(why)) return true;
  return containers
    .slice(containers.indexOf(slot) + 1)
    .every(({ phase }) => phase.at !== 'running' && phase.at !== 'starting');
}

/** The stop signal, and SIGKILL at the deadline. */
export function signalStep(
  planning: Planning,
  serial: number,
  name: string,
  what: { id: string; stopSignal: string },
  stop: Stop,
): Stop {
  const kill = (signal: string) =>
    planning.issue({ type: 'kill', serial, id: what.id, signal, container: name });
  if (stop.term === 'due') {
    kill(what.stopSignal);
    const graceMs = stop.graceMs ?? Math.max(signalMsMin, stop.deadlineMs - planning.nowMs);
    return { ...stop, term: 'sent', graceMs, deadlineMs: planning.nowMs + graceMs };
  }
  if (stop.term === 'sent' || !planning.isDue(stop.deadlineMs)) return stop;
  if (stop.killSentAtMs !== undefined && !planning.isDue(stop.killSentAtMs + killAgainMs)) return stop;
  kill('SIGKILL');
  planning.isDue(planning.nowMs + killAgainMs);
  return { ...stop, killSentAtMs: planning.nowMs };
}

/** The answer to a stop signal or SIGKILL, on the stop it belongs to. */
export function afterSignal(stop: Stop, signal: string, taken: boolean, nowMs: number): Stop {
  if (signal === 'SIGKILL') return taken ? stop : { ...stop, killSentAtMs: undefined };
  if (stop.term !== 'sent') return stop;
  return taken
    ? { ...stop, term: 'taken', deadlineMs: Math.max(stop.deadlineMs, nowMs + (stop.graceMs ?? 0)) }
    : { ...stop, term: 'due' };
}

/** For what has no place in a generation any more. */
export const plainStop = (graceMs: number, nowMs: number): Stop =>
  newStop('termination', graceMs, false, nowMs);

/** As the Pod was told, or a probe of its own says (kuberuntime setTerminationGracePeriod). */
export function graceMsFor({ staticPod }: Generation, { spec }: ContainerSlot, why: StopReason): number {
  const probe = why === 'liveness' ? spec.livenessProbe : why === 'startup' ? spec.startupProbe : undefined;
  const seconds = probe?.terminationGracePeriodSeconds;
  return seconds === undefined ? graceMsOf(staticPod) : seconds * 1000;
}
