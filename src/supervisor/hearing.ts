// Which sources have spoken, can be read and are watched now: what depends on a source's silence waits for it. On main.
import { rfc3339 } from '../clock.ts';
import type { Notice, SourceStanding } from '../server/node-view.ts';
import type { SourceUpdate } from '../sources/update.ts';
import type { Log } from '../telemetry/log.ts';

type Trouble = { message: string; sinceMs: number };

export class Hearing {
  readonly #sourceIds: string[];
  readonly #log: Log;
  readonly #startedAtMs: number;
  readonly #heard = new Set<string>();
  readonly #unreadable = new Map<string, Trouble>();
  readonly #unwatched = new Map<string, Trouble>();

  constructor(sourceIds: string[], log: Log, startedAtMs: number) {
    this.#sourceIds = sourceIds;
    this.#log = log;
    this.#startedAtMs = startedAtMs;
  }

  hear({ sourceId, unreadable, unwatched }: SourceUpdate): void {
    this.#note(this.#unreadable, sourceId, unreadable, {
      bad: 'a source cannot be read; what runs of it runs on',
      good: 'a source can be read again',
    });
    this.#note(this.#unwatched, sourceId, unwatched, {
      bad: 'a source cannot be watched; its changes are found by scanning',
      good: 'a source is watched again',
    });
    if (!unreadable) this.#heard.add(sourceId);
  }

  /** Whether what this source does not name is not wanted; without a source: what none of them names. */
  covers(sourceId: string | undefined): boolean {
    if (sourceId === undefined) return this.#sourceIds.every((id) => this.covers(id));
    return this.#heard.has(sourceId) && !this.#unreadable.has(sourceId);
  }

  sources(): SourceStanding[] {
    return this.#sourceIds.map((id) => {
      const trouble = this.#troubleOf(id);
      return { id, readable: this.covers(id), ...(trouble && { trouble }) };
    });
  }

  /** What `/healthz` tells: not what is found by scanning, only later. */
  troubles(): Notice[] {
    return [...this.#unreadable].map(([sourceId, { message, sinceMs }]) => ({
      about: 'source',
      message: `${sourceId} cannot be read since ${rfc3339(sinceMs)}: ${message}`,
    }));
  }

  #troubleOf(id: string): SourceStanding['trouble'] {
    const unreadable = this.#unreadable.get(id);
    if (unreadable) return { state: 'unreadable', ...unreadable };
    if (!this.#heard.has(id))
      return {
        state: 'unreadable',
        message: 'nothing has been heard of it since monopod started',
        sinceMs: this.#startedAtMs,
      };
    const unwatched = this.#unwatched.get(id);
    return unwatched && { state: 'unwatched', ...unwatched };
  }

  #note(
    of: Map<string, Trouble>,
    sourceId: string,
    now: Trouble | undefined,
    say: { bad: string; good: string },
  ): void {
    const was = of.get(sourceId);
    if (now) of.set(sourceId, now);
    else of.delete(sourceId);
    if (now && now.message !== was?.message)
      this.#log.warn(say.bad, { source: sourceId, cause: now.message });
    if (!now && was) this.#log.info(say.good, { source: sourceId });
  }
}
