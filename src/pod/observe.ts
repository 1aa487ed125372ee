// What the engine shows -> the phases of slots. Handles one observation, one disappearance, or everything at once
// (adoption at the start, and after an outage). An older state of the same container never undoes a later one.
import type { ContainerObservation } from '../engine/engine.ts';
import { LABEL } from '../engine/labels.ts';
import type { Failure } from '../errors.ts';
import { moveContainer, moveSandbox } from './edges.ts';
import { becomesLast, leaveBehind } from './leave-behind.ts';
import { restarts } from './restart-policy.ts';
import {
  type ContainerSlot,
  containerId,
  deadOf,
  type Exit,
  type Generation,
  generationsOf,
  type PodState,
  sandboxId,
} from './state.ts';

/** Kubernetes' reasons for an end (kuberuntime toKubeContainerStatus; dockershim for what never ran). */
function exitOf(seen: ContainerObservation, nowMs: number): Exit {
  const exitCode = seen.exitCode ?? 0;
  const neverRan = seen.startedAtMs === undefined;
  const reason = seen.oomKilled
    ? 'OOMKilled'
    : neverRan
      ? neverRanReason(exitCode)
      : exitCode === 0
        ? 'Completed'
        : 'Error';
  const finishedAtMs = seen.finishedAtMs ?? nowMs;
  return {
    id: seen.id,
    exitCode,
    reason,
    message: seen.error,
    startedAtMs: seen.startedAtMs ?? finishedAtMs,
    finishedAtMs,
    withEngine: false,
  };
}

/**
 * Its program could not be run (126, 127: dockershim's ContainerCannotRun), or the runtime could not even try
 * (containerd's StartError).
 */
const neverRanReason = (exitCode: number) =>
  exitCode === 126 || exitCode === 127 ? 'ContainerCannotRun' : 'StartError';

/** The engine's own exit codes for what it could not start, by the words of runc that it hands on (as moby has them). */
function startExitCode(words: string): number {
  if (/permission denied|exec format error/i.test(words)) return 126;
  return /not found|no such file or directory/i.test(words) ? 127 : 128;
}

/** A container that could not be started ends at once. */
export function startFailure(id: string, error: Failure, nowMs: number): Exit {
  const exitCode = startExitCode(`${error.message} ${error.cause}`);
  return {
    id,
    exitCode,
    reason: neverRanReason(exitCode),
    message: error.cause ?? error.message,
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    withEngine: false,
  };
}

/** Gone without a trace of how: the kubelet's ContainerStatusUnknown with 137. */
const lost = (id: string, startedAtMs: number, nowMs: number): Exit => ({
  id,
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the Pod was looked at: it was removed by someone else',
  startedAtMs,
  finishedAtMs: nowMs,
  withEngine: false,
});

export function observe(state: PodState, seen: ContainerObservation, nowMs: number): void {
  const leftover = state.leftovers.find(({ id }) => id === seen.id);
  if (leftover) {
    leftover.ended ||= seen.state === 'exited';
    leftover.running = seen.state === 'running' && !leftover.ended;
    return;
  }
  for (const generation of generationsOf(state)) {
    if (sandboxId(generation.sandbox) === seen.id) return observeSandbox(generation, seen);
    const slot = generation.containers.find((candidate) => containerId(candidate) === seen.id);
    if (slot) return observeContainer(slot, seen, nowMs);
    const isDead = generation.containers.some((slot) => deadOf(slot).some(({ id }) => id === seen.id));
    if (isDead && seen.state === 'exited') return;
  }
  // It may be the answer to a create that is still under way.
  if (Object.values(state.calls).some(({ type }) => type.startsWith('create-'))) return;
  leaveBehindStray(state, seen);
}

function observeSandbox(generation: Generation, seen: ContainerObservation): void {
  const { at } = generation.sandbox;
  if (seen.state === 'running') {
    generation.ips = seen.ips.length > 0 ? seen.ips : generation.ips;
    if (at === 'created' || at === 'starting') {
      moveSandbox(generation, { at: 'ready', id: seen.id, ips: seen.ips });
      generation.sandboxProblem = undefined;
    }
  } else if (seen.state === 'exited' && at !== 'dead') moveSandbox(generation, { at: 'dead', id: seen.id });
}

