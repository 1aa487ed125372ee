// One Pod's life as data: what is desired, what each generation has on the engine, and which calls are under way.
// Read with edges.ts, which says how each union may move. Everything here is plain and is copied, never shared.
import type { Failure } from '../errors.ts';
import type { Container } from '../kubernetes/pod.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import type { BackOff } from './back-off.ts';

/** `undecided`: after a start of monopod, until the source that owns the Pod has spoken: it runs on as checkpointed. */
export type Desired = { want: 'run'; staticPod: StaticPod } | { want: 'gone' } | { want: 'undecided' };

/** How an attempt of a container ended. */
export type Exit = {
  id: string;
  exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, `ContainerStatusUnknown`. */
  reason: string;
  message: string;
  startedAtMs: number;
  finishedAtMs: number;
  /** The engine itself went down and took it along: its next attempt is no restart and waits for no back-off. */
  withEngine: boolean;
  /** We stopped it, to start it anew with a new sandbox: it has not ended of its own accord. */
  byUs?: boolean;
};

/**
 * A graceful stop under way. The grace counts from when the engine took the stop signal: an engine that hangs on it
 * must not cost the container its time. SIGKILL follows at `deadlineMs`.
 */
export type Stop = { deadlineMs: number; term: 'due' | 'sent' | 'taken'; killSentAtMs?: number };

export type ContainerPhase =
  /** Nothing of this attempt is on the engine. */
  | { at: 'waiting' }
  | { at: 'creating'; call: number }
  | { at: 'created'; id: string }
  | { at: 'starting'; id: string; call: number }
  | { at: 'running'; id: string; startedAtMs: number; stop?: Stop }
  /** Stays until its next attempt is created, if there is one. */
  | { at: 'exited'; id: string; exit: Exit };

/** Something went wrong and is tried again at `retryAtMs`. `reason` is what Kubernetes shows. */
export type Problem = { reason: string; message: string; failures: number; retryAtMs: number };

export type ImagePhase =
  /** Nobody has asked yet. Under IfNotPresent the create call itself asks. */
  | { at: 'unasked' }
  | { at: 'pulling'; call: number }
  | { at: 'present' }
  /** The create call found none. */
  | { at: 'absent' };

export type ContainerSlot = {
  name: string;
  init: boolean;
  spec: Container;
  phase: ContainerPhase;
  image: ImagePhase;
  /** Name suffix of the next container to create. */
  nextAttempt: number;
  /** Of the latest attempt that was created. */
  restartCount: number;
  /** `sha256:…` once known. */
  imageId: string;
  /** The engine's log file of the latest attempt, once known. */
  logPath?: string;
  stopSignal: string;
  /** The attempt before the present one; its container is kept for `lastState` and `logs --previous`. */
  last?: Exit;
  backOff?: BackOff;
  problem?: Problem;
};

export type SandboxPhase =
  | { at: 'none' }
  | { at: 'creating'; call: number }
  | { at: 'created'; id: string }
  | { at: 'starting'; id: string; call: number }
  | { at: 'ready'; id: string; ips: string[] }
  /** Killed or removed by someone else, or gone down with the engine. Its containers stop, then it is made anew. */
  | { at: 'dead'; id: string };

export type HostPhase = { at: 'unprepared' } | { at: 'preparing'; call: number } | { at: 'ready' };

/**
 * `preparing`: the generation before it still stops; nothing of it may run. `active`: runs. `finished`: all its
 * containers have ended for good (Succeeded or Failed). `terminating`: stops, and never turns back.
 */
export type Stage = 'preparing' | 'active' | 'finished' | 'terminating';

/** One Pod with one UID, from its manifest to its end. The same UID may come back as a later generation. */
export type Generation = {
  /** Tells generations apart within the actor. */
  serial: number;
  staticPod: StaticPod;
  stage: Stage;
  /** Set with stage `terminating`. */
  termination?: { sinceMs: number; deadlineMs: number };
  host: HostPhase;
  hostProblem?: Problem;
  sandbox: SandboxPhase;
  sandboxProblem?: Problem;
  infraImage: ImagePhase;
  nextSandboxAttempt: number;
  /** Init containers first, each list in the manifest's order. */
  containers: ContainerSlot[];
  /** A sandbox died under restartPolicy Never: nothing is started any more. */
  abandoned: boolean;
  /** Last known, kept after the sandbox has gone. */
  ips: string[];
  acceptedAtMs: number;
};

