// What the HTTP server and the CLI socket may see of the node: main's table, read-only.
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { ManifestEntry } from '../sources/update.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';

/** A manifest as `monopod get manifests` shows it. `conflict`: another manifest owns the name; `running`: a Pod of it is up. */
export type ManifestRecord = Omit<ManifestEntry, 'state' | 'trace'> & {
  sourceId: string;
  state: 'running' | 'pending' | 'ignored' | 'rejected' | 'conflict' | 'kept';
};

export type NodeView = {
  /** With status, as `/pods` serves them; sorted by namespace, then name. */
  pods(): Pod[];
  manifests(): ManifestRecord[];
  /** The spans of the Pod's last change, undefined for a Pod never seen. */
  trace(key: PodKey): SpanRecord[] | undefined;
  /** Each way in which the node is not well, for a person; empty is healthy. */
  troubles(): string[];
  /** Calls back after each change of a Pod (`pod`, or `removed` with its last state) or of manifests; answers with how to stop. */
  subscribe(listener: (change: NodeChange) => void): () => void;
};

export type NodeChange = { type: 'pod'; pod: Pod } | { type: 'removed'; pod: Pod } | { type: 'manifests' };
