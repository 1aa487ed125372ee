// Main's hold on a source thread: starts it, and starts it again with the last good set when it dies.
import { spawn, type Thread } from '../actors/thread.ts';
import { type Clock, sleep } from '../clock.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import type { PushCalls } from '../sources/push/calls.ts';
import { type SourceChild, type SourceData, type SourceParent, sourceIdOf } from '../sources/service.ts';
import type { SourceUpdate } from '../sources/update.ts';
import type { Log } from '../telemetry/log.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { deathsInARow, restartDelayMs } from './restart-delay.ts';

export type SourceLinkOptions = {
  data: SourceData;
  /** What the source had said when its thread died. */
  lastGood(): StaticPod[];
  clock: Clock;
  log: Log;
  onSpans(spans: SpanRecord[]): void;
  onUpdate(update: SourceUpdate): void;
};

export class SourceLink {
  readonly #options: SourceLinkOptions;
  #thread: Thread<SourceChild & PushCalls>;
  #deaths = 0;
  #startedAtMs = 0;
  #closed = false;

  constructor(options: SourceLinkOptions) {
    this.#options = options;
    this.#thread = this.#start(options.data.lastGood);
  }

  /** A source that is not pushed to refuses these; while there is no thread they reject with a ThreadGoneError. */
  readonly calls: PushCalls = {
    put: (...args) => this.#thread.remote.put(...args),
    remove: (...args) => this.#thread.remote.remove(...args),
    get: (...args) => this.#thread.remote.get(...args),
  };

  get kind(): SourceData['kind'] {
    return this.#options.data.kind;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.terminate();
  }

  #start(lastGood: StaticPod[]): Thread<SourceChild & PushCalls> {
    const { data, clock, onSpans, onUpdate } = this.#options;
    this.#startedAtMs = clock.now();
    const parent: SourceParent = { update: onUpdate };
    const thread = spawn<SourceParent, SourceChild & PushCalls>(
      'source',
      { ...data, lastGood },
      parent,
      onSpans,
    );
    void thread.exited.then(({ error }) => this.#revive(error));
    return thread;
  }

  async #revive(error: Error | undefined): Promise<void> {
    const { clock, log, data, lastGood } = this.#options;
    if (this.#closed) return;
    this.#deaths = deathsInARow(this.#deaths, this.#startedAtMs, clock.now());
    log.error('a source thread has ended and is started again', {
      source: sourceIdOf(data),
      cause: error?.message,
    });
    await sleep(clock, restartDelayMs(this.#deaths));
    if (!this.#closed) this.#thread = this.#start(lastGood());
  }
}