function observeContainer(slot: ContainerSlot, seen: ContainerObservation, nowMs: number): void {
  const { phase } = slot;
  slot.imageId = seen.imageId || slot.imageId;
  slot.logPath = seen.logPath ?? slot.logPath;
  slot.readOnlyRecursively = seen.readOnlyRecursively ?? slot.readOnlyRecursively;
  slot.stopSignal = slot.spec.lifecycle?.stopSignal ?? seen.stopSignal;
  if (seen.state === 'running') {
    const again = phase.at === 'exited' && (seen.startedAtMs ?? 0) > phase.exit.finishedAtMs;
    if (phase.at === 'created' || phase.at === 'starting' || again) {
      const { id, startedAtMs = nowMs } = seen;
      const postStart = { at: slot.spec.lifecycle?.postStart ? 'due' : 'done' } as const;
      moveContainer(slot, { at: 'running', id, startedAtMs, postStart });
      slot.problem = undefined;
    }
  } else if (seen.state === 'exited' && phase.at !== 'exited') {
    const stoppedFor = phase.at === 'running' ? phase.stop?.why : undefined;
    const exit = { ...exitOf(seen, nowMs), ...(stoppedFor && { stoppedFor }) };
    moveContainer(slot, { at: 'exited', id: seen.id, exit });
  } else if (phase.at === 'exited' && seen.oomKilled && phase.exit.reason === 'Error') {
    // The kernel's word on it may be heard after its end.
    slot.phase = { ...phase, exit: { ...phase.exit, reason: 'OOMKilled' } };
  }
}

/** The engine has no such container any more. */
export function forget(state: PodState, id: string, nowMs: number): void {
  state.leftovers = state.leftovers.filter((leftover) => leftover.id !== id);
  for (const generation of generationsOf(state)) {
    if (sandboxId(generation.sandbox) === id && generation.sandbox.at !== 'dead')
      moveSandbox(generation, { at: 'dead', id });
    for (const slot of generation.containers)
      if (deadOf(slot).some((dead) => dead.id === id))
        slot.dead = deadOf(slot).filter((dead) => dead.id !== id);
    const slot = generation.containers.find((candidate) => containerId(candidate) === id);
    if (!slot) continue;
    const { phase } = slot;
    if (phase.at === 'running')
      moveContainer(slot, { at: 'exited', id, exit: lost(id, phase.startedAtMs, nowMs) });
    else if (phase.at === 'created' || phase.at === 'starting') moveContainer(slot, { at: 'waiting' });
  }
}

/** Brings everything that is known into line with everything the engine has of this Pod. */
export function reconcile(state: PodState, all: ContainerObservation[], nowMs: number): void {
  const seen = new Map(all.map((observation) => [observation.id, observation]));
  const known = new Set<string>(state.leftovers.map(({ id }) => id));
  for (const generation of generationsOf(state)) {
    const ids = [
      sandboxId(generation.sandbox),
      ...generation.containers.flatMap((slot) => [containerId(slot), ...deadOf(slot).map(({ id }) => id)]),
    ];
    for (const id of ids) if (id !== undefined) known.add(id);
  }
  const wasReady = new Set(generationsOf(state).filter(({ sandbox }) => sandbox.at === 'ready'));
  const wasRunning = new Set(
    generationsOf(state).flatMap(({ containers }) => containers.filter(({ phase }) => phase.at !== 'exited')),
  );
  for (const id of known) {
    const observation = seen.get(id);
    if (observation) observe(state, observation, nowMs);
    else forget(state, id, nowMs);
  }
  if (state.outageSinceMs !== undefined) {
    for (const generation of wasReady)
      if (generation.sandbox.at === 'dead') excuse(generation, wasRunning, state.outageSinceMs);
  }
  const unknown = all.filter(({ id }) => !known.has(id)).sort((a, b) => b.attempt - a.attempt);
  for (const observation of unknown.filter(({ kind }) => kind === 'sandbox'))
    adoptSandbox(state, observation);
  for (const observation of unknown.filter(({ kind }) => kind === 'container'))
    adoptContainer(state, observation, nowMs);
  for (const generation of generationsOf(state)) believeInitialized(generation, nowMs);
}

/**
 * A main container runs, so every init container has ended well, even one of which nothing is left to show it
 * (kuberuntime HasAnyRegularContainerStarted): it must not run again.
 */
function believeInitialized(generation: Generation, nowMs: number): void {
  const { containers } = generation;
  if (!containers.some(({ init, phase }) => !init && phase.at === 'running')) return;
  generation.initialized = true;
  for (const slot of containers) {
    if (!slot.init || slot.sidecar || slot.phase.at !== 'waiting') continue;
    const exit = {
      ...lost('', nowMs, nowMs),
      exitCode: 0,
      reason: 'Completed',
      message: '',
      messageAsked: true,
    };
    moveContainer(slot, { at: 'exited', id: '', exit });
  }
}

/** An engine that goes down may first have reported the ends it caused, this long before it was missed. */
const engineStopMsMax = 20_000;

