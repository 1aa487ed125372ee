// One Pod's life as data: what is desired, what each generation has on the engine, and which calls are under way.
// Read with edges.ts, which says how each union may move. Everything here is plain and is copied, never shared.
import type { PullProgress } from '../engine/engine.ts';
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
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, `StartError`, `ContainerStatusUnknown`. */
  reason: string;
  /** The engine's word, and once it has been read, the container's own (its termination message). */
  message: string;
  startedAtMs: number;
  finishedAtMs: number;
  /** The engine itself went down and took it along: its next attempt is no restart and waits for no back-off. */
  withEngine: boolean;
  /** We stopped it: it has not ended of its own accord. */
  stoppedFor?: StopReason;
  /** Its termination message has been asked for. */
  messageAsked?: boolean;
};

/** `termination`, `completion`, `sandbox`, `restart-all`: with the whole Pod. The others are a container's own. */
export type StopReason =
  | 'termination'
  | 'completion'
  | 'sandbox'
  | 'restart-all'
  | 'liveness'
  | 'startup'
  | 'post-start';

/**
 * A graceful stop under way: preStop, then waiting for its turn (sidecars), then the stop signal, then SIGKILL.
 * `deadlineMs`: until the signal is sent, when hook and turn are waited for no longer; after it, when SIGKILL follows.
 */
export type Stop = {
  why: StopReason;
  deadlineMs: number;
  preStop: { at: 'due' } | { at: 'running'; call: number } | { at: 'done' };
  term: 'due' | 'sent' | 'taken';
  /**
   * From the stop signal to SIGKILL, set when that is sent. It counts from when the engine took the signal: an engine
   * that hangs on it must not cost the container its time.
   */
  graceMs?: number;
  killSentAtMs?: number;
};

/** The next container waits until it is `done`. Run again if monopod died meanwhile: at least once, as documented. */
export type PostStart = { at: 'due' } | { at: 'running'; call: number } | { at: 'done' };

export type ContainerPhase =
  /** Nothing of this attempt is on the engine. */
  | { at: 'waiting' }
  | { at: 'creating'; call: number }
  | { at: 'created'; id: string }
  | { at: 'starting'; id: string; call: number }
  | { at: 'running'; id: string; startedAtMs: number; postStart: PostStart; stop?: Stop }
  /** Stays until its next attempt is created, if there is one. */
  | { at: 'exited'; id: string; exit: Exit };

/** Something went wrong and is tried again at `retryAtMs`. `reason` is what Kubernetes shows. */
export type Problem = { reason: string; message: string; failures: number; retryAtMs: number };

export type ImagePhase =
  /** Nobody has asked yet. Under IfNotPresent the create call itself asks. */
  | { at: 'unasked' }
  | { at: 'pulling'; call: number; progress?: PullProgress }
  | { at: 'present' }
  /** The create call found none. */
  | { at: 'absent' };

