// The only place that reads the wall clock, sets timers and draws random numbers, so that everything else can run
// under the simulation's clock. Times are milliseconds since the epoch; durations end in `Ms`.

export type Timer = { cancel(): void };

export type Clock = {
  now(): number;
  /** Calls back once, after `delayMs` (clamped to 0 … 24 h, what setTimeout can hold). Never keeps the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** 0 ≤ x < 1. */
  random(): number;
};

const longestTimerMs = 24 * 60 * 60 * 1000;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.max(0, Math.min(delayMs, longestTimerMs)));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  random: () => Math.random(),
};

/** RFC 3339 in UTC to the second, as metav1.Time prints it. */
export const rfc3339 = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;

/** Resolves after `delayMs` by the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });

// Not `performance.now`: that loads eleven modules into each thread, some 0.3 MB.
const monotonicMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};

let originMs = Date.now() - monotonicMs();

/** What `preciseNow` counts from, for the threads of this process to count from as well. */
export const preciseOrigin = (): number => originMs;

export function adoptPreciseOrigin(otherMs: number): void {
  originMs = otherMs;
}

/**
 * The wall clock with fractions of a millisecond, for spans: all threads of the process count from one origin, so that
 * their spans line up. Follows the wall clock again when that was set, or the machine slept.
 */
export function preciseNow(): number {
  const now = originMs + monotonicMs();
  const drift = Date.now() - now;
  if (Math.abs(drift) < 50) return now;
  originMs += drift;
  return now + drift;
}
