// One pass of planning: the state being planned for, the time, and what has been decided so far.
import { DETACHED, type Effect } from './events.ts';
import type { PodState } from './state.ts';

/** Of dead containers. */
export type Retention = {
  /** --maximum-dead-containers-per-container; below 0 is all. */
  perContainer: number;
  /** --minimum-container-ttl-duration, from its start. */
  minAgeMs: number;
};

export const KEEP_ONE: Retention = { perContainer: 1, minAgeMs: 0 };

type WithoutCall<E> = E extends Effect ? Omit<E, 'call'> : never;

export class Planning {
  readonly state: PodState;
  readonly nowMs: number;
  /** --pod-infra-container-image. */
  readonly infraImage: string;
  readonly retention: Retention;
  readonly effects: Effect[] = [];
  wakeAtMs: number | undefined;

  constructor(state: PodState, nowMs: number, infraImage: string, retention: Retention) {
    this.retention = retention;
    this.infraImage = infraImage;
    this.state = state;
    this.nowMs = nowMs;
  }

  /** Issues an effect; answers with the number its answer will carry. */
  issue(effect: WithoutCall<Effect>): number {
    const call = this.state.nextCall++;
    this.effects.push({ ...effect, call } as Effect);
    if (DETACHED.has(effect.type)) return call;
    this.state.calls[call] = {
      type: effect.type,
      serial: effect.serial,
      ...('container' in effect && { container: effect.container }),
    };
    return call;
  }

  /** True if `atMs` has come; else asks to be woken then. */
  isDue(atMs: number): boolean {
    if (atMs <= this.nowMs) return true;
    this.wakeAtMs = Math.min(this.wakeAtMs ?? Number.POSITIVE_INFINITY, atMs);
    return false;
  }
}
