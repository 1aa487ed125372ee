// What status is made from: one generation of a Pod, seen through what the engine showed of it. Plain data.
import type { Pod } from '../kubernetes/pod.ts';

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
  image: string;
  imageId: string;
  id?: string;
  state:
    | { is: 'waiting'; reason: string; message: string }
    | { is: 'running'; startedAtMs: number; stopping: boolean }
    | ({ is: 'terminated' } & EndedView);
  /** The attempt before. */
  last?: EndedView;
  restartCount: number;
};

export type PodView = {
  pod: Pod;
  startedAtMs: number;
  sandboxReady: boolean;
  initialized: boolean;
  /** Nothing of it will ever run again. */
  finished: boolean;
  ips: string[];
  hostIps: string[];
  containers: ContainerView[];
  /** Set while it stops: when that began and how long it may take. */
  termination?: { sinceMs: number; graceSeconds: number };
  /** Set while the engine does not answer: all else is as last seen. */
  engineAway?: { sinceMs: number; message: string };
};
