// --maximum-dead-containers: of what all Pods keep of earlier attempts, what is too much (kuberuntime_gc
// evictContainers with MaxContainers). Main's; each Pod says what it keeps and is told what to let go.
import type { PodKey } from '../manifest/static-pod.ts';
import type { DeadContainer } from '../pod/service.ts';

type Kept = DeadContainer & { key: PodKey };

export class DeadContainers {
  readonly #max: number;
  readonly #discard: (key: PodKey, id: string) => void;
  readonly #byKey = new Map<PodKey, Kept[]>();

  /** `max` below 0: any number. */
  constructor(max: number, discard: (key: PodKey, id: string) => void) {
    this.#max = max;
    this.#discard = discard;
  }

  /** All that the Pod keeps now. */
  keeps(key: PodKey, dead: DeadContainer[]): void {
    if (this.#max < 0) return;
    if (dead.length === 0) this.#byKey.delete(key);
    else
      this.#byKey.set(
        key,
        dead.map((one) => ({ ...one, key })),
      );
    const all = [...this.#byKey.values()].flat();
    for (const { key: whose, id } of tooMany(all, this.#max)) {
      // Not told of twice, should another Pod speak first.
      const left = this.#byKey.get(whose)?.filter((kept) => kept.id !== id) ?? [];
      this.#byKey.set(whose, left);
      this.#discard(whose, id);
    }
  }
}

/** First each container gets an even share of at least one, then the oldest go. */
export function tooMany<T extends DeadContainer & { key: string }>(all: T[], max: number): T[] {
  if (all.length <= max) return [];
  const newestFirst = all.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  const units = Map.groupBy(newestFirst, ({ key, container }) => `${key}/${container}`);
  const share = Math.max(1, Math.floor(max / units.size));
  const stays = new Set([...units.values()].flatMap((unit) => unit.slice(0, share)));
  const shared = newestFirst.filter((one) => stays.has(one)).slice(0, max);
  return all.filter((one) => !shared.includes(one));
}
