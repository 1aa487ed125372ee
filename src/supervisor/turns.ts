// Names to settle with their Pods, lowest rank first, some in each turn of the loop: whoever asks main anything while a
// directory of thousands of manifests comes in is answered in between. On main.
import type { Clock, Timer } from '../clock.ts';
import type { PodKey } from '../manifest/static-pod.ts';

/** What an ordinary node has is settled at once. */
const atOnceMax = 64;

export type TurnsOptions = {
  clock: Clock;
  rank(key: PodKey): number;
  settle(key: PodKey): void;
  /** None is left. */
  onDone(): void;
};

export class Turns {
  readonly #options: TurnsOptions;
  #left: PodKey[] = [];
  #next: Timer | undefined;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** Those of the same rank as they came; what is left of before takes its place among them. */
  take(keys: Iterable<PodKey>): void {
    const ranked = [...new Set([...this.#left, ...keys])].map((key) => ({
      key,
      rank: this.#options.rank(key),
    }));
    // Ranks may be infinite, and then have no difference.
    ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank));
    this.#left = ranked.map(({ key }) => key);
    if (!this.#next) this.#turn();
  }

  close(): void {
    this.#next?.cancel();
    this.#left = [];
  }

  #turn(): void {
    const { clock, settle, onDone } = this.#options;
    for (const key of this.#left.splice(0, atOnceMax)) settle(key);
    this.#next = this.isDone ? undefined : clock.after(0, () => this.#turn());
    if (this.isDone) onDone();
  }
}
