// Compares a list without detail, as the engine sends it once a minute and after an outage, with what is known. Pure.
import type { ContainerObservation } from '../engine/engine.ts';
import { containerId, deadOf, generationsOf, type PodState, sandboxId } from './state.ts';

/** A list without detail disagrees with what is known: a container is missing, unknown, or in a later state. */
export function differs(
  state: PodState,
  listed: { id: string; state: ContainerObservation['state'] }[],
): boolean {
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
    generationsOf(state).flatMap(({ containers }) =>
      containers.flatMap((slot) => deadOf(slot).map(({ id }) => id)),
    ),
  );
  for (const [id, expected] of known) {
    const actual = seen.get(id);
    if (actual === undefined && expected === 'running') return true;
    if (actual !== undefined && expected !== 'any' && actual !== expected) return true;
  }
  return listed.some(({ id, state: actual }) => !known.has(id) && !(lastIds.has(id) && actual === 'exited'));
}
