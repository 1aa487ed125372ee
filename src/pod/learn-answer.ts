// An effect's answer -> what is known.
import { engineRetryDelayMs, nextBackOff, retryDelayMs } from './back-off.ts';
import { engineIsAway, outcomeUnknown, problemAfter } from './engine-health.ts';
import { type Answered, type AnsweredEvent, INFRA } from './events.ts';
import {
  learnContainerCreated,
  learnContainerStarted,
  learnSandboxCreated,
  learnSandboxStarted,
} from './learn-containers.ts';
import { learnHook, learnMessage, learnProbe } from './learn-probes.ts';
import { reconcile } from './observe.ts';
import {
  type Generation,
  generationBySerial,
  generationsOf,
  newGeneration,
  type PodState,
  problemText,
  type Stop,
  slotOf,
} from './state.ts';
import { afterSignal } from './stopping.ts';

export function learnAnswer(state: PodState, event: AnsweredEvent, nowMs: number): void {
  const { effect, result } = event;
  if (!result.ok && outcomeUnknown(result.error))
    engineIsAway(state, nowMs, problemText(result.error), nowMs, effect.type === 'list');
  switch (event.effect.type) {
    case 'list':
      return learnList(state, event as Answered<'list'>, nowMs);
    case 'ensure-image':
      return learnImage(state, event as Answered<'ensure-image'>, nowMs);
    case 'prepare-host':
      return learnHost(state, event as Answered<'prepare-host'>, nowMs);
    case 'create-sandbox':
      return learnSandboxCreated(state, event as Answered<'create-sandbox'>, nowMs);
    case 'start-sandbox':
      return learnSandboxStarted(state, event as Answered<'start-sandbox'>, nowMs);
    case 'create-container':
      return learnContainerCreated(state, event as Answered<'create-container'>, nowMs);
    case 'start-container':
      return learnContainerStarted(state, event as Answered<'start-container'>, nowMs);
    case 'kill':
      return learnSignal(state, event as Answered<'kill'>, nowMs);
    case 'remove':
      return learnRemoved(state, event as Answered<'remove'>, nowMs);
    case 'probe':
      return learnProbe(state, event as Answered<'probe'>);
    case 'run-hook':
      return learnHook(state, event as Answered<'run-hook'>, nowMs);
    case 'read-message':
      return learnMessage(state, event as Answered<'read-message'>);
    case 'clean-host': {
      const { uid, call } = effect as Answered<'clean-host'>['effect'];
      const at = state.cleanups.findIndex((cleanup) => cleanup.uid === uid && cleanup.call === call);
      const cleanup = state.cleanups[at];
      if (!cleanup) return;
      if (result.ok) state.cleanups.splice(at, 1);
      else {
        cleanup.call = undefined;
        cleanup.failures += 1;
        cleanup.message = problemText(result.error);
        cleanup.retryAtMs = nowMs + retryDelayMs(cleanup.failures);
      }
    }
  }
}

function learnList(state: PodState, { effect, result }: Answered<'list'>, nowMs: number): void {
  if (state.list.at !== 'asked' || state.list.call !== effect.call) return;
  if (!result.ok) {
    state.list = { at: 'due' };
    if (!outcomeUnknown(result.error)) engineIsAway(state, nowMs, problemText(result.error), nowMs, true);
    return;
  }
  state.list = { at: 'known' };
  state.engine = { available: true };
  // With its checkpoint lost, what there is on the engine is adopted by the manifest's word and the labels.
  if (state.desired.want === 'run' && generationsOf(state).length === 0)
    state.next = newGeneration(state.nextSerial++, state.desired.staticPod, 'preparing', nowMs);
  reconcile(state, result.value, nowMs);
  state.outageSinceMs = undefined;
}

function learnImage(state: PodState, { effect, result }: Answered<'ensure-image'>, nowMs: number): void {
  const generation = generationBySerial(state, effect.serial);
  if (!generation) return;
  if (effect.container === INFRA) {
    generation.infraImage = { at: result.ok ? 'present' : 'absent' };
    generation.sandboxProblem = result.ok
      ? undefined
      : problemAfter(generation.sandboxProblem, result.error, nowMs);
    return;
  }
  const slot = slotOf(generation, effect.container);
  if (slot?.image.at !== 'pulling' || slot.image.call !== effect.call) return;
  if (result.ok) {
    Object.assign(slot, { image: { at: 'present' }, imageId: result.value.ref, problem: undefined });
    return;
  }
  slot.image = { at: effect.policy === 'Always' ? 'unasked' : 'absent' };
  // Given up because nobody wants it any more: no fault of the image's.
  if (generation.stage !== 'preparing' && generation.stage !== 'active') return;
  slot.problem = problemAfter(slot.problem, result.error, nowMs);
  if (
    slot.problem &&
    (result.error.code === 'ImagePullFailed' || result.error.code === 'RegistryUnavailable')
  )
    slot.problem = { ...slot.problem, retryAtMs: pullAgainAtMs(generation, effect.image, nowMs) };
}

/** image_manager's back-off, by Pod and image: it outlives a pull that succeeds, for 10 minutes. */
function pullAgainAtMs(generation: Generation, image: string, nowMs: number): number {
  const before = generation.pullBackOffs?.[image];
  // Another container that shared the pull has been here already.
  const isNew = before === undefined || before.updatedAtMs + before.delayMs <= nowMs;
  const backOff = isNew ? nextBackOff(before, nowMs, nowMs) : before;
  generation.pullBackOffs = { ...generation.pullBackOffs, [image]: backOff };
  return backOff.updatedAtMs + backOff.delayMs;
}

function learnHost(state: PodState, { effect, result }: Answered<'prepare-host'>, nowMs: number): void {
  const generation = generationBySerial(state, effect.serial);
  if (!generation) return;
  generation.host = { at: result.ok ? 'ready' : 'unprepared' };
  generation.hostProblem = result.ok ? undefined : problemAfter(generation.hostProblem, result.error, nowMs);
}

/**
 * The stop signal was taken: the grace runs from now. A signal that did not get through is sent again, once the engine
 * has been asked how things stand.
 */
function learnSignal(state: PodState, { effect, result }: Answered<'kill'>, nowMs: number): void {
  if (!result.ok && !outcomeUnknown(result.error))
    engineIsAway(state, nowMs, problemText(result.error), nowMs);
  const after = (stop: Stop) => afterSignal(stop, effect.signal, result.ok, nowMs);
  for (const leftover of state.leftovers) {
    if (leftover.id === effect.id && leftover.stop) leftover.stop = after(leftover.stop);
  }
  for (const slot of generationsOf(state).flatMap(({ containers }) => containers)) {
    if (slot.phase.at !== 'running' || slot.phase.id !== effect.id || !slot.phase.stop) continue;
    slot.phase = { ...slot.phase, stop: after(slot.phase.stop) };
  }
}

function learnRemoved(state: PodState, { effect, result }: Answered<'remove'>, nowMs: number): void {
  const at = state.leftovers.findIndex(({ id }) => id === effect.id);
  const leftover = state.leftovers[at];
  if (!leftover) return;
  if (result.ok) {
    state.leftovers.splice(at, 1);
    return;
  }
  leftover.removal = undefined;
  if (result.error.code === 'StillRunning') {
    // Started by someone else, or by a call thought lost: it gets its grace like any other.
    leftover.running = true;
    leftover.ended = false;
    return;
  }
  leftover.failures += 1;
  leftover.message = problemText(result.error);
  leftover.retryAtMs = nowMs + engineRetryDelayMs(leftover.failures);
}
