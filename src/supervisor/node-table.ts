// Main's table of what is: every Pod as last published, every manifest with its state. The server reads from it.
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { ManifestRecord, NodeChange } from '../server/node-view.ts';
import type { Claims } from './claims.ts';
import { waitingReason } from './waiting-reason.ts';

export class NodeTable {
  readonly #pods = new Map<PodKey, Pod>();
  readonly #listeners = new Set<(change: NodeChange) => void>();

  get(key: PodKey): Pod | undefined {
    return this.#pods.get(key);
  }

  /** A Pod shown as last seen is as a rule just so: that is no change. */
  put(key: PodKey, pod: Pod): void {
    const before = this.#pods.get(key);
    this.#pods.set(key, pod);
    if (JSON.stringify(before) !== JSON.stringify(pod)) this.#tell({ type: 'pod', pod });
  }

  remove(key: PodKey): void {
    const pod = this.#pods.get(key);
    if (pod && this.#pods.delete(key)) this.#tell({ type: 'removed', pod });
  }

  manifestsChanged(): void {
    this.#tell({ type: 'manifests' });
  }

  pods(): Pod[] {
    const keys = [...this.#pods.keys()].sort();
    return keys.flatMap((key) => this.#pods.get(key) ?? []);
  }

  /** `refusalOf`: why a Pod waits for room, and whether a version before it runs on. */
  manifests(
    claims: Claims,
    refusalOf: (key: PodKey) => { reason: string; kept: boolean } | undefined,
  ): ManifestRecord[] {
    return claims
      .entries()
      .map(({ sourceId, entry: { trace: _, ...entry } }) => {
        const record = { ...entry, sourceId };
        const { staticPod, state } = entry;
        if (state === 'ignored' || state === 'rejected' || !staticPod)
          return { ...record, state: state === 'ignored' ? state : 'rejected' } as const;
        const rival = claims.rival(staticPod.key, sourceId, entry.origin);
        if (rival)
          return {
            ...record,
            state: 'conflict',
            reason: `${staticPod.key} belongs to ${rival.origin}`,
          } as const;
        if (state === 'kept') return { ...record, state } as const;
        const refusal = refusalOf(staticPod.key);
        if (refusal)
          return { ...record, state: refusal.kept ? 'kept' : 'pending', reason: refusal.reason } as const;
        const pod = this.#pods.get(staticPod.key);
        const own = pod?.metadata?.uid === staticPod.uid ? pod : undefined;
        if (own && own.status?.phase !== 'Pending') return { ...record, state: 'running' } as const;
        const waitsFor = own ? waitingReason(own) : '';
        return { ...record, state: 'pending', ...(waitsFor && { reason: waitsFor }) } as const;
      })
      .sort((a, b) => (a.origin < b.origin ? -1 : 1));
  }

  subscribe(listener: (change: NodeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(change: NodeChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
