// Random numbers from a seed. One source for each name, so that what is drawn for one thing does not depend on how much
// was drawn for another: a plan with a container less keeps the troubles of those that are left.

export type Draw = {
  /** Whole, 0 ≤ x < limit. */
  upTo(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
};

export function drawFrom(seed: number, name: string): Draw {
  const random = randomFrom(Math.imul(hash(name) ^ seed, 0x9e3779b1));
  return {
    upTo: (limit) => Math.floor(random() * limit),
    chance: (probability) => random() < probability,
    pick: (from) => from[Math.floor(random() * from.length)] as (typeof from)[number],
  };
}

/** mulberry32: 0 ≤ x < 1. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return state;
}
