// The simulation's clock: time moves only from timer to timer, and every random number comes from the seed.
import type { Clock, Timer } from '../../src/clock.ts';

type Entry = { atMs: number; order: number; callback: () => void };

export class SimulatedClock implements Clock {
  #nowMs = 1_800_000_000_000;
  #order = 0;
  #state: number;
  readonly #timers = new Set<Entry>();

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  now = (): number => this.#nowMs;

  after = (delayMs: number, callback: () => void): Timer => {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(entry);
    return { cancel: () => this.#timers.delete(entry) };
  };

  /** mulberry32. */
  random = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** Runs every timer up to `untilMs`, and after each all that follows from it without time passing. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      await settle();
      const next = this.#earliest();
      if (!next || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #earliest(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#timers) {
      if (!first || entry.atMs < first.atMs || (entry.atMs === first.atMs && entry.order < first.order))
        first = entry;
    }
    return first;
  }
}

/** All pending promises have run: a macrotask comes after every microtask. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
