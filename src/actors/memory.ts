// What keeps fifty threads small. V8's flags are the process's: they are set before the first thread is spawned.
// Measured on Node 26 (RSS a thread): 11.1 MB as it comes, 9.1 without a copy of the builtins for each thread.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from '../clock.ts';

let isSet = false;

/** Called by whoever spawns threads, before the first. */
export function keepThreadsSmall(): void {
  if (isSet) return;
  isSet = true;
  setFlagsFromString('--no-short-builtin-calls');
  setFlagsFromString('--compact-on-every-full-gc');
  // Gives every thread spawned from now on a `gc` of its own, for `GiveBack`; main makes one.
  setFlagsFromString('--expose-gc');
}

const quietMs = 10_000;

let collect: Gc | undefined;

type Gc = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Gives back what a burst of work left behind, once it has been quiet for a while: V8 does so by itself only under
 * pressure, and fifty idle threads each hold what their busiest second took.
 */
export class GiveBack {
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something happened: wait anew. */
  touched(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(quietMs, giveBack);
  }
}

/** Takes some 30 ms of the thread that calls it. */
export function giveBack(): void {
  collect ??= (globalThis as { gc?: Gc }).gc ?? (runInNewContext('gc') as Gc);
  // The first pass drops compiled code that has not run of late, the second closes the gaps that it leaves.
  setFlagsFromString('--stress-flush-code');
  for (let pass = 0; pass < 2; pass++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  setFlagsFromString('--no-stress-flush-code');
}
