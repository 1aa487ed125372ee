// What a generation leaves behind on the engine and on the host: who marks it, and the plan that gets rid of it.
// Containers stop gracefully, sandboxes go after the containers of their Pod, directories after both.
import { moveContainer } from './edges.ts';
import type { Planning } from './planning.ts';
import {
  type ContainerSlot,
  containerId,
  type Generation,
  graceMsOf,
  type Leftover,
  type PodState,
  type Stop,
  sandboxId,
} from './state.ts';

/** How long SIGKILL is given to show before it is sent again. */
const killAgainMs = 10_000;

const yieldMsMax = 3_000;

export const hostPortsOf = ({ staticPod }: Generation): boolean =>
  [...(staticPod.pod.spec?.containers ?? []), ...(staticPod.pod.spec?.initContainers ?? [])].some(
    ({ ports }) => ports?.some(({ hostPort }) => hostPort !== undefined && hostPort > 0),
  );

type Left = { id: string; sandbox: boolean; running: boolean; stopSignal?: string; stop?: Stop };

export function leaveBehind(state: PodState, generation: Generation | undefined, left: Left): void {
  // An init container that is believed to have ended may have nothing on the engine.
  if (left.id === '' || state.leftovers.some(({ id }) => id === left.id)) return;
  state.leftovers.push({
    stopSignal: 'SIGTERM',
    ...left,
    uid: generation?.staticPod.uid ?? '',
    holdsHostPorts: left.sandbox && (generation === undefined || hostPortsOf(generation)),
    ended: false,
    graceMs: generation ? graceMsOf(generation.staticPod) : 30_000,
    retryAtMs: 0,
    failures: 0,
  });
}

/** A container that was created and will not be started. */
export function discardContainer(state: PodState, generation: Generation, slot: ContainerSlot): void {
  const id = containerId(slot);
  if (id !== undefined) leaveBehind(state, generation, { id, sandbox: false, running: false });
  moveContainer(slot, { at: 'waiting' });
}

/** The end of a generation: all it has becomes leftovers, its directories are due for cleaning. Nothing of it may run. */
export function retire(state: PodState, generation: Generation, nowMs: number): void {
  const sandbox = sandboxId(generation.sandbox);
  if (sandbox !== undefined)
    leaveBehind(state, generation, {
      id: sandbox,
      sandbox: true,
      running: generation.sandbox.at === 'ready',
    });
  for (const slot of generation.containers) {
    const { phase, stopSignal, last } = slot;
    const id = containerId(slot);
    // Nothing of it runs, unless it was adopted while another was to stop first.
    if (id !== undefined)
      leaveBehind(state, generation, { id, sandbox: false, running: phase.at === 'running', stopSignal });
    if (last) leaveBehind(state, generation, { id: last.id, sandbox: false, running: false });
  }
  const { name = '', namespace = '' } = generation.staticPod.pod.metadata ?? {};
  const { uid } = generation.staticPod;
  if (!state.cleanups.some((cleanup) => cleanup.uid === uid)) {
    state.cleanups.push({ uid, name, namespace, retryAtMs: nowMs, failures: 0 });
  }
}

/** The graceful stop of one container, by our own clock: the stop signal now, SIGKILL at the deadline. */
function stopStep(
  planning: Planning,
  serial: number,
  name: string,
  what: { id: string; stopSignal: string },
  stop: Stop | undefined,
  deadlineMs: number,
): Stop {
  const now: Stop = stop ?? { deadlineMs, term: 'due' };
  const kill = (signal: string) =>
    planning.issue({ type: 'kill', serial, id: what.id, signal, container: name });
  if (now.term === 'due') {
    kill(what.stopSignal);
    return { ...now, term: 'sent' };
  }
  if (now.term === 'sent' || !planning.isDue(now.deadlineMs)) return now;
  if (now.killSentAtMs !== undefined && !planning.isDue(now.killSentAtMs + killAgainMs)) return now;
  kill('SIGKILL');
  planning.isDue(planning.nowMs + killAgainMs);
  return { ...now, killSentAtMs: planning.nowMs };
}

/** Stops all containers of a generation at once; true when none of it runs, or is about to, any more. */
export function stopContainers(planning: Planning, generation: Generation, deadlineMs: number): boolean {
  for (const slot of generation.containers) {
    if (slot.phase.at === 'created') discardContainer(planning.state, generation, slot);
    if (slot.phase.at !== 'running') continue;
    const { id, stop } = slot.phase;
    const what = { id, stopSignal: slot.stopSignal };
    slot.phase = {
      ...slot.phase,
      stop: stopStep(planning, generation.serial, slot.name, what, stop, deadlineMs),
    };
  }
  return generation.containers.every(({ phase }) => phase.at === 'waiting' || phase.at === 'exited');
}

export function planLeftovers(planning: Planning): void {
  const { state } = planning;
  for (const leftover of state.leftovers) {
    leftover.sinceMs ??= planning.nowMs;
    if (leftover.running && !leftover.sandbox) {
      leftover.stop = stopStep(planning, 0, '', leftover, leftover.stop, planning.nowMs + leftover.graceMs);
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
