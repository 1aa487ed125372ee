// What a generation leaves behind on the engine and on the host: marked here, got rid of in leftovers.ts.
import { moveContainer } from './edges.ts';
import {
  type ContainerSlot,
  containerId,
  deadOf,
  type Exit,
  type Generation,
  graceMsOf,
  type PodState,
  sandboxId,
} from './state.ts';

export const hostPortsOf = ({ staticPod }: Generation): boolean =>
  [...(staticPod.pod.spec?.containers ?? []), ...(staticPod.pod.spec?.initContainers ?? [])].some(
    ({ ports }) => ports?.some(({ hostPort }) => hostPort !== undefined && hostPort > 0),
  );

type Left = { id: string; sandbox: boolean; running: boolean; stopSignal?: string };

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

/** The attempt that has ended becomes the one before; what is of no use any more by that goes in plan-dead.ts. */
export function becomesLast(slot: ContainerSlot, exit: Exit): void {
  const { id, startedAtMs } = exit;
  slot.dead = [...(id === '' ? [] : [{ id, startedAtMs }]), ...deadOf(slot)];
  slot.last = exit;
}

/** A container that has ended starts over with its Pod; `shownAs` where its end is shown as another one. */
export function startsOver(slot: ContainerSlot, shownAs: Partial<Exit> = {}): void {
  if (slot.phase.at !== 'exited') return;
  becomesLast(slot, { ...slot.phase.exit, ...shownAs });
  slot.image = { at: 'unasked' };
  moveContainer(slot, { at: 'waiting' });
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
    const { phase, stopSignal } = slot;
    const id = containerId(slot);
    // Nothing of it runs, unless it was adopted while another was to stop first.
    if (id !== undefined)
      leaveBehind(state, generation, { id, sandbox: false, running: phase.at === 'running', stopSignal });
    for (const dead of deadOf(slot))
      leaveBehind(state, generation, { id: dead.id, sandbox: false, running: false });
  }
  const { name = '', namespace = '' } = generation.staticPod.pod.metadata ?? {};
  const { uid } = generation.staticPod;
  if (!state.cleanups.some((cleanup) => cleanup.uid === uid)) {
    state.cleanups.push({ uid, name, namespace, retryAtMs: nowMs, failures: 0 });
  }
}
