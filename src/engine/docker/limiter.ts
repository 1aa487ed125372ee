// How many calls to the engine are under way at once, and which of the waiting goes next. More than about 8 at once
// gain nothing (the engine serialises underneath) and make the urgent wait behind the rest.

/** From the most urgent to the least. */
export const PRIORITIES = ['kill', 'start', 'create', 'inspect', 'remove'] as const;
export type Priority = (typeof PRIORITIES)[number];

export class Limiter {
  readonly #limit: number;
  readonly #killReserve: number;
  readonly #waiting: Record<Priority, (() => void)[]> = {
    kill: [],
    start: [],
    create: [],
    inspect: [],
    remove: [],
  };
  #running = 0;

  /** A kill may go beyond `limit` by `killReserve`: it never waits for something slower to end. */
  constructor(limit = 8, killReserve = 4) {
    this.#limit = limit;
    this.#killReserve = killReserve;
  }

  async run<T>(priority: Priority, task: () => Promise<T>): Promise<T> {
    if (this.#free(priority)) this.#running++;
    else await new Promise<void>((admit) => this.#waiting[priority].push(admit));
    try {
      return await task();
    } finally {
      this.#running--;
      this.#admit();
    }
  }

  #free(priority: Priority): boolean {
    return this.#running < this.#limit + (priority === 'kill' ? this.#killReserve : 0);
  }

  #admit(): void {
    for (const priority of PRIORITIES) {
      for (
        let admit = this.#waiting[priority][0];
        admit && this.#free(priority);
        admit = this.#waiting[priority][0]
      ) {
        this.#waiting[priority].shift();
        this.#running++;
        admit();
      }
    }
  }
}
