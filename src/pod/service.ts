// What a Pod's thread and main say to each other.
import type { MessagePort } from 'node:worker_threads';
import type { ContainerObservation, LogRotation } from '../engine/engine.ts';
import type { NodeResources } from '../kubernetes/node-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { LogFields } from '../telemetry/log.ts';
import type { Retention } from './planning.ts';
import type { Desired } from './state.ts';

/** All that a Pod's actor is told at its birth. */
export type PodBoot = {
  key: PodKey;
  nodeName: string;
  rootDir: string;
  podLogsDir: string;
  podInfraContainerImage: string;
  /** Of dead containers; absent: one of each. `counted`: main wants to know of them. */
  retention?: Retention & { counted?: boolean };
  /** RuntimeDefault where a Pod names no seccomp profile, not Unconfined. */
  seccompDefault: boolean;
  hostIps: string[];
  /** `--cluster-dns`, `--cluster-domain`; `--resolv-conf`, '' for none. */
  dns: { clusterDns: string[]; clusterDomain: string; resolvConf: string };
  node: NodeResources;
  /** Of containers' logs; absent: none. */
  logRotation?: LogRotation;
  /** Absent: Pods have no cgroups of their own here. `pidsMax`: of each Pod, 0 is any number. */
  podCgroups?: { pidsMax: number };
  /** Text of the checkpoint, if there is one. */
  checkpoint?: string;
  /** What the engine has of this Pod where main knows for sure (nothing, for a name never seen); else the actor asks. */
  known?: ContainerObservation[];
};

/** The pair of ports to the engine thread: calls to it, events from it. */
export type EnginePorts = { calls: MessagePort; events: MessagePort };

/** Of an earlier attempt, and still on the engine. */
export type DeadContainer = { id: string; container: string; startedAtMs: number };

/** Served by a Pod's thread. A warm spare has had no `begin` yet. */
export type PodThread = {
  begin(boot: PodBoot, calls: MessagePort, events: MessagePort): void;
  /** The latest wins. `version` grows with each call and comes back in `ended`. */
  desire(desired: Desired, version: number): void;
  /** A dead container has to go: the node has too many. */
  discard(id: string): void;
  /** The engine's thread was replaced. */
  attach(calls: MessagePort, events: MessagePort): void;
};

/** Served by main. */
export type PodParent = {
  /** The Pod with its status as it is now; undefined when there is none any more. `dead`: if they are counted. */
  published(key: PodKey, pod: Pod | undefined, dead?: DeadContainer[]): void;
  /** Nothing is left to do or to clear away for what was desired by `version`. */
  ended(key: PodKey, version: number): void;
  log(level: 'info' | 'warn' | 'error', message: string, fields: LogFields): void;
};
