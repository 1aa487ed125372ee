// First half of a transition: an event -> what is known. Decides nothing; touches facts only.
import type { ContainerObservation } from '../engine/engine.ts';
import { FAILURES, type Failure } from '../errors.ts';
import { engineRetryDelayMs, retryDelayMs } from './back-off.ts';
import { moveContainer, moveSandbox } from './edges.ts';
import { type AnsweredEvent, INFRA, type PodEvent } from './events.ts';
import { discardContainer, leaveBehind } from './leftovers.ts';
import { forget, observe, reconcile, startFailure } from './observe.ts';
import {
  containerId,
  type Generation,
  graceMsOf,
  type PodState,
  type Problem,
  problemText,
  type Stop,
  sandboxId,
} from './state.ts';

export function learn(state: PodState, event: PodEvent, nowMs: number): void {
  switch (event.type) {
    case 'tick':
      return;
    case 'desire':
      state.desired = event.desired;
      return;
    case 'answered':
      delete state.calls[event.effect.call];
      return learnAnswer(state, event, nowMs);
    case 'observed':
      return observe(state, event.observation, nowMs);
    case 'removed':
      return forget(state, event.id, nowMs);
    case 'listed':
      if (state.list.at === 'known' && differs(state, event.containers)) state.list = { at: 'due' };
      return;
    case 'engine':
      if (event.available) return engineAnswers(state);
      return engineIsAway(state, event.sinceMs, event.message, nowMs);
  }
}

function learnAnswer(state: PodState, event: AnsweredEvent, nowMs: number): void {
  const { effect, result } = event;
  if (!result.ok && outcomeUnknown(result.error))
    engineIsAway(state, nowMs, problemText(result.error), nowMs);
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
    case 'clean-host': {
      const { uid, call } = effect as Answered<'clean-host'>['effect'];
      const at = state.cleanups.findIndex((cleanup) => cleanup.uid === uid && cleanup.call === call);
      const cleanup = state.cleanups[at];
      if (!cleanup) return;
      if (result.ok) state.cleanups.splice(at, 1);
      else {
        cleanup.call = undefined;
        cleanup.failures += 1;
        cleanup.retryAtMs = nowMs + retryDelayMs(cleanup.failures);
      }
    }
  }
}

type Answered<Type extends AnsweredEvent['effect']['type']> = Extract<
  AnsweredEvent,
  { effect: { type: Type } }
>;

/** The call may have had its effect: nothing more is done before the engine has been asked what it has. */
const outcomeUnknown = ({ code }: Failure) =>
  code === 'EngineUnavailable' || code === 'EngineTimeout' || code === 'ThreadExited';

function engineIsAway(state: PodState, sinceMs: number, message: string, nowMs: number): void {
  const failures = state.engine.available ? 1 : state.engine.failures + 1;
  const since = state.engine.available ? sinceMs : state.engine.sinceMs;
  state.engine = {
    available: false,
    sinceMs: since,
    message,
    failures,
    retryAtMs: nowMs + engineRetryDelayMs(failures),
  };
  state.outageSinceMs ??= since;
  if (state.list.at === 'known') state.list = { at: 'due' };
}

/** It is back: ask at once what it has. */
function engineAnswers(state: PodState): void {
  if (state.engine.available) return;
  state.engine = { ...state.engine, retryAtMs: 0 };
  if (state.list.at === 'known') state.list = { at: 'due' };
}

function learnList(state: PodState, { effect, result }: Answered<'list'>, nowMs: number): void {
  if (state.list.at !== 'asked' || state.list.call !== effect.call) return;
  if (!result.ok) {
    state.list = { at: 'due' };
    if (!outcomeUnknown(result.error)) engineIsAway(state, nowMs, problemText(result.error), nowMs);
    return;
  }
  state.list = { at: 'known' };
  state.engine = { available: true };
  reconcile(state, result.value, nowMs);
  state.outageSinceMs = undefined;
}

/** A list without detail disagrees with what is known: a container is missing, unknown, or in a later state. */
function differs(state: PodState, listed: { id: string; state: ContainerObservation['state'] }[]): boolean {
  const known = new Map<string, ContainerObservation['state'] | 'any'>();
  for (const leftover of state.leftovers) known.set(leftover.id, leftover.running ? 'running' : 'any');
  for (const generation of generationsOf(state)) {
    const { sandbox } = generation;
    const id = sandboxId(sandbox);
    if (id !== undefined) known.set(id, sandbox.at === 'ready' ? 'running' : 'any');
    for (const slot of generation.containers) {
      const own = containerId(slot);
      if (own !== undefined)
        known.set(
          own,
          slot.phase.at === 'running' ? 'running' : slot.phase.at === 'exited' ? 'exited' : 'any',
        );
    }
  }
  const seen = new Map(listed.map((container) => [container.id, container.state]));
  const lastIds = new Set(
    generationsOf(state).flatMap(({ containers }) => containers.map(({ last }) => last?.id)),
  );
  for (const [id, expected] of known) {
    const actual = seen.get(id);
    if (actual === undefined && expected === 'running') return true;
    if (actual !== undefined && expected !== 'any' && actual !== expected) return true;
  }
  return listed.some(({ id, state: actual }) => !known.has(id) && !(lastIds.has(id) && actual === 'exited'));
}

