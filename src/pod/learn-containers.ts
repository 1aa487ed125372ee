// Answers to creates and starts -> the phases of sandboxes and containers. What was made for a place that is no longer
// there becomes a leftover.

import { moveContainer, moveSandbox } from './edges.ts';
import { engineInTrouble, outcomeUnknown, problemAfter } from './engine-health.ts';
import type { Answered } from './events.ts';
import { discardContainer, leaveBehind } from './leave-behind.ts';
import { observe, startFailure } from './observe.ts';
import {
  containerId,
  deadOf,
  generationBySerial,
  generationsOf,
  type PodState,
  sandboxId,
  slotOf,
} from './state.ts';

export function learnSandboxCreated(
  state: PodState,
  { effect, result }: Answered<'create-sandbox'>,
  nowMs: number,
): void {
  const generation = generationBySerial(state, effect.serial);
  const waiting = generation?.sandbox.at === 'creating' && generation.sandbox.call === effect.call;
  if (result.ok) {
    if (generation && waiting) {
      moveSandbox(generation, { at: 'created', id: result.value });
      generation.infraImage = { at: 'present' };
    } else if (!isKnown(state, result.value))
      leaveBehind(state, generation, { id: result.value, sandbox: true, running: false });
    return;
  }
  if (!generation || !waiting) return;
  moveSandbox(generation, { at: 'none' });
  if (result.error.code === 'NoSuchImage') generation.infraImage = { at: 'absent' };
  else generation.sandboxProblem = problemAfter(generation.sandboxProblem, result.error, nowMs);
  if (result.error.code === 'NameInUse') generation.nextSandboxAttempt += 1;
}

export function learnSandboxStarted(
  state: PodState,
  { effect, result }: Answered<'start-sandbox'>,
  nowMs: number,
): void {
  if (result.ok) return observe(state, result.value, nowMs);
  const generation = generationBySerial(state, effect.serial);
  if (generation?.sandbox.at !== 'starting' || generation.sandbox.id !== effect.id) return;
  if (outcomeUnknown(result.error)) return moveSandbox(generation, { at: 'created', id: effect.id });
  moveSandbox(generation, { at: 'dead', id: effect.id });
  generation.sandboxProblem = problemAfter(generation.sandboxProblem, result.error, nowMs);
}

export function learnContainerCreated(
  state: PodState,
  { effect, result }: Answered<'create-container'>,
  nowMs: number,
): void {
  const generation = generationBySerial(state, effect.serial);
  const slot = slotOf(generation, effect.container);
  const waiting = slot?.phase.at === 'creating' && slot.phase.call === effect.call;
  if (result.ok) {
    const stale = generation && sandboxId(generation.sandbox) !== effect.sandboxId;
    if (!generation || !slot || !waiting) {
      if (!isKnown(state, result.value))
        leaveBehind(state, generation, { id: result.value, sandbox: false, running: false });
      return;
    }
    moveContainer(slot, { at: 'created', id: result.value });
    Object.assign(slot, { restartCount: effect.restartCount, image: { at: 'present' }, problem: undefined });
    // Its sandbox has gone meanwhile: it would join nothing.
    if (stale) discardContainer(state, generation, slot);
    return;
  }
  if (!slot || !waiting) return;
  moveContainer(slot, { at: 'waiting' });
  if (result.error.code === 'NoSuchImage') slot.image = { at: 'absent' };
  else slot.problem = problemAfter(slot.problem, result.error, nowMs);
  if (result.error.code === 'NoSuchContainer') state.list = { at: 'due' };
}

const isKnown = (state: PodState, id: string) =>
  state.leftovers.some((leftover) => leftover.id === id) ||
  generationsOf(state).some(
    (generation) =>
      sandboxId(generation.sandbox) === id ||
      generation.containers.some(
        (slot) => containerId(slot) === id || deadOf(slot).some((dead) => dead.id === id),
      ),
  );

export function learnContainerStarted(
  state: PodState,
  { effect, result }: Answered<'start-container'>,
  nowMs: number,
): void {
  if (result.ok) return observe(state, result.value, nowMs);
  const slot = slotOf(generationBySerial(state, effect.serial), effect.container);
  if (slot?.phase.at !== 'starting' || slot.phase.id !== effect.id) return;
  if (outcomeUnknown(result.error)) return moveContainer(slot, { at: 'created', id: effect.id });
  if (result.error.code === 'NoSuchContainer') return moveContainer(slot, { at: 'waiting' });
  if (engineInTrouble(result.error) || result.error.code === 'ContainerConfigInvalid') {
    // No end of the container's, so no restart of it either: the same one is started again. What could not be written
    // for it beforehand is of this kind too.
    slot.problem = problemAfter(slot.problem, result.error, nowMs);
    return moveContainer(slot, { at: 'created', id: effect.id });
  }
  moveContainer(slot, { at: 'exited', id: effect.id, exit: startFailure(effect.id, result.error, nowMs) });
}
