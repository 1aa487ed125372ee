// What became of each manifest, for who asks: what its source says of it, who holds its name, whether its Pod runs. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import type { ManifestRecord, SourceStanding } from '../server/node-view.ts';
import type { ManifestEntry } from '../sources/update.ts';
import type { Claims } from './claims.ts';
import type { Conflicts } from './conflicts.ts';
import { type Order, wantedOf } from './order.ts';
import { waitingReason } from './waiting-reason.ts';

export type Standing = {
  claims: Claims;
  conflicts: Conflicts;
  /** Those in trouble are told of beside their manifests. */
  sources: SourceStanding[];
  podOf(key: PodKey): Pod | undefined;
  /** Why a Pod waits for room, and whether a version before it runs on. */
  refusalOf(key: PodKey): { reason: string; kept: boolean } | undefined;
  /** What stands between a manifest and what runs. */
  orderOf(key: PodKey): Order | undefined;
  orders(): Iterable<[PodKey, Order]>;
  /** What was found at the start of Pods whose source is not configured any more. */
  leftOver: { staticPods: StaticPod[]; sinceMs: number };
};

/** Sources in trouble first, then by origin; last, what is stopped or runs and has no manifest. */
export const manifestRecords = (standing: Standing): ManifestRecord[] => [
  ...standing.sources.flatMap(sourceRecord),
  ...ofManifests(standing),
  ...stoppedWithout(standing),
  ...runningWithout(standing),
];

function sourceRecord({ id, trouble }: SourceStanding): ManifestRecord[] {
  if (!trouble) return [];
  const { state, message: reason, sinceMs } = trouble;
  const origin = id.replace(/^file:/, '');
  return [{ origin, sourceId: id, state, reason, sinceMs, errors: [], warnings: [] }];
}

/** Whatever claims that name again stays stopped: a person has to see that there is something to undo. */
function stoppedWithout({ claims, orders }: Standing): ManifestRecord[] {
  return [...orders()].flatMap(([key, { manifest, stopped }]) => {
    if (!stopped || claims.contenders(key).length > 0) return [];
    const reason = `stopped by order, until monopod start ${key}; its manifest is gone, and would stay stopped if it came back`;
    const { origin, source: sourceId } = manifest;
    const { sinceMs } = stopped;
    const said = { state: 'stopped', reason, sinceMs } as const;
    return [{ origin, sourceId, staticPod: manifest, isGone: true, ...said, errors: [], warnings: [] }];
  });
}

/** It goes when each source has been heard, as one of them may have it now: until then a person has to see why it runs. */
function runningWithout({ claims, sources, podOf, leftOver }: Standing): ManifestRecord[] {
  const awaited = sources.find(({ trouble }) => trouble?.state === 'unreadable');
  if (!awaited) return [];
  const reason = `its source is not configured any more; it runs until ${awaited.id} can be read`;
  return leftOver.staticPods.flatMap((staticPod): ManifestRecord[] => {
    const { key, uid, origin, source: sourceId } = staticPod;
    const { metadata, status } = podOf(key) ?? {};
    if (claims.contenders(key).length > 0 || metadata?.uid !== uid) return [];
    const { startTime } = status ?? {};
    const runs = { uid, origin, ...(startTime !== undefined && { startTime }) };
    const said = { state: 'kept', reason, sinceMs: leftOver.sinceMs } as const;
    return [{ origin, sourceId, staticPod, isGone: true, ...said, runs, errors: [], warnings: [] }];
  });
}

const ofManifests = (standing: Standing): ManifestRecord[] =>
  standing.claims
    .entries()
    .map(({ sourceId, entry: { trace: _, ...entry } }) => {
      const now = became(sourceId, entry, standing);
      return {
        ...entry,
        sourceId,
        ...now,
        ...(now.state !== 'running' && instead(sourceId, entry, standing)),
      };
    })
    .sort((a, b) => (a.origin < b.origin ? -1 : 1));

/** What runs under the manifest's name meanwhile. */
function instead(
  sourceId: string,
  { origin, staticPod }: ManifestEntry,
  { claims, podOf }: Standing,
): Pick<ManifestRecord, 'runs'> {
  if (!staticPod) return {};
  const { metadata, status } = podOf(staticPod.key) ?? {};
  if (metadata?.uid === undefined || status?.phase !== 'Running') return {};
  const owner = claims.rival(staticPod.key, sourceId, origin)?.origin ?? origin;
  const { startTime } = status;
  return { runs: { uid: metadata.uid, origin: owner, ...(startTime !== undefined && { startTime }) } };
}

function became(
  sourceId: string,
  { origin, state, staticPod, reason: cause }: ManifestEntry,
  { claims, conflicts, podOf, refusalOf, orderOf }: Standing,
): Pick<ManifestRecord, 'state'> & { reason?: string; sinceMs?: number } {
  if (state === 'ignored') return { state };
  if (state === 'rejected' || !staticPod) return { state: 'rejected' };
  const rival = claims.rival(staticPod.key, sourceId, origin);
  if (rival) {
    const beganMs = conflicts.sinceMs(staticPod.key, sourceId, origin);
    const reason = `${staticPod.key} belongs to ${rival.origin}`;
    return { state: 'conflict', reason, ...(beganMs !== undefined && { sinceMs: beganMs }) };
  }
  const order = orderOf(staticPod.key);
  // A manifest that is no longer good shows that as well.
  const also = state === 'kept' ? `; its last good version is kept: ${cause}` : '';
  if (order?.stopped)
    return {
      state: 'stopped',
      reason: `stopped by order, until monopod start ${staticPod.key}${also}`,
      sinceMs: order.stopped.sinceMs,
    };
  if (order?.rolledBack) {
    const { sinceMs, reason } = order.rolledBack;
    const version = `the version with UID ${order.ready?.uid}, the last one that was, runs instead`;
    return { state: 'rolled-back', reason: `did not become Ready: ${reason}; ${version}${also}`, sinceMs };
  }
  if (state === 'kept') return { state };
  const refusal = refusalOf(staticPod.key);
  if (refusal) return { state: refusal.kept ? 'kept' : 'pending', reason: refusal.reason };
  const pod = podOf(staticPod.key);
  const own = pod?.metadata?.uid === wantedOf(order, staticPod)?.uid ? pod : undefined;
  if (own && own.status?.phase !== 'Pending') return { state: 'running' };
  const waitsFor = own ? waitingReason(own) : '';
  return { state: 'pending', ...(waitsFor && { reason: waitsFor }) };
}
