// What status is made from: one generation of a Pod, seen through what the engine showed of it. Plain data.
import type { Container, Pod, VolumeMount } from '../kubernetes/pod.ts';

export type EndedView = {
  id: string;
  exitCode: number;
  reason: string;
  message: string;
  startedAtMs: number;
  finishedAtMs: number;
};

export type ContainerView = {
  name: string;
  init: boolean;
  /** An init container with restartPolicy Always. */
  sidecar: boolean;
  /** Runs and its startup probe, if it has one, has succeeded (prober_manager isContainerStarted). */
  started: boolean;
  /** As its readiness probe has it; without one, while it has started. An init container: once it has ended well. */
  ready: boolean;
  image: string;
  imageId: string;
  /** As the manifest says, of one of which something is or was on the engine. */
  resources?: Container['resources'];
  id?: string;
  /** As the manifest has them. */
  volumeMounts: readonly VolumeMount[];
  /** Paths in it at which the engine has mounted what is below as read-only too. */
  readOnlyRecursively: readonly string[];
  state:
    | { is: 'waiting'; reason: string; message: string }
    | { is: 'running'; startedAtMs: number; stopping: boolean }
    | ({ is: 'terminated' } & EndedView);
  /** The attempt before. */
  last?: EndedView;
  restartCount: number;
  /** What it will be or was stopped with. */
  stopSignal: string;
  /** By its own policy and rules, or the Pod's, it starts again after its latest end (podutil.ContainerShouldRestart). */
  restartable: boolean;
};

export type PodView = {
  pod: Pod;
  startedAtMs: number;
  sandboxReady: boolean;
  /** All init containers have done their part, or a main container has started since the sandbox was made. */
  initialized: boolean;
  /** Nothing of it will ever run again. */
  finished: boolean;
  ips: string[];
  hostIps: string[];
  containers: ContainerView[];
  /** Set while it stops: when that began and how long it may take. */
  termination?: { sinceMs: number; graceSeconds: number };
  /** The Pod was ended for this reason, whatever its containers came to: phase Failed. `DeadlineExceeded`. */
  failed?: { reason: string; message: string };
  /** A RestartAllContainers rule is being carried out. */
  restartingAll: boolean;
  /** Set while the engine does not answer: all else is as last seen. */
  engineAway?: { sinceMs: number; message: string };
};
