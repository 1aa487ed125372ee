// Who waits for which image, so that one who has no use for it any more can say so. Engine thread.
import type { PodKey } from '../manifest/static-pod.ts';
import type { ImageWait } from './engine.ts';

export class ImageWaits {
  readonly #waits = new Map<PodKey, Map<number, AbortController>>();

  /** Runs `work` with a signal that says when its answer is of no use any more. */
  async during<T>(wait: ImageWait | undefined, work: (left?: AbortSignal) => Promise<T>): Promise<T> {
    if (!wait) return work();
    const { key, ticket } = wait;
    const own = this.#waits.get(key) ?? new Map<number, AbortController>();
    this.#waits.set(key, own);
    const abort = new AbortController();
    own.set(ticket, abort);
    try {
      return await work(abort.signal);
    } finally {
      if (own.get(ticket) === abort) own.delete(ticket);
      if (own.size === 0 && this.#waits.get(key) === own) this.#waits.delete(key);
    }
  }

  leave({ key, ticket }: ImageWait): void {
    this.#waits.get(key)?.get(ticket)?.abort();
  }

  /** The Pod's thread has gone. */
  leaveAll(key: PodKey): void {
    for (const abort of this.#waits.get(key)?.values() ?? []) abort.abort();
    this.#waits.delete(key);
  }
}
