// When a path is quiet enough to be looked at. Events in, settled paths out. A path removed and put back within
// milliseconds is a change; a file written in pieces settles after the last of them; the two halves of a rename come
// out together. No I/O; time only by the Clock.
import type { Clock, Timer } from '../../clock.ts';

/** What was at the path when the event came. `inode`: what is there, or what was there when it is gone. */
export type Sighting = { gone: boolean; inode?: string };

export type Settled = Sighting & {
  path: string;
  /** When the first event of this burst came, ms since the epoch. */
  firstMs: number;
};

type Pending = Settled & { dueMs: number };

const changeQuietMs = 10;
/** Editors that remove and write anew take less; every millisecond more is one that a stop comes later. */
const removalQuietMs = 5;
/** A file that is never quiet is looked at all the same. */
export const pendingMsMax = 5_000;

export class Settle {
  readonly #clock: Clock;
  readonly #onSettled: (settled: Settled[]) => void;
  readonly #pending = new Map<string, Pending>();
  #timer: { dueMs: number; handle: Timer } | undefined;

  constructor(clock: Clock, onSettled: (settled: Settled[]) => void) {
    this.#clock = clock;
    this.#onSettled = onSettled;
  }

  note(path: string, sighting: Sighting, quietMs = sighting.gone ? removalQuietMs : changeQuietMs): void {
    const nowMs = this.#clock.now();
    const firstMs = this.#pending.get(path)?.firstMs ?? nowMs;
    const dueMs = Math.min(nowMs + quietMs, firstMs + Math.max(pendingMsMax, quietMs));
    this.#pending.set(path, { ...sighting, path, firstMs, dueMs });
    this.#arm(dueMs);
  }

  has(path: string): boolean {
    return this.#pending.has(path);
  }

  forget(path: string): void {
    this.#pending.delete(path);
  }

  close(): void {
    this.#pending.clear();
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  #arm(dueMs: number): void {
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.handle.cancel();
    const handle = this.#clock.after(dueMs - this.#clock.now(), () => this.#fire(dueMs));
    this.#timer = { dueMs, handle };
  }

  /** `armedMs` counts as reached whatever the clock says: it may have been set back meanwhile. */
  #fire(armedMs: number): void {
    this.#timer = undefined;
    const nowMs = Math.max(this.#clock.now(), armedMs);
    this.#waitForRenames();
    const settled: Settled[] = [];
    let nextMs: number | undefined;
    for (const { dueMs, ...path } of this.#pending.values()) {
      if (dueMs <= nowMs) settled.push(path);
      else nextMs = Math.min(nextMs ?? dueMs, dueMs);
    }
    for (const { path } of settled) this.#pending.delete(path);
    if (nextMs !== undefined) this.#arm(nextMs);
    if (settled.length > 0) this.#onSettled(settled);
  }

  /** A path that is gone while the file that was there appears at another waits for the other. */
  #waitForRenames(): void {
    const arriving = new Map<string, number>();
    for (const { gone, inode, dueMs } of this.#pending.values())
      if (!gone && inode !== undefined) arriving.set(inode, dueMs);
    for (const pending of this.#pending.values()) {
      if (!pending.gone || pending.inode === undefined) continue;
      pending.dueMs = Math.max(pending.dueMs, arriving.get(pending.inode) ?? 0);
    }
  }
}
