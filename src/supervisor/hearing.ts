// Which sources have spoken and can be read now: what depends on a source's silence waits for it. On main.
import { rfc3339 } from '../clock.ts';
import type { SourceUpdate } from '../sources/update.ts';
import type { Log } from '../telemetry/log.ts';

export class Hearing {
  readonly #sourceIds: string[];
  readonly #log: Log;
  readonly #heard = new Set<string>();
  readonly #unreadable = new Map<string, { message: string; sinceMs: number }>();

  constructor(sourceIds: string[], log: Log) {
    this.#sourceIds = sourceIds;
    this.#log = log;
  }

  hear({ sourceId, unreadable }: SourceUpdate): void {
    const was = this.#unreadable.get(sourceId);
    if (unreadable && unreadable.message !== was?.message)
      this.#log.warn('a source cannot be read; what runs of it runs on', {
        source: sourceId,
        cause: unreadable.message,
      });
    if (!unreadable && was) this.#log.info('a source can be read again', { source: sourceId });
    if (unreadable) this.#unreadable.set(sourceId, unreadable);
    else {
      this.#unreadable.delete(sourceId);
      this.#heard.add(sourceId);
    }
  }

  /** Whether what this source does not name is not wanted; without a source: what none of them names. */
  covers(sourceId: string | undefined): boolean {
    if (sourceId === undefined) return this.#sourceIds.every((id) => this.covers(id));
    return this.#heard.has(sourceId) && !this.#unreadable.has(sourceId);
  }

  sources(): { id: string; readable: boolean }[] {
    return this.#sourceIds.map((id) => ({ id, readable: this.covers(id) }));
  }

  troubles(): string[] {
    return [...this.#unreadable].map(
      ([sourceId, { message, sinceMs }]) =>
        `${sourceId} cannot be read since ${rfc3339(sinceMs)}: ${message}`,
    );
  }
}
