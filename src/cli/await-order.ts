// How far a Pod has come with what was ordered, from the changes that monopod tells of. Pure, but for what it has seen.
import type { Pod } from '../kubernetes/pod.ts';
import { waitingReason } from '../supervisor/waiting-reason.ts';

export type Progress =
  | { at: 'under way'; why: string }
  | { at: 'done' }
  /** Something else was ordered or edited meanwhile. */
  | { at: 'overtaken' };

export class OrderProgress {
  /** Of the version that is to run; undefined: none is. */
  readonly #uid: string | undefined;
  #began = false;

  constructor(uid: string | undefined) {
    this.#uid = uid;
  }

  /** `pod`: as it is now; undefined: there is none. */
  seen(pod: Pod | undefined): Progress {
    const stops = pod?.metadata?.deletionTimestamp !== undefined;
    if (this.#uid === undefined) return this.#stopping(pod, stops);
    const isIt = pod?.metadata?.uid === this.#uid && !stops;
    if (isIt && hasStarted(pod)) return { at: 'done' };
    if (this.#began && !isIt) return { at: 'overtaken' };
    this.#began = isIt;
    return { at: 'under way', why: isIt ? waitingReason(pod) : '' };
  }

  #stopping(pod: Pod | undefined, stops: boolean): Progress {
    if (!pod) return { at: 'done' };
    if (this.#began && !stops) return { at: 'overtaken' };
    this.#began = stops;
    return { at: 'under way', why: '' };
  }
}

const hasStarted = ({ status }: Pod): boolean =>
  status?.phase === 'Running' || status?.phase === 'Succeeded' || status?.phase === 'Failed';
