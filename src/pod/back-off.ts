// The kubelet's back-off: 10 s doubling to 5 min, forgotten after 10 min of running
// (client-go flowcontrol.Backoff as kuberuntime_manager's doBackOff uses it). Pure.

const initialMs = 10_000;
const maxMs = 300_000;

/** `waitedMs`: how long the present attempt was held back. */
export type BackOff = { delayMs: number; updatedAtMs: number; waitedMs?: number };

/** flowcontrol.Backoff hasExpired: an end more than twice the maximum after the last restart starts over. */
const expired = (backOff: BackOff, endedAtMs: number) => endedAtMs - backOff.updatedAtMs > 2 * maxMs;

/** When a container that ended at `endedAtMs` may start again; in the past or now if at once. */
export const restartAtMs = (backOff: BackOff | undefined, endedAtMs: number): number =>
  backOff === undefined || expired(backOff, endedAtMs) ? endedAtMs : endedAtMs + backOff.delayMs;

/** The entry after a restart now of what ended at `endedAtMs`. */
export const nextBackOff = (backOff: BackOff | undefined, endedAtMs: number, nowMs: number): BackOff => ({
  delayMs:
    backOff === undefined || expired(backOff, endedAtMs) ? initialMs : Math.min(backOff.delayMs * 2, maxMs),
  updatedAtMs: nowMs,
});

/** For what fails without ever running (pulls, creates): the same steps, by count of failures from 1. */
export const retryDelayMs = (failures: number): number => Math.min(initialMs * 2 ** (failures - 1), maxMs);

/** For a volume that cannot be had: 0.5 s doubling to 2m2s (exponentialbackoff of the volume manager's operations). */
export const mountRetryDelayMs = (failures: number): number => Math.min(500 * 2 ** (failures - 1), 122_000);

/** For asking an engine that does not answer: 0.5 s doubling to 30 s. */
export const engineRetryDelayMs = (failures: number): number => Math.min(500 * 2 ** (failures - 1), 30_000);

/** 10 s, 1m20s, 5m0s: as Go prints a duration in `back-off 1m20s restarting failed container`. */
export function goSeconds(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
