// Which manifest gets which name. Every good document claims a Pod's key; of several that claim one key, the one that
// runs keeps it, else the first by source and path; the others are conflicts. Pure, but for the table it keeps.
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import type { ManifestEntry, SourceUpdate } from '../sources/update.ts';

export type Claim = { sourceId: string; origin: string; staticPod: StaticPod; entry: ManifestEntry };

type Owner = { sourceId: string; origin: string };

export class Claims {
  readonly #sources = new Map<string, Map<string, ManifestEntry>>();
  readonly #byKey = new Map<PodKey, Claim[]>();
  readonly #owners = new Map<PodKey, Owner>();

  /** Takes in what a source says. Answers with the keys whose claims may have changed. */
  apply({ sourceId, full, changed, removed }: SourceUpdate): Set<PodKey> {
    const entries = this.#sources.get(sourceId) ?? new Map<string, ManifestEntry>();
    this.#sources.set(sourceId, entries);
    const touched = new Set<PodKey>();
    const drop = (origin: string) => {
      const key = entries.get(origin)?.staticPod?.key;
      entries.delete(origin);
      if (key !== undefined) touched.add(this.#withdraw(key, sourceId, origin));
    };
    if (full) for (const origin of [...entries.keys()]) drop(origin);
    for (const origin of removed) drop(origin);
    for (const entry of changed) {
      drop(entry.origin);
      entries.set(entry.origin, entry);
      const { staticPod } = entry;
      if (!staticPod) continue;
      const claim = { sourceId, origin: entry.origin, staticPod, entry };
      this.#byKey.set(
        staticPod.key,
        [...(this.#byKey.get(staticPod.key) ?? []), claim].sort(bySourceAndPath),
      );
      touched.add(staticPod.key);
    }
    return touched;
  }

  /** The claim that holds the key now, settled anew. */
  settle(key: PodKey): Claim | undefined {
    const claims = this.#byKey.get(key) ?? [];
    const owner = this.#owners.get(key);
    const winner =
      claims.find(({ sourceId, origin }) => sourceId === owner?.sourceId && origin === owner.origin) ??
      claims[0];
    if (winner) this.#owners.set(key, { sourceId: winner.sourceId, origin: winner.origin });
    else this.#owners.delete(key);
    return winner;
  }

  /**
   * What runs from the run before: its source still says so until it has been heard, and it keeps its name against
   * whatever comes first now.
   */
  presume(sourceId: string, staticPod: StaticPod, nowMs: number): void {
    const { key, origin } = staticPod;
    const entry: ManifestEntry = {
      origin,
      state: 'kept',
      staticPod,
      errors: [],
      warnings: [],
      reason: 'its source has not been heard since monopod started',
      sinceMs: nowMs,
    };
    this.apply({ sourceId, full: false, changed: [entry], removed: [] });
    this.#owners.set(key, { sourceId, origin });
  }

  keys(): Iterable<PodKey> {
    return this.#byKey.keys();
  }

  entries(): { sourceId: string; entry: ManifestEntry }[] {
    return [...this.#sources].flatMap(([sourceId, entries]) =>
      [...entries.values()].map((entry) => ({ sourceId, entry })),
    );
  }

  /** All that claim the key, whoever holds it. */
  contenders(key: PodKey): readonly Claim[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Who holds the key against this claim, if another does. */
  rival(key: PodKey, sourceId: string, origin: string): Owner | undefined {
    const owner = this.#owners.get(key);
    return owner && (owner.sourceId !== sourceId || owner.origin !== origin) ? owner : undefined;
  }

  /** The last good set of a source, for its thread to begin with again. */
  lastGood(sourceId: string): StaticPod[] {
    return [...(this.#sources.get(sourceId)?.values() ?? [])].flatMap(({ staticPod }) => staticPod ?? []);
  }

  #withdraw(key: PodKey, sourceId: string, origin: string): PodKey {
    const rest = (this.#byKey.get(key) ?? []).filter(
      (claim) => claim.sourceId !== sourceId || claim.origin !== origin,
    );
    if (rest.length > 0) this.#byKey.set(key, rest);
    else this.#byKey.delete(key);
    return key;
  }
}

const bySourceAndPath = (a: Claim, b: Claim) =>
  compare(a.sourceId, b.sourceId) || compare(a.origin, b.origin);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
