// When which probe runs, and what its results lead to (prober worker): a probe is due, a container that fails its
// startup or liveness probe is stopped. One probe of a kind is under way at a time; a hanging one delays only itself.
import type { Planning } from './planning.ts';
import { hasStarted, isSetUp } from './started.ts';
import {
  type ContainerSlot,
  type Generation,
  PROBE_KINDS,
  type ProbeKind,
  type ProbeState,
  type StopReason,
} from './state.ts';
import { graceMsFor, stopSlot } from './stopping.ts';

export function planProbes(planning: Planning, generation: Generation): void {
  for (const slot of generation.containers) {
    if (!isSetUp(slot)) continue;
    for (const kind of PROBE_KINDS) {
      if (!probeOf(slot, kind)) continue;
      planProbe(planning, generation, slot, kind);
      failedProbe(planning, generation, slot, kind);
    }
  }
}

export const probeOf = ({ spec }: ContainerSlot, kind: ProbeKind) => spec[`${kind}Probe`];

type Running = Extract<ContainerSlot['phase'], { at: 'running' }>;

function planProbe(planning: Planning, generation: Generation, slot: ContainerSlot, kind: ProbeKind): void {
  const phase = slot.phase as Running;
  const before = slot.probes[kind];
  const state: ProbeState = before?.id === phase.id ? before : newProbe(phase.id, kind);
  slot.probes[kind] = state;
  if (state.call !== undefined || !isWanted(generation, slot, kind, state)) return;
  const nextAtMs = state.nextAtMs ?? firstAtMs(planning, generation, slot, kind);
  if (!planning.isDue(nextAtMs)) {
    slot.probes[kind] = { ...state, nextAtMs };
    return;
  }
  const call = planning.issue({
    type: 'probe',
    serial: generation.serial,
    container: slot.name,
    id: phase.id,
    kind,
  });
  slot.probes[kind] = { ...state, call, nextAtMs: planning.nowMs + periodMsOf(slot, kind) };
}

const initialResult = { startup: 'unknown', liveness: 'success', readiness: 'failure' } as const;

const newProbe = (id: string, kind: ProbeKind): ProbeState => ({
  id,
  result: initialResult[kind],
  inRow: 0,
  message: '',
});

/** Startup until it has succeeded, the others from then on; liveness and startup not while the container stops. */
function isWanted(generation: Generation, slot: ContainerSlot, kind: ProbeKind, state: ProbeState): boolean {
  if (kind === 'readiness') return hasStarted(slot);
  // Once failed it is on hold until there is a new container.
  if (generation.stage !== 'active' || (slot.phase as Running).stop || state.result === 'failure')
    return false;
  return kind === 'startup' ? state.result !== 'success' : hasStarted(slot);
}

const periodMsOf = (slot: ContainerSlot, kind: ProbeKind) =>
  Math.max(1, probeOf(slot, kind)?.periodSeconds ?? 10) * 1000;

/**
 * Readiness is asked for at once. Startup within a second, liveness after a period: earlier would only count failures
 * of a container that has had no time. All from the end of initialDelaySeconds; of containers that had started before
 * this monopod, spread over a period, lest they all be asked at once.
 */
function firstAtMs(
  { state, nowMs }: Planning,
  { containers }: Generation,
  slot: ContainerSlot,
  kind: ProbeKind,
): number {
  const { startedAtMs } = slot.phase as Running;
  const periodMs = periodMsOf(slot, kind);
  const delayedMs = startedAtMs + (probeOf(slot, kind)?.initialDelaySeconds ?? 0) * 1000;
  const justStarted = startedAtMs >= state.bornMs || slot.probes.startup?.last === 'success';
  if (!justStarted) {
    // The golden ratio spreads any number of containers; a container's own probes are a third of the period apart.
    const place = containers.indexOf(slot) * 0.618 + PROBE_KINDS.indexOf(kind) / PROBE_KINDS.length;
    return Math.max(delayedMs, nowMs + ((state.lot + place) % 1) * periodMs);
  }
  if (kind === 'readiness') return Math.max(delayedMs, nowMs);
  if (kind === 'startup') return delayedMs + Math.min(1000, periodMs);
  const missed = Math.max(0, Math.ceil((nowMs - delayedMs - periodMs) / periodMs));
  return delayedMs + (1 + missed) * periodMs;
}

/** kuberuntime computePodActions: it is killed, and starts again by the Pod's policy. */
function failedProbe(
  { nowMs }: Planning,
  generation: Generation,
  slot: ContainerSlot,
  kind: ProbeKind,
): void {
  if (kind === 'readiness' || slot.probes[kind]?.result !== 'failure') return;
  if (generation.stage !== 'active' || (slot.phase as Running).stop) return;
  const why: StopReason = kind;
  stopSlot(slot, why, graceMsFor(generation, slot, why), nowMs);
}
