// How long a thread that died waits before it is started again: not at all the first time, then 1 s doubling to 5 min.

export const restartDelayMs = (deathsInARow: number): number =>
  deathsInARow <= 1 ? 0 : Math.min(1000 * 2 ** (deathsInARow - 2), 300_000);

/** A thread that has lived this long starts with a clean slate. */
export const healthyAfterMs = 600_000;
