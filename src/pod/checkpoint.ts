// A Pod's state <-> the text of its checkpoint. Pure. What was under way when monopod died is taken back to the step
// before it: the list that every actor begins with shows how far it came.
import type { PodStatus } from '../kubernetes/pod.ts';
import {
  type ContainerPhase,
  type Generation,
  type ImagePhase,
  newPodState,
  type PodState,
  type PostStart,
  type SandboxPhase,
  type Stop,
} from './state.ts';

const version = 2;

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
    state: {
      key,
      ...(current && { current: lasting(current) }),
      ...(next && { next: lasting(next) }),
      leftovers,
      cleanups,
      nextSerial,
    },
    conditions,
  };
  return JSON.stringify(checkpoint);
}

/** Of probes only what holds, and of pulls not how far they are, so that a checkpoint is not written anew with each of them. */
const lasting = (generation: Generation): Generation => ({
  ...generation,
  infraImage: withoutProgress(generation.infraImage),
  containers: generation.containers.map((slot) => ({
    ...slot,
    image: withoutProgress(slot.image),
    probes: Object.fromEntries(
      Object.entries(slot.probes).map(([kind, { id, result }]) => [
        kind,
        { id, result, inRow: 0, message: '' },
      ]),
    ),
  })),
});

const withoutProgress = (image: ImagePhase): ImagePhase =>
  image.at === 'pulling' ? { at: 'pulling', call: image.call } : image;

/** Undefined for a checkpoint that is damaged or of another version: the labels on the engine have to do then. */
export function restore(
  text: string,
  bornMs = 0,
  lot = 0,
): { state: PodState; conditions: PodStatus['conditions'] } | undefined {
  try {
    const checkpoint: Checkpoint = JSON.parse(text);
    if (checkpoint?.version !== version || typeof checkpoint.state?.key !== 'string') return undefined;
    return restored(checkpoint, bornMs, lot);
  } catch {
    // Not JSON, or not of our shape.
    return undefined;
  }
}

function restored(
  { state, conditions }: Checkpoint,
  bornMs: number,
  lot: number,
): { state: PodState; conditions: PodStatus['conditions'] } {
  return {
    conditions,
    state: {
      ...newPodState(state.key, { want: 'undecided' }, bornMs, lot),
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
  if (phase.at === 'exited') {
    // Its message may not have come; what is there already is not put before itself.
    const { messageAsked: _, ...exit } = phase.exit;
    return exit.message === '' ? { ...phase, exit } : phase;
  }
  if (phase.at !== 'running') return phase;
  return {
    ...phase,
    postStart: interrupted(phase.postStart),
    // A signal whose answer was not seen is sent again: SIGTERM twice is SIGTERM.
    ...(phase.stop && { stop: unanswered(phase.stop) }),
  };
}

/** Whether the hook had its effect is not known: at least once is what is promised. */
const interrupted = (hook: PostStart): PostStart => (hook.at === 'running' ? { at: 'due' } : hook);

const unanswered = (stop: Stop): Stop => ({
  ...stop,
  preStop: interrupted(stop.preStop),
  term: stop.term === 'taken' ? 'taken' : 'due',
  killSentAtMs: undefined,
});
