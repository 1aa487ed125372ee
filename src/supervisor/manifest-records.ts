// What became of each manifest, for who asks: what its source says of it, who holds its name, whether its Pod runs. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import type { ManifestEntry } from '../sources/update.ts';
import type { Claims } from './claims.ts';
import { waitingReason } from './waiting-reason.ts';

export type Standing = {
  claims: Claims;
  podOf(key: PodKey): Pod | undefined;
  /** Why a Pod waits for room, and whether a version before it runs on. */
  refusalOf(key: PodKey): { reason: string; kept: boolean } | undefined;
};

/** Sorted by origin. */
export const manifestRecords = (standing: Standing): ManifestRecord[] =>
  standing.claims
    .entries()
    .map(({ sourceId, entry: { trace: _, ...entry } }) => ({
      ...entry,
      sourceId,
      ...became(sourceId, entry, standing),
    }))
    .sort((a, b) => (a.origin < b.origin ? -1 : 1));

function became(
  sourceId: string,
  { origin, state, staticPod }: ManifestEntry,
  { claims, podOf, refusalOf }: Standing,
): Pick<ManifestRecord, 'state'> & { reason?: string } {
  if (state === 'ignored') return { state };
  if (state === 'rejected' || !staticPod) return { state: 'rejected' };
  const rival = claims.rival(staticPod.key, sourceId, origin);
  if (rival) return { state: 'conflict', reason: `${staticPod.key} belongs to ${rival.origin}` };
  if (state === 'kept') return { state };
  const refusal = refusalOf(staticPod.key);
  if (refusal) return { state: refusal.kept ? 'kept' : 'pending', reason: refusal.reason };
  const pod = podOf(staticPod.key);
  const own = pod?.metadata?.uid === staticPod.uid ? pod : undefined;
  if (own && own.status?.phase !== 'Pending') return { state: 'running' };
  const waitsFor = own ? waitingReason(own) : '';
  return { state: 'pending', ...(waitsFor && { reason: waitsFor }) };
}
