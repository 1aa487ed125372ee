// The simulation's clock: time moves only from timer to timer; what is random comes from whoever makes the clock.
import type { Clock, Timer } from '../../src/clock.ts';

/** As the system's clock has it. */
const longestTimerMs = 24 * 60 * 60 * 1000;

type Entry = { atMs: number; callback: () => void };

export class SimulatedClock implements Clock {
  readonly random: () => number;
  #nowMs = 1_800_000_000_000;
  /** By time, and within one time in the order they were set. */
  readonly #timers: Entry[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  now = (): number => this.#nowMs;

  after = (delayMs: number, callback: () => void): Timer => {
    const entry = { atMs: this.#nowMs + Math.max(0, Math.min(delayMs, longestTimerMs)), callback };
    this.#timers.splice(this.#placeOf(entry.atMs), 0, entry);
    return {
      cancel: () => {
        const at = this.#timers.indexOf(entry);
        if (at >= 0) this.#timers.splice(at, 1);
      },
    };
  };

  /** Runs every timer up to `untilMs`, and after each all that follows from it without time passing. */
  async run(untilMs: number, stop: () => boolean = () => false): Promise<void> {
    for (;;) {
      await settle();
      const next = this.#timers[0];
      if (stop() || !next || next.atMs > untilMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #placeOf(atMs: number): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All pending promises have run: a macrotask comes after every microtask. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
