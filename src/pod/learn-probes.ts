// Answers to probes, hooks and questions for termination messages -> what is known. An answer for a container that has
// been followed by another changes nothing.
import { engineInTrouble, engineIsAway, outcomeUnknown } from './engine-health.ts';
import type { Answered } from './events.ts';
import { withMessage } from './plan-messages.ts';
import { probeOf } from './plan-probes.ts';
import { type ContainerSlot, generationBySerial, type PodState, problemText, slotOf } from './state.ts';
import { graceMsFor, stopSlot } from './stopping.ts';

/** prober worker doProbe: a result holds once it has come as often in a row as its threshold says. */
export function learnProbe(state: PodState, { effect, result }: Answered<'probe'>): void {
  const slot = slotOf(generationBySerial(state, effect.serial), effect.container);
  const known = slot?.probes[effect.kind];
  if (!slot || !known || known.call !== effect.call) return;
  const trouble = troubleOf(result);
  const after = { ...known, call: undefined, trouble };
  slot.probes[effect.kind] = after;
  // It could not be run at all: that says nothing of the container.
  if (!result.ok || result.value.result === 'unknown') return;
  const { result: seen, message } = result.value;
  after.inRow = known.last === seen ? known.inRow + 1 : 1;
  after.last = seen;
  after.message = seen === 'failure' ? message : '';
  if (seen === 'success') after.news = 0;
  else if (after.inRow === 1 || message !== known.message) after.news = (known.news ?? 0) + 1;
  const probe = probeOf(slot, effect.kind);
  const threshold = seen === 'failure' ? (probe?.failureThreshold ?? 3) : (probe?.successThreshold ?? 1);
  if (after.inRow >= threshold) after.result = seen;
}

function troubleOf(result: Answered<'probe'>['result']): string | undefined {
  if (!result.ok) return problemText(result.error);
  return result.value.result === 'unknown' ? result.value.message : undefined;
}

/** A postStart that fails costs the container its life (kuberuntime startContainer); a preStop that fails, nothing. */
export function learnHook(state: PodState, { effect, result }: Answered<'run-hook'>, nowMs: number): void {
  const generation = generationBySerial(state, effect.serial);
  const slot = slotOf(generation, effect.container);
  if (!generation || slot?.phase.at !== 'running' || slot.phase.id !== effect.id) return;
  if (!result.ok && engineInTrouble(result.error)) {
    // No fault of the hook's, which runs again once the engine answers: at least once is what is promised.
    if (!outcomeUnknown(result.error)) engineIsAway(state, nowMs, problemText(result.error), nowMs);
    return hookIsDue(slot, effect);
  }
  if (!result.ok) {
    const { hook, id } = effect;
    slot.hookFailure = { hook, id, message: problemText(result.error) };
  }
  if (effect.hook === 'preStop') return learnPreStop(slot, effect.call);
  const { postStart } = slot.phase;
  if (postStart.at !== 'running' || postStart.call !== effect.call) return;
  if (result.ok) slot.phase = { ...slot.phase, postStart: { at: 'done' } };
  else stopSlot(slot, 'post-start', graceMsFor(generation, slot, 'post-start'), nowMs);
}

function hookIsDue(slot: ContainerSlot, { hook, call }: Answered<'run-hook'>['effect']): void {
  if (slot.phase.at !== 'running') return;
  const { postStart, stop } = slot.phase;
  if (hook === 'postStart' && postStart.at === 'running' && postStart.call === call)
    slot.phase = { ...slot.phase, postStart: { at: 'due' } };
  if (hook === 'preStop' && stop?.preStop.at === 'running' && stop.preStop.call === call)
    slot.phase = { ...slot.phase, stop: { ...stop, preStop: { at: 'due' } } };
}

function learnPreStop(slot: ContainerSlot, call: number): void {
  if (slot.phase.at !== 'running') return;
  const { stop } = slot.phase;
  if (stop?.preStop.at !== 'running' || stop.preStop.call !== call) return;
  slot.phase = { ...slot.phase, stop: { ...stop, preStop: { at: 'done' } } };
}

export function learnMessage(state: PodState, { effect, result }: Answered<'read-message'>): void {
  const slot = slotOf(generationBySerial(state, effect.serial), effect.container);
  if (slot && result.ok) withMessage(slot, effect.id, result.value);
}
