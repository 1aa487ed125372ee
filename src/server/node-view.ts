// What the HTTP server and the CLI socket may see of the node: main's table, read-only.
import type { Result } from '../errors.ts';
import type { LogOptions } from '../host/log-entries.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { ManifestEntry } from '../sources/update.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';

export const MANIFEST_STATES = [
  'running',
  'pending',
  'ignored',
  'rejected',
  'conflict',
  'kept',
  'stopped',
  'rolled-back',
] as const;

/**
 * Of a source that is in trouble as a whole. `unreadable`: what it gave runs on; `unwatched`: its changes are found by
 * scanning, a little later; `off`: it has manifests and is not configured.
 */
export type SourceState = 'unreadable' | 'unwatched' | 'off';

/**
 * A manifest as `monopod get manifests` shows it. `conflict`: another manifest owns the name; `running`: a Pod of it is
 * up; `stopped`: by order of a person; `rolled-back`: it never became Ready, and the last version that was runs instead.
 * A source in trouble is one as well, by itself: `origin` is its directory or URL then.
 */
export type ManifestRecord = Omit<ManifestEntry, 'state' | 'trace'> & {
  sourceId: string;
  /** It is there no more, but for what was ordered of its Pod, or as that runs until all sources are heard. */
  isGone?: true;
  state: (typeof MANIFEST_STATES)[number] | SourceState;
  /**
   * What runs under its name, unless it is `running` itself: the last good version, the one before, or that of the
   * manifest that owns the name. `startTime` as in the Pod's status.
   */
  runs?: { uid: string; origin: string; startTime?: string };
};

export type NodeView = {
  /** With status, as `/pods` serves them; sorted by namespace, then name. */
  pods(): Pod[];
  manifests(): ManifestRecord[];
  /** The spans of the Pod's last change, undefined for a Pod never seen. */
  trace(key: PodKey): SpanRecord[] | undefined;
  /** Each way in which the node is not well; empty is healthy. Told with the notices as well. */
  troubles(): Notice[];
  /** What a person should know though the node is well: the configuration has changed since monopod started. */
  notices(): Notice[];
  vitals(): Vitals;
  counts(): NodeCounts;
  /** What the engine and the host have of a Pod; undefined for one that is not there. */
  made(key: PodKey): Promise<PodMade | undefined>;
  /** What Pods are weighed against (NodeFacts), and who holds room. */
  room(): { node: object; held: [PodKey, Pod][] };
  /** Undefined where the engine does not say. */
  hasImage(image: string): Promise<boolean | undefined>;
  /** Opens the log of one attempt of a container; the caller closes it. LogUnavailable. */
  openLog(target: LogTarget, options: LogOptions): Promise<Result<OpenLog>>;
  /** Calls back after each change of a Pod (`pod`, or `removed` with its last state) or of manifests; answers with how to stop. */
  subscribe(listener: (change: NodeChange) => void): () => void;
};

/** `message`: for a person. */
export type Notice = { about: 'engine' | 'source' | 'config'; message: string };

/** `readable`: it has been heard, and can be read now. */
export type SourceStanding = {
  id: string;
  readable: boolean;
  trouble?: { state: SourceState; message: string; sinceMs: number };
};

export type Vitals = {
  nodeName: string;
  /** Of monopod. */
  version: string;
  startedAtMs: number;
  engineAvailable: boolean;
  sources: SourceStanding[];
};

/** Oldest first; `log` is a path on this host. `trouble`: why nothing is known of containers. */
export type PodMade = {
  logDirectory: string;
  containers: MadeContainer[];
  trouble?: string;
};

type MadeContainer = {
  id: string;
  kind: 'sandbox' | 'container';
  name: string;
  /** Of the version that it was made for. */
  uid: string;
  state: 'created' | 'running' | 'exited';
  pid?: number;
  exitCode?: number;
  log?: string;
};

/** Since monopod started. */
export type NodeCounts = {
  /** Attempts to make a Pod's sandbox, and those that failed. */
  startedPods: number;
  startedPodsErrors: number;
  /** Attempts to make a container, by its kind as the kubelet's metrics call it. */
  startedContainers: { container: number; init_container: number };
  /** Those that came back with the same UID while they were being stopped. */
  restartedPods: number;
  /** From when a Pod was seen first until it was Running; `upTo` counts all that took so long at the most. */
  podStarts: { sumSeconds: number; count: number; upTo: { seconds: number; count: number }[] };
};

/** `id`: the engine's. */
export type LogTarget = { pod: Pod; container: string; id: string };

export type OpenLog = {
  /** Undefined at the end; rejects when it is closed meanwhile. One call at a time. */
  next(): Promise<Uint8Array | undefined>;
  /** Nothing more is written: who follows comes to the end. */
  containerEnded(): void;
  /** May be called again. */
  close(): void;
};

export type NodeChange = { type: 'pod'; pod: Pod } | { type: 'removed'; pod: Pod } | { type: 'manifests' };
