// Which manifests want a name that another one holds, and since when. On main.
import type { PodKey } from '../manifest/static-pod.ts';
import type { Claims } from './claims.ts';

/** `loser`, `owner`: origins. */
export type Conflict = { loser: string; owner: string; sinceMs: number };

/** `over`: with why. A conflict whose name has another holder now begins again, though it lasts since it began. */
export type ConflictChanges = {
  began: { key: PodKey; conflict: Conflict }[];
  over: { key: PodKey; conflict: Conflict; cause: string }[];
};

export class Conflicts {
  /** By key and loser. */
  readonly #byKey = new Map<PodKey, Map<string, Conflict>>();

  sinceMs(key: PodKey, sourceId: string, origin: string): number | undefined {
    return this.#byKey.get(key)?.get(idOf(sourceId, origin))?.sinceMs;
  }

  /** Names that were settled anew. */
  settled(keys: Iterable<PodKey>, claims: Claims, nowMs: number): ConflictChanges {
    const changes: ConflictChanges = { began: [], over: [] };
    for (const key of keys) {
      const before = this.#byKey.get(key);
      const contenders = claims.contenders(key);
      if (!before && contenders.length < 2) continue;
      const now = new Map<string, Conflict>();
      for (const { sourceId, origin } of contenders) {
        const owner = claims.rival(key, sourceId, origin)?.origin;
        if (owner === undefined) continue;
        const was = before?.get(idOf(sourceId, origin));
        const conflict = { loser: origin, owner, sinceMs: was?.sinceMs ?? nowMs };
        now.set(idOf(sourceId, origin), conflict);
        if (was?.owner !== owner) changes.began.push({ key, conflict });
      }
      for (const [id, conflict] of before ?? []) {
        if (now.has(id)) continue;
        const has = contenders.some(({ sourceId, origin }) => idOf(sourceId, origin) === id);
        const cause = has
          ? `the Pod is its own now, ${conflict.owner} has let it go`
          : 'it claims the Pod no longer';
        changes.over.push({ key, conflict, cause });
      }
      if (now.size > 0) this.#byKey.set(key, now);
      else this.#byKey.delete(key);
    }
    return changes;
  }
}

const idOf = (sourceId: string, origin: string): string => `${sourceId}\n${origin}`;