/** A container or sandbox that is of no use any more: stopped gracefully if it runs, then removed. */
export type Leftover = {
  id: string;
  uid: string;
  sandbox: boolean;
  running: boolean;
  /** Has been seen dead: an older word of its running does not count. */
  ended: boolean;
  /** It holds host ports that the next generation may want. */
  holdsHostPorts: boolean;
  /** From the manifest of its generation, or its label if that is lost. */
  graceMs: number;
  stopSignal: string;
  stop?: Stop;
  removal?: { call: number };
  /** When it was first planned for. */
  sinceMs?: number;
  retryAtMs: number;
  failures: number;
};

/** A directory tree of a generation that has ended; removed once its containers are. */
export type HostCleanup = {
  uid: string;
  name: string;
  namespace: string;
  call?: number;
  retryAtMs: number;
  failures: number;
};

export type EngineHealth =
  | { available: true }
  | { available: false; sinceMs: number; message: string; retryAtMs: number; failures: number };

/** What a call under way is for, so that its answer finds its place even if that place has moved on. */
export type PendingCall = { type: string; serial: number; container?: string };

export type PodState = {
  key: PodKey;
  desired: Desired;
  current?: Generation;
  next?: Generation;
  /** The last generation that stopped, as it was then: for a last word on its status. */
  stopped?: Generation;
  leftovers: Leftover[];
  cleanups: HostCleanup[];
  engine: EngineHealth;
  /** What the engine has must be asked before anything else is done: at the start, and after an outcome is unknown. */
  list: { at: 'due' } | { at: 'asked'; call: number } | { at: 'known' };
  /** Since when the engine was away, until the first list after it has been looked at. */
  outageSinceMs?: number;
  calls: Record<number, PendingCall>;
  nextCall: number;
  nextSerial: number;
};

export const sandboxId = (sandbox: SandboxPhase): string | undefined =>
  'id' in sandbox ? sandbox.id : undefined;

export const containerId = (slot: ContainerSlot): string | undefined =>
  'id' in slot.phase ? slot.phase.id : undefined;

export function newGeneration(serial: number, staticPod: StaticPod, stage: Stage, nowMs: number): Generation {
  const { initContainers = [], containers } = staticPod.pod.spec ?? { containers: [] };
  const slot = (spec: Container, init: boolean): ContainerSlot => ({
    name: spec.name,
    init,
    spec,
    phase: { at: 'waiting' },
    image: { at: 'unasked' },
    nextAttempt: 0,
    restartCount: 0,
    imageId: '',
    stopSignal: 'SIGTERM',
  });
  return {
    serial,
    staticPod,
    stage,
    host: { at: 'unprepared' },
    sandbox: { at: 'none' },
    infraImage: { at: 'unasked' },
    nextSandboxAttempt: 0,
    containers: [
      ...initContainers.map((spec) => slot(spec, true)),
      ...containers.map((spec) => slot(spec, false)),
    ],
    abandoned: false,
    ips: [],
    acceptedAtMs: nowMs,
  };
}

export const newPodState = (key: PodKey, desired: Desired): PodState => ({
  key,
  desired,
  leftovers: [],
  cleanups: [],
  engine: { available: true },
  list: { at: 'due' },
  calls: {},
  nextCall: 1,
  nextSerial: 1,
});

const copyGeneration = (generation: Generation): Generation => ({
  ...generation,
  containers: generation.containers.map((slot) => ({ ...slot })),
});

/** Phases and problems are replaced, never written into, so copying down to the slots is enough. */
export const copyState = (state: PodState): PodState => ({
  ...state,
  ...(state.current && { current: copyGeneration(state.current) }),
  ...(state.next && { next: copyGeneration(state.next) }),
  leftovers: state.leftovers.map((leftover) => ({ ...leftover })),
  cleanups: state.cleanups.map((cleanup) => ({ ...cleanup })),
  calls: { ...state.calls },
});

/** `spec.terminationGracePeriodSeconds`, at least the 2 s that kuberuntime's killContainer leaves to every container. */
export const graceMsOf = ({ pod }: StaticPod): number =>
  Math.max(2, pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;

export const problemText = ({ message, cause }: Failure): string =>
  cause === undefined ? message : `${message}: ${cause}`;

/** The one that runs or stops, and the one that is prepared beside it. */
export const generationsOf = (state: PodState): Generation[] =>
  [state.current, state.next].filter((generation) => generation !== undefined);

export const generationBySerial = (state: PodState, serial: number): Generation | undefined =>
  generationsOf(state).find((generation) => generation.serial === serial);

export const slotOf = (generation: Generation | undefined, name: string): ContainerSlot | undefined =>
  generation?.containers.find((slot) => slot.name === name);
