// How long a thread that died waits before it is started again: not at all the first time, then 1 s doubling to 5 min.

export const restartDelayMs = (deathsInARow: number): number =>
  deathsInARow <= 1 ? 0 : Math.min(1000 * 2 ** (deathsInARow - 2), 300_000);

/** A thread that has lived this long starts with a clean slate. */
const healthyAfterMs = 600_000;

/** Deaths in a row, with the one now of a thread that was started at `startedAtMs`. */
export const deathsInARow = (before: number, startedAtMs: number, nowMs: number): number =>
  nowMs - startedAtMs > healthyAfterMs ? 1 : before + 1;
