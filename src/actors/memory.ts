// Gives back what a burst of work left behind in a thread, once it has been quiet for a while: V8 does so by itself only
// under pressure, and fifty idle threads each hold what their busiest second took.
import type { Clock, Timer } from '../clock.ts';

const quietMs = 60_000;

/** Put there by thread-flags.ts: a `gc` in every thread spawned after it was set. */
type Gc = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

export class GiveBack {
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something happened: wait anew. */
  touched(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(quietMs, () => {
      const { gc } = globalThis as { gc?: Gc };
      // The second pass frees what the first has let go of.
      for (let pass = 0; pass < 2; pass++) gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    });
  }
}
