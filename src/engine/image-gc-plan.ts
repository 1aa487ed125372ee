// Which unused images go (kubelet image_gc_manager: GarbageCollect, freeOldImages, freeSpace). Pure.

export type ImageGcPolicy = {
  /** Percent of the disk in use at which images begin to go. 100 is never. */
  highThreshold: number;
  /** Percent at which it is enough. */
  lowThreshold: number;
  /** An image younger than that stays. */
  minAgeMs: number;
  /** One unused for longer goes, however much room there is. 0 is never. */
  maxAgeMs: number;
};

/** Images of others, those in use and those that are needed are none. */
export type Candidate = {
  id: string;
  names: string[];
  /** All by which the engine knows it, digests among them. */
  refs: string[];
  bytes: number;
  pulledAtMs: number;
  lastUsedMs: number;
};

export type Disk = { capacityBytes: number; availableBytes: number };

/** `sinceMs`: since when it has been watched what is used. */
export const agesCount = ({ maxAgeMs }: ImageGcPolicy, sinceMs: number, nowMs: number): boolean =>
  maxAgeMs > 0 && nowMs - sinceMs >= maxAgeMs;

/** 0 where the disk has room. Percentages are rounded down, as the kubelet does. */
export function bytesToFree(policy: ImageGcPolicy, { capacityBytes, availableBytes }: Disk): number {
  if (capacityBytes <= 0) return 0;
  const available = Math.min(availableBytes, capacityBytes);
  const usedPercent = 100 - Math.floor((available * 100) / capacityBytes);
  if (policy.highThreshold === 100 || usedPercent < policy.highThreshold) return 0;
  return Math.max(0, Math.floor((capacityBytes * (100 - policy.lowThreshold)) / 100) - available);
}

/** Unused for longer than `maxAgeMs`. */
export const tooOld = (candidates: Candidate[], { maxAgeMs }: ImageGcPolicy, nowMs: number): Candidate[] =>
  candidates.filter(({ lastUsedMs }) => nowMs - lastUsedMs > maxAgeMs);

/** In the order in which they go for want of room: the one that was used longest ago first. */
export const inEvictionOrder = (
  candidates: Candidate[],
  { minAgeMs }: ImageGcPolicy,
  nowMs: number,
): Candidate[] =>
  candidates
    .filter(({ pulledAtMs }) => nowMs - pulledAtMs >= minAgeMs)
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs || a.pulledAtMs - b.pulledAtMs);
