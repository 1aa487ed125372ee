// Warm threads of one kind: the next Pod takes one that has already started, and another is started behind it.
import type { Thread } from './thread.ts';

export class Spares<Child> {
  readonly #spawn: () => Thread<Child>;
  readonly #wanted: number;
  readonly #later: (fill: () => void) => unknown;
  readonly #warm: Thread<Child>[] = [];
  #closed = false;

  /** `later`: when to start the next spare; not at once, where that would take its time from the Pod that starts. */
  constructor(
    wanted: number,
    spawn: () => Thread<Child>,
    later: (fill: () => void) => unknown = setImmediate,
  ) {
    this.#wanted = wanted;
    this.#spawn = spawn;
    this.#later = later;
  }

  /** A thread that is ready or about to be; never waits. */
  take(): Thread<Child> {
    const thread = this.#warm.shift() ?? this.#spawn();
    this.#later(() => this.fill());
    return thread;
  }

  fill(): void {
    while (!this.#closed && this.#warm.length < this.#wanted) {
      const thread = this.#spawn();
      this.#warm.push(thread);
      // A spare that dies is dropped, not replaced here: what kills it at once would kill the next as well.
      void thread.exited.then(() => {
        const at = this.#warm.indexOf(thread);
        if (at >= 0) this.#warm.splice(at, 1);
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#warm.splice(0).map((thread) => thread.terminate()));
  }
}