/** The whole Pod died while the engine was away: not its containers' doing. */
function excuse(generation: Generation, wasRunning: Set<ContainerSlot>, outageSinceMs: number): void {
  for (const slot of generation.containers) {
    const { phase } = slot;
    if (phase.at !== 'exited') continue;
    if (wasRunning.has(slot) || phase.exit.finishedAtMs >= outageSinceMs - engineStopMsMax) {
      slot.phase = { ...phase, exit: { ...phase.exit, withEngine: true } };
    }
  }
}

const generationOf = (state: PodState, { identity }: ContainerObservation) =>
  generationsOf(state).find(
    ({ staticPod, stage }) => staticPod.uid === identity.uid && stage !== 'terminating',
  ) ?? generationsOf(state).find(({ staticPod }) => staticPod.uid === identity.uid);

function adoptSandbox(state: PodState, seen: ContainerObservation): void {
  const generation = generationOf(state, seen);
  if (
    !generation ||
    (generation.sandbox.at !== 'none' && generation.sandbox.at !== 'creating') ||
    generation.stage === 'finished'
  ) {
    return leaveBehindStray(state, seen);
  }
  generation.nextSandboxAttempt = Math.max(generation.nextSandboxAttempt, seen.attempt + 1);
  // With its checkpoint lost this is the nearest there is to when the Pod began: its deadline counts from there.
  if (generation.stage === 'preparing')
    generation.acceptedAtMs = Math.min(generation.acceptedAtMs, seen.createdAtMs);
  moveSandbox(generation, { at: 'created', id: seen.id });
  observeSandbox(generation, seen);
}

/** Called with the latest attempt of each container first. */
function adoptContainer(state: PodState, seen: ContainerObservation, nowMs: number): void {
  const generation = generationOf(state, seen);
  const slot = generation?.containers.find(({ name }) => name === seen.name);
  if (!generation || !slot) return leaveBehindStray(state, seen);
  const sandbox = sandboxId(generation.sandbox);
  const inOwnSandbox =
    sandbox === seen.labels[LABEL.sandboxId] ||
    // Of a Pod that has ended only the containers are left.
    (sandbox === undefined &&
      seen.state === 'exited' &&
      (!slot.init || endedIt(generation, slot, seen, nowMs)));
  const free = slot.phase.at === 'waiting' || slot.phase.at === 'creating';
  // Made after the checkpoint was written: what that knew of has been followed by this.
  const later = slot.phase.at === 'exited' && seen.attempt >= slot.nextAttempt;
  if (inOwnSandbox && (later || (free && seen.attempt >= slot.nextAttempt - 1))) {
    if (slot.phase.at === 'exited') {
      becomesLast(slot, slot.phase.exit);
      moveContainer(slot, { at: 'waiting' });
    }
    slot.nextAttempt = Math.max(slot.nextAttempt, seen.attempt + 1);
    slot.restartCount = seen.restartCount;
    slot.image = { at: 'unasked' };
    moveContainer(slot, { at: 'created', id: seen.id });
    observeContainer(slot, seen, nowMs);
    // Whatever its postStart came to, it was in another life.
    if (slot.phase.at === 'running') slot.phase = { ...slot.phase, postStart: { at: 'done' } };
    return;
  }
  slot.nextAttempt = Math.max(slot.nextAttempt, seen.attempt + 1);
  if (seen.state === 'exited' && seen.startedAtMs !== undefined) {
    slot.dead = [...deadOf(slot), { id: seen.id, startedAtMs: seen.startedAtMs }];
    slot.last ??= exitOf(seen, nowMs);
    return;
  }
  leaveBehindStray(state, seen);
}

/** An init container that has failed for good has ended its Pod. */
function endedIt(
  generation: Generation,
  slot: ContainerSlot,
  seen: ContainerObservation,
  nowMs: number,
): boolean {
  const exit = exitOf(seen, nowMs);
  return exit.exitCode !== 0 && !restarts(generation, slot, exit);
}

/** Ours by its labels, but nothing that is known has a place for it. */
function leaveBehindStray(state: PodState, seen: ContainerObservation): void {
  const generation = generationOf(state, seen);
  leaveBehind(state, generation, {
    id: seen.id,
    sandbox: seen.kind === 'sandbox',
    running: seen.state === 'running',
    stopSignal: seen.stopSignal,
  });
  const leftover = state.leftovers.at(-1);
  const graceSeconds = Number(seen.labels[LABEL.gracePeriod]);
  if (!generation && leftover?.id === seen.id) {
    leftover.uid = seen.identity.uid;
    if (Number.isFinite(graceSeconds)) leftover.graceMs = Math.max(2, graceSeconds) * 1000;
    const { uid, name, namespace } = seen.identity;
    if (!state.cleanups.some((cleanup) => cleanup.uid === uid))
      state.cleanups.push({ uid, name, namespace, retryAtMs: 0, failures: 0 });
  }
}