export const PROBE_KINDS = ['startup', 'liveness', 'readiness'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** One probe of one container (prober worker). */
export type ProbeState = {
  /** The container it has been probing: what is known does not hold for another. */
  id: string;
  /** What holds, by the thresholds. */
  result: 'unknown' | 'success' | 'failure';
  /** The latest answer, how many of its kind came in a row, and its words if it was a failure. */
  last?: 'success' | 'failure';
  inRow: number;
  message: string;
  /** How often in this row of failures its words were other ones than those before. */
  news?: number;
  /** Why it could not be asked at all, the last time. */
  trouble?: string;
  /** Absent until first scheduled. */
  nextAtMs?: number;
  call?: number;
};

export type ContainerSlot = {
  name: string;
  init: boolean;
  /** An init container with restartPolicy Always: it runs beside the rest. */
  sidecar: boolean;
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
  /** Paths in it that are read-only with all that is mounted below, once known. */
  readOnlyRecursively?: string[];
  stopSignal: string;
  /** A sidecar that has started since the sandbox was made: what comes after it waits for it no more. */
  passed: boolean;
  probes: Partial<Record<ProbeKind, ProbeState>>;
  /** The hook that failed last, and how. */
  hookFailure?: { hook: 'postStart' | 'preStop'; id: string; message: string };
  /** The attempt before the present one. */
  last?: Exit;
  /** Containers of earlier attempts that are still on the engine, the newest first; absent: that of `last`. */
  dead?: { id: string; startedAtMs: number }[];
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
 * `preparing`: the generation before it still stops; nothing of it may run. `active`: runs. `completing`: its main
 * containers have ended for good, or its deadline has passed; what still runs is stopped. `finished`: nothing of it
 * will ever run (Succeeded or Failed). `terminating`: stops, and never turns back.
 */
export type Stage = 'preparing' | 'active' | 'completing' | 'finished' | 'terminating';

/** One Pod with one UID, from its manifest to its end. The same UID may come back as a later generation. */
export type Generation = {
  /** Tells generations apart within the actor. */
  serial: number;
  staticPod: StaticPod;
  stage: Stage;
  /** Every init container has done its part since the sandbox was made: none of them runs again while that lives. */
  initialized: boolean;
  /** Why it was ended, other than by its containers: `DeadlineExceeded`. */
  failed?: { reason: string; message: string };
  /** A container ended by whose rule (RestartAllContainers) all of them stop, and start over in the same sandbox. */
  restartingAll?: { trigger: string };
  /** Set with stage `terminating`. */
  termination?: { sinceMs: number; deadlineMs: number; graceMs: number };
  host: HostPhase;
  hostProblem?: Problem;
  sandbox: SandboxPhase;
  sandboxProblem?: Problem;
  infraImage: ImagePhase;
  /** Of each image whose pull has failed: all containers of the Pod that want it wait by it. */
  pullBackOffs?: Record<string, BackOff>;
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
  /** Why the last try failed. */
  message?: string;
};

/** A directory tree of a generation that has ended; removed once its containers are. */
export type HostCleanup = {
  uid: string;
  name: string;
  namespace: string;
  call?: number;
  retryAtMs: number;
  failures: number;
  /** Why the last try failed. */
  message?: string;
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
  /** Calls whose outcome changes what is on the engine or the host; probes and the like are not among them. */
  calls: Record<number, PendingCall>;
  nextCall: number;
  nextSerial: number;
  /** When this actor began, and its lot (0 ≤ x < 1): probes of containers older than that are spread over a period. */
  bornMs: number;
  lot: number;
};

export const sandboxId = (sandbox: SandboxPhase): string | undefined =>
  'id' in sandbox ? sandbox.id : undefined;

export const containerId = (slot: ContainerSlot): string | undefined =>
  'id' in slot.phase ? slot.phase.id : undefined;

export const deadOf = ({ dead, last }: ContainerSlot): NonNullable<ContainerSlot['dead']> =>
  // An init container that is believed to have ended may have nothing on the engine.
  dead ?? (last && last.id !== '' ? [{ id: last.id, startedAtMs: last.startedAtMs }] : []);

export function newGeneration(serial: number, staticPod: StaticPod, stage: Stage, nowMs: number): Generation {
  const { initContainers = [], containers } = staticPod.pod.spec ?? { containers: [] };
  const slot = (spec: Container, init: boolean): ContainerSlot => ({
    name: spec.name,
    init,
    sidecar: init && spec.restartPolicy === 'Always',
    spec,
    phase: { at: 'waiting' },
    image: { at: 'unasked' },
    nextAttempt: 0,
    restartCount: 0,
    imageId: '',
    stopSignal: spec.lifecycle?.stopSignal ?? 'SIGTERM',
    passed: false,
    probes: {},
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
    initialized: false,
    ips: [],
    acceptedAtMs: nowMs,
  };
}

export const newPodState = (key: PodKey, desired: Desired, bornMs = 0, lot = 0): PodState => ({
  key,
  desired,
  leftovers: [],
  cleanups: [],
  engine: { available: true },
  list: { at: 'due' },
  calls: {},
  nextCall: 1,
  nextSerial: 1,
  bornMs,
  lot,
});

const copyGeneration = (generation: Generation): Generation => ({
  ...generation,
  containers: generation.containers.map((slot) => ({ ...slot, probes: { ...slot.probes } })),
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

/**
 * `spec.terminationGracePeriodSeconds`, at least 1 s (pod_workers calculateEffectiveGracePeriod). Hooks and the order of
 * sidecars use it up; the stop signal always gets 2 s (stopping.ts).
 */
export const graceMsOf = ({ pod }: StaticPod): number =>
  Math.max(1, pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;

export const problemText = ({ message, cause }: Failure): string =>
  cause === undefined ? message : `${message}: ${cause}`;

/** The one that runs or stops, and the one that is prepared beside it. */
export const generationsOf = (state: PodState): Generation[] =>
  [state.current, state.next].filter((generation) => generation !== undefined);

export const generationBySerial = (state: PodState, serial: number): Generation | undefined =>
  generationsOf(state).find((generation) => generation.serial === serial);

export const slotOf = (generation: Generation | undefined, name: string): ContainerSlot | undefined =>
  generation?.containers.find((slot) => slot.name === name);
