// Second half of a transition: all that is known -> what to do now. Level-triggered and idempotent: made anew after
// every event, it issues what is missing and is not yet under way. The order of the numbered steps is the Pod's life.
import { moveSandbox, moveStage } from './edges.ts';
import { discardContainer, leaveBehind, retire } from './leave-behind.ts';
import { planLeftovers } from './leftovers.ts';
import { planContainers } from './plan-containers.ts';
import { planDead } from './plan-dead.ts';
import { planMessages } from './plan-messages.ts';
import { planProbes } from './plan-probes.ts';
import { planRestartAll } from './plan-restart-all.ts';
import { planSandbox } from './plan-sandbox.ts';
import type { Planning } from './planning.ts';
import { hasEnded } from './restart-policy.ts';
import {
  type Generation,
  generationsOf,
  graceMsOf,
  newGeneration,
  type PodState,
  sandboxId,
} from './state.ts';
import { planStops, stopContainers } from './stopping.ts';

export function plan(planning: Planning): void {
  const { state } = planning;
  // 1. Know what the engine has. While it does not answer nothing else is of use.
  if (!knowTheEngine(planning)) return;
  // 2. Begin to stop what is no longer wanted.
  stopUnwanted(planning);
  // 3. Go on with the stops that are under way; take leave of what has stopped.
  if (state.current?.stage === 'terminating') planTermination(planning, state.current);
  // 4. Make the wanted generation, as the current one as soon as nothing of another runs.
  makeWanted(planning);
  // 5. Bring each generation forward.
  for (const generation of [state.current, state.next]) if (generation) planGeneration(planning, generation);
  // 6. Clear away.
  for (const generation of generationsOf(state)) planDead(planning, generation);
  planLeftovers(planning);
}

function knowTheEngine(planning: Planning): boolean {
  const { state } = planning;
  if (state.list.at === 'known') return true;
  // Knowing neither manifest nor checkpoint, all that the engine has would look like a leftover.
  if (state.desired.want === 'undecided' && generationsOf(state).length + state.leftovers.length === 0)
    return false;
  if (state.list.at === 'due' && (state.engine.available || planning.isDue(state.engine.retryAtMs))) {
    state.list = { at: 'asked', call: planning.issue({ type: 'list', serial: 0 }) };
  }
  return false;
}

const wantedUid = ({ desired }: PodState) => (desired.want === 'run' ? desired.staticPod.uid : undefined);

function stopUnwanted({ state, nowMs }: Planning): void {
  if (state.desired.want === 'undecided') return;
  const uid = wantedUid(state);
  const { current, next } = state;
  if (next && next.staticPod.uid !== uid) {
    dropPrepared(state, next, nowMs);
    state.next = undefined;
  }
  if (current && current.stage !== 'terminating' && current.staticPod.uid !== uid) {
    moveStage(current, 'terminating');
    const graceMs = graceMsOf(current.staticPod);
    current.termination = { sinceMs: nowMs, deadlineMs: nowMs + graceMs, graceMs };
  }
}

/** Nothing of it ran: its sandbox and containers only have to be removed. */
function dropPrepared(state: PodState, next: Generation, nowMs: number): void {
  for (const slot of next.containers) if (slot.phase.at === 'created') discardContainer(state, next, slot);
  retire(state, next, nowMs);
}

function planTermination(planning: Planning, current: Generation): void {
  const { state } = planning;
  // Probes of readiness go on: who asks the containers directly must hear of it from them.
  planProbes(planning, current);
  const graceMs = current.termination?.graceMs ?? 0;
  const stopped = stopContainers(planning, current, 'termination', graceMs);
  if (!stopped || current.sandbox.at === 'creating' || current.sandbox.at === 'starting') return;
  retire(state, current, planning.nowMs);
  state.stopped = current;
  state.current = undefined;
}

function makeWanted({ state, nowMs }: Planning): void {
  if (state.desired.want !== 'run') return;
  const { staticPod } = state.desired;
  const stillRuns =
    state.current !== undefined || state.leftovers.some(({ running, sandbox }) => running && !sandbox);
  if (state.current && state.current.staticPod.uid === staticPod.uid) {
    // The same UID comes back while it stops: its names and directories are taken until it has gone.
    return;
  }
  state.next ??= newGeneration(state.nextSerial++, staticPod, 'preparing', nowMs);
  if (stillRuns) return;
  moveStage(state.next, 'active');
  if (!hasRun(state.next)) state.next.acceptedAtMs = nowMs;
  state.current = state.next;
  state.next = undefined;
}

/** One that is only prepared has not: it was adopted, its checkpoint being lost. */
const hasRun = ({ containers }: Generation) =>
  containers.some(({ phase, last }) => phase.at === 'running' || phase.at === 'exited' || last);

function planGeneration(planning: Planning, generation: Generation): void {
  if (generation.stage === 'terminating') return;
  planMessages(planning, generation);
  if (generation.stage === 'active') complete(planning, generation);
  if (generation.stage === 'completing') finish(planning, generation);
  if (generation.stage === 'completing' || generation.stage === 'finished') return;
  if (planRestartAll(planning, generation)) return;
  planHost(planning, generation);
  planSandbox(planning, generation);
  planContainers(planning, generation);
  planProbes(planning, generation);
  planStops(planning, generation);
}

/** Its main containers have ended for good, or its time is over (kubelet activeDeadlineHandler). */
function complete(planning: Planning, generation: Generation): void {
  const seconds = generation.staticPod.pod.spec?.activeDeadlineSeconds;
  if (seconds !== undefined && planning.isDue(generation.acceptedAtMs + seconds * 1000)) {
    generation.failed = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
  }
  // Containers that stop because all start over have not ended for good, whatever their own policy.
  const over = generation.restartingAll === undefined && hasEnded(generation);
  if (generation.failed || over) moveStage(generation, 'completing');
}

/** Succeeded or Failed: the containers stay for their status and logs, the sandbox gives back what it holds. */
function finish(planning: Planning, generation: Generation): void {
  const { state } = planning;
  planProbes(planning, generation);
  const stopped = stopContainers(planning, generation, 'completion', graceMsOf(generation.staticPod));
  if (!stopped || generation.sandbox.at === 'creating' || generation.sandbox.at === 'starting') return;
  moveStage(generation, 'finished');
  const id = sandboxId(generation.sandbox);
  if (id === undefined) return;
  leaveBehind(state, generation, { id, sandbox: true, running: generation.sandbox.at === 'ready' });
  moveSandbox(generation, { at: 'none' });
}

function planHost(planning: Planning, generation: Generation): void {
  const { state } = planning;
  if (generation.host.at !== 'unprepared') return;
  const { uid } = generation.staticPod;
  const before = state.cleanups.find((cleanup) => cleanup.uid === uid);
  // The same UID had these directories before; if they cannot be cleaned, that must not stop it from coming back.
  if (before && (before.call !== undefined || before.failures === 0)) return;
  if (before) state.cleanups = state.cleanups.filter((cleanup) => cleanup !== before);
  if (generation.hostProblem && !planning.isDue(generation.hostProblem.retryAtMs)) return;
  generation.host = {
    at: 'preparing',
    call: planning.issue({ type: 'prepare-host', serial: generation.serial }),
  };
}