export const generationsOf = (state: PodState): Generation[] =>
  [state.current, state.next].filter((generation) => generation !== undefined);

const generationBySerial = (state: PodState, serial: number) =>
  generationsOf(state).find((generation) => generation.serial === serial);

const slotOf = (generation: Generation | undefined, name: string) =>
  generation?.containers.find((slot) => slot.name === name);

/** Unknown outcomes wait for the engine's return, not for a back-off of their own. */
function problemAfter(before: Problem | undefined, error: Failure, nowMs: number): Problem | undefined {
  if (outcomeUnknown(error)) return before;
  const failures = (before?.failures ?? 0) + 1;
  return {
    reason: FAILURES[error.code].reason,
    message: problemText(error),
    failures,
    retryAtMs: nowMs + retryDelayMs(failures),
  };
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
  if (!slot || slot.image.at !== 'pulling' || slot.image.call !== effect.call) return;
  slot.image = { at: result.ok ? 'present' : 'unasked' };
  if (result.ok) slot.imageId = result.value.id;
  slot.problem = result.ok ? undefined : problemAfter(slot.problem, result.error, nowMs);
  if (!result.ok && effect.policy !== 'Always') slot.image = { at: 'absent' };
}

function learnHost(state: PodState, { effect, result }: Answered<'prepare-host'>, nowMs: number): void {
  const generation = generationBySerial(state, effect.serial);
  if (!generation) return;
  generation.host = { at: result.ok ? 'ready' : 'unprepared' };
  generation.hostProblem = result.ok ? undefined : problemAfter(generation.hostProblem, result.error, nowMs);
}

function learnSandboxCreated(
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

function learnSandboxStarted(
  state: PodState,
  { effect, result }: Answered<'start-sandbox'>,
  nowMs: number,
): void {
  if (result.ok) return observe(state, result.value, nowMs);
  const generation = generationBySerial(state, effect.serial);
  if (!generation || generation.sandbox.at !== 'starting' || generation.sandbox.id !== effect.id) return;
  if (outcomeUnknown(result.error)) return moveSandbox(generation, { at: 'created', id: effect.id });
  moveSandbox(generation, { at: 'dead', id: effect.id });
  generation.sandboxProblem = problemAfter(generation.sandboxProblem, result.error, nowMs);
}

function learnContainerCreated(
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
      generation.containers.some((slot) => containerId(slot) === id || slot.last?.id === id),
  );

function learnContainerStarted(
  state: PodState,
  { effect, result }: Answered<'start-container'>,
  nowMs: number,
): void {
  if (result.ok) return observe(state, result.value, nowMs);
  const slot = slotOf(generationBySerial(state, effect.serial), effect.container);
  if (!slot || slot.phase.at !== 'starting' || slot.phase.id !== effect.id) return;
  if (outcomeUnknown(result.error)) return moveContainer(slot, { at: 'created', id: effect.id });
  if (result.error.code === 'NoSuchContainer') return moveContainer(slot, { at: 'waiting' });
  moveContainer(slot, { at: 'exited', id: effect.id, exit: startFailure(effect.id, result.error, nowMs) });
}

/**
 * The stop signal was taken: the grace runs from now. A signal that did not get through is sent again, once the engine
 * has been asked how things stand.
 */
function learnSignal(state: PodState, { effect, result }: Answered<'kill'>, nowMs: number): void {
  if (!result.ok && !outcomeUnknown(result.error))
    engineIsAway(state, nowMs, problemText(result.error), nowMs);
  const next = (stop: Stop, graceMs: number): Stop => {
    if (effect.signal === 'SIGKILL') return result.ok ? stop : { ...stop, killSentAtMs: undefined };
    if (stop.term !== 'sent') return stop;
    return result.ok
      ? { ...stop, term: 'taken', deadlineMs: Math.max(stop.deadlineMs, nowMs + graceMs) }
      : { ...stop, term: 'due' };
  };
  for (const leftover of state.leftovers) {
    if (leftover.id === effect.id && leftover.stop) leftover.stop = next(leftover.stop, leftover.graceMs);
  }
  for (const generation of generationsOf(state)) {
    for (const slot of generation.containers) {
      if (slot.phase.at !== 'running' || slot.phase.id !== effect.id || !slot.phase.stop) continue;
      slot.phase = { ...slot.phase, stop: next(slot.phase.stop, graceMsOf(generation.staticPod)) };
    }
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
  leftover.failures += 1;
  leftover.retryAtMs = nowMs + engineRetryDelayMs(leftover.failures);
}
