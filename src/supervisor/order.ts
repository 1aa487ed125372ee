// What a person, or a roll-back, has ordered for one Pod, and which version it makes of its manifest. Pure: an order and
// what happens in, the order after it out.
import { createHash } from 'node:crypto';
import { rfc3339 } from '../clock.ts';
import { rollbackAfterMs } from '../manifest/rollback-after.ts';
import type { StaticPod } from '../manifest/static-pod.ts';

export type Order = {
  /** As its source said it last. Most of the order holds for this version of it alone. */
  manifest: StaticPod;
  /** The last version that was Ready. */
  ready?: StaticPod;
  /** Holds whatever the manifest says, and while there is none. */
  stopped?: { sinceMs: number };
  restarted?: { atMs: number };
  /** A version that has `monopod.dev/rollback-after` to become Ready in, since it took over from the one before. */
  trial?: { uid: string; sinceMs?: number };
  /** That time has passed: `ready` runs instead. */
  rolledBack?: { sinceMs: number; reason: string };
};

/** Whether there is anything that the next run of monopod has to know. */
export const isStanding = ({ stopped, restarted, trial, rolledBack }: Order): boolean =>
  Boolean(stopped || restarted || trial || rolledBack);

/** The version to run; undefined: none. */
export function wantedOf(order: Order | undefined, manifest: StaticPod): StaticPod | undefined {
  if (order?.stopped) return undefined;
  if (order?.manifest.uid !== manifest.uid) return manifest;
  if (order.rolledBack && order.ready) return order.ready;
  return order.restarted ? restartedVersion(manifest, order.restarted.atMs) : manifest;
}

/** What `kubectl rollout restart` writes into a template, so that who knows the one finds the other. */
const restartedAtAnnotation = 'kubectl.kubernetes.io/restartedAt';

/** The same manifest as another Pod: another UID is what makes a new generation of it. */
function restartedVersion(manifest: StaticPod, atMs: number): StaticPod {
  const { pod, uid: manifestUid } = manifest;
  const uid = createHash('sha256')
    .update(JSON.stringify(['monopod-restart/1', manifestUid, atMs]))
    .digest('hex')
    .slice(0, 32);
  const annotations = {
    ...pod.metadata?.annotations,
    'kubernetes.io/config.hash': uid,
    [restartedAtAnnotation]: rfc3339(atMs),
  };
  const metadata = { ...pod.metadata, uid, annotations };
  return { ...manifest, uid, restarted: { manifestUid, atMs }, pod: { ...pod, metadata } };
}

/** An edit is a new start; what is stopped stays so. */
export function edited(order: Order, manifest: StaticPod): Order {
  if (order.manifest.uid === manifest.uid) return order;
  const { ready, stopped } = order;
  // Back to what was Ready is back to it as it was: it may well run.
  const before = ready?.restarted?.manifestUid === manifest.uid ? ready.restarted : undefined;
  return {
    manifest,
    ...(ready && { ready }),
    ...(stopped && { stopped }),
    ...(before && { restarted: { atMs: before.atMs } }),
  };
}

export function stop({ trial: _, ...order }: Order, nowMs: number): Order {
  return { ...order, stopped: order.stopped ?? { sinceMs: nowMs } };
}

export const start = ({ stopped: _, ...order }: Order): Order => order;

/** Whatever else was ordered: this version, anew. */
export function restart({ manifest, ready, restarted }: Order, nowMs: number): Order {
  // Twice within a millisecond is twice.
  const atMs = Math.max(nowMs, (restarted?.atMs ?? 0) + 1);
  return { manifest, ...(ready && { ready }), restarted: { atMs } };
}

/** The manifest's version that it is: a restart makes no other. */
const versionOf = ({ uid, restarted }: StaticPod) => restarted?.manifestUid ?? uid;

/** It is to run now. On trial only in place of another version that was Ready. */
export function handedOver(order: Order, version: StaticPod): Order {
  const { ready, trial } = order;
  if (trial?.uid === version.uid || rollbackAfterMs(version.pod) === undefined) return order;
  if (!ready || versionOf(ready) === versionOf(version)) return order;
  return { ...order, trial: { uid: version.uid } };
}

/** The one before has gone: from now on its time counts. */
export function tookOver(order: Order, { uid }: StaticPod, nowMs: number): Order {
  const { trial } = order;
  return trial?.uid === uid && trial.sinceMs === undefined
    ? { ...order, trial: { uid, sinceMs: nowMs } }
    : order;
}

export function becameReady(order: Order, version: StaticPod): Order {
  const { trial, ...rest } = order;
  if (trial?.uid === version.uid) return { ...rest, ready: version };
  return order.ready?.uid === version.uid ? order : { ...order, ready: version };
}

export const withoutTrial = ({ trial: _, ...order }: Order): Order => order;

export const givenUp = (order: Order, nowMs: number, reason: string): Order => ({
  ...withoutTrial(order),
  rolledBack: { sinceMs: nowMs, reason },
});

const version = 1;

export const orderText = (order: Order): string => JSON.stringify({ version, ...order });

/** Undefined for what is damaged or of another version. */
export function readOrder(key: string, text: string): Order | undefined {
  try {
    const { version: written, ...order }: Order & { version: number } = JSON.parse(text);
    const versions = [order.manifest, ...(order.ready ? [order.ready] : [])];
    const isWhole = versions.every(
      (one) => one.key === key && typeof one.uid === 'string' && Array.isArray(one.pod.spec?.containers),
    );
    return written === version && isWhole ? order : undefined;
  } catch {
    // Not JSON, or not of our shape.
    return undefined;
  }
}
