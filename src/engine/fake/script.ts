// How a container or an image of the fake engine behaves, and what can go wrong with it. Plain data, no behaviour.

import type { FailureCode } from '../../errors.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type { ContainerConfig, ContainerObservation, EngineEvent, SandboxConfig } from '../engine.ts';

export type ContainerScript = {
  /** Ends by itself so long after its start; absent: runs until it is killed. */
  exitAfterMs?: number;
  /** Of an end by itself. Default 0. */
  exitCode?: number;
  /** The end by itself is the kernel's doing: exit code 137, OOMKilled. */
  oom?: boolean;
  /** Signals it does not react to. SIGKILL always ends it. */
  ignores?: string[];
  /** From a signal to the end. Default 1. */
  stopsAfterMs?: number;
  /** Of an end by signal. Default 128 + the signal's number. */
  stopExitCode?: number;
  /** `start` fails with this message. */
  failsToStart?: string;
  /** With which exit code that leaves it (127 for a program that is not there). Default 128. */
  failsToStartCode?: number;
  /** What a command run in it comes to. Absent, or undefined: exit code 0 at once. */
  exec?(command: string[]): ExecScript | undefined;
};

export type ExecScript = {
  /** Default 0. */
  exitCode?: number;
  output?: string;
  /** Default 0. */
  takesMs?: number;
  /** Ends by its timeout, or with its container, only. */
  hangs?: boolean;
};

export type FakeImage = {
  /** Here already, or only after a pull. */
  present: boolean;
  pullMs?: number;
  /** A pull fails with this message. */
  pullError?: string;
  stopSignal?: string;
  user?: string;
};

export type Operation =
  | 'list'
  | 'listPod'
  | 'inspect'
  | 'ensureImage'
  | 'createSandbox'
  | 'createContainer'
  | 'start'
  | 'kill'
  | 'remove'
  | 'exec'
  | 'version';

export type Fault =
  /** Fails without effect. */
  | { kind: 'fail'; code: FailureCode; message?: string }
  /** EngineTimeout after `timeoutMs`; `effect`: it was carried out all the same, `latencyMs` after the call. */
  | { kind: 'timeout'; effect: boolean }
  /** Succeeds, so much later. */
  | { kind: 'slow'; delayMs: number };

/** What becomes of one event: `delayMs` after the usual delay, once for each entry; an empty list loses it. */
export type EventFate = { delayMs: number }[];

/** What happened, as it happened: for a simulation's invariants. */
export type Moment =
  | { type: 'created' | 'started' | 'removed'; atMs: number; container: ContainerObservation }
  | { type: 'signalled'; atMs: number; container: ContainerObservation; signal: string }
  | { type: 'exited'; atMs: number; container: ContainerObservation }
  /** Was asked for in a container that is there, whatever its state; only in a running one it is run. */
  | { type: 'exec'; atMs: number; container: ContainerObservation; command: string[]; probe: boolean };

export type FakeHooks = {
  /** Default: runs until it is killed, and ends at once on any signal. */
  script?(config: ContainerConfig | SandboxConfig): ContainerScript;
  fault?(operation: Operation, subject: string): Fault | undefined;
  fate?(key: PodKey, event: EngineEvent): EventFate;
  moment?(moment: Moment): void;
};
