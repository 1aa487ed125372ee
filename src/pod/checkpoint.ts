// A Pod's state <-> the text of its checkpoint. Pure. What was under way when monopod died is taken back to the step
// before it: the list that every actor begins with shows how far it came.
import type { PodStatus } from '../kubernetes/pod.ts';
import {
  type ContainerPhase,
  type Generation,
  newPodState,
  type PodState,
  type SandboxPhase,
  type Stop,
} from './state.ts';

const version = 1;

type Checkpoint = {
  version: number;
  state: Pick<PodState, 'key' | 'current' | 'next' | 'leftovers' | 'cleanups' | 'nextSerial'>;
  /** For what only we know of it: when each condition last changed. */
  conditions: PodStatus['conditions'];
};

export function checkpointText(state: PodState, conditions: PodStatus['conditions']): string {
  const { key, current, next, leftovers, cleanups, nextSerial } = state;
  const checkpoint: Checkpoint = {
    version,
    state: { key, current, next, leftovers, cleanups, nextSerial },
    conditions,
  };
  return JSON.stringify(checkpoint);
}

/** Undefined for a checkpoint that is damaged or of another version: the labels on the engine have to do then. */
export function restore(text: string): { state: PodState; conditions: PodStatus['conditions'] } | undefined {
  try {
    const checkpoint: Checkpoint = JSON.parse(text);
    if (checkpoint?.version !== version || typeof checkpoint.state?.key !== 'string') return undefined;
    return restored(checkpoint);
  } catch {
    // Not JSON, or not of our shape.
    return undefined;
  }
}

function restored({ state, conditions }: Checkpoint): {
  state: PodState;
  conditions: PodStatus['conditions'];
} {
  return {
    conditions,
    state: {
      ...newPodState(state.key, { want: 'undecided' }),
      ...state,
      ...(state.current && { current: settled(state.current) }),
      ...(state.next && { next: settled(state.next) }),
      leftovers: state.leftovers.map((leftover) => ({
        ...leftover,
        removal: undefined,
        retryAtMs: 0,
        ...(leftover.stop && { stop: unanswered(leftover.stop) }),
      })),
      cleanups: state.cleanups.map((cleanup) => ({ ...cleanup, call: undefined, retryAtMs: 0 })),
    },
  };
}

function settled(generation: Generation): Generation {
  return {
    ...generation,
    // Directories are prepared again: it costs nothing, and they may have been lost with a reboot.
    host: { at: 'unprepared' },
    infraImage: { at: 'unasked' },
    sandbox: settledSandbox(generation.sandbox),
    containers: generation.containers.map((slot) => ({
      ...slot,
      image: { at: 'unasked' },
      phase: settledContainer(slot.phase),
    })),
  };
}

function settledSandbox(sandbox: SandboxPhase): SandboxPhase {
  if (sandbox.at === 'creating') return { at: 'none' };
  return sandbox.at === 'starting' ? { at: 'created', id: sandbox.id } : sandbox;
}

function settledContainer(phase: ContainerPhase): ContainerPhase {
  if (phase.at === 'creating') return { at: 'waiting' };
  if (phase.at === 'starting') return { at: 'created', id: phase.id };
  // A signal whose answer was not seen is sent again: SIGTERM twice is SIGTERM.
  return phase.at === 'running' && phase.stop ? { ...phase, stop: unanswered(phase.stop) } : phase;
}

const unanswered = (stop: Stop): Stop => ({
  ...stop,
  term: stop.term === 'taken' ? 'taken' : 'due',
  killSentAtMs: undefined,
});
