// Main's hold on the engine thread: starts it, starts it again when it dies, and gives every Pod its pair of ports.
import { MessageChannel } from 'node:worker_threads';
import { type Remote, transfer } from '../actors/call.ts';
import { spawn, type Thread } from '../actors/thread.ts';
import { type Clock, sleep } from '../clock.ts';
import type { EngineThread, EngineThreadData, EngineThreadParent } from '../engine/service.ts';
import type { WatchEvent } from '../engine/subscriptions.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { EnginePorts } from '../pod/service.ts';
import type { Log } from '../telemetry/log.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { deathsInARow, restartDelayMs } from './restart-delay.ts';

export type EngineLinkOptions = {
  data: EngineThreadData;
  clock: Clock;
  log: Log;
  onSpans(spans: SpanRecord[]): void;
  onEvent(event: WatchEvent): void;
  /** The thread was replaced: every Pod needs new ports. */
  onReplaced(): void;
};

export class EngineLink {
  readonly #options: EngineLinkOptions;
  #thread: Thread<EngineThread>;
  #deaths = 0;
  #startedAtMs = 0;
  #closed = false;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  get remote(): Remote<EngineThread> {
    return this.#thread.remote;
  }

  portsFor(key: PodKey): EnginePorts {
    const calls = new MessageChannel();
    const events = new MessageChannel();
    // A thread that is dying rejects this; its successor attaches every Pod anew.
    this.remote
      .attach(key, transfer(calls.port1, [calls.port1]), transfer(events.port1, [events.port1]))
      .catch(() => undefined);
    return { calls: calls.port2, events: events.port2 };
  }

  detach(key: PodKey): void {
    this.remote.detach(key).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.terminate();
  }

  #start(): Thread<EngineThread> {
    const { data, clock, log, onSpans, onEvent } = this.#options;
    this.#startedAtMs = clock.now();
    const parent: EngineThreadParent = {
      log: (level, message, fields) => log[level](message, fields),
    };
    const thread = spawn<EngineThreadParent, EngineThread>('engine', data, parent, onSpans);
    const watch = new MessageChannel();
    watch.port2.on('message', onEvent);
    thread.remote.watch(transfer(watch.port1, [watch.port1])).catch(() => undefined);
    void thread.exited.then(({ error }) => this.#revive(error));
    return thread;
  }

  async #revive(error: Error | undefined): Promise<void> {
    if (this.#closed) return;
    this.#deaths = deathsInARow(this.#deaths, this.#startedAtMs, this.#options.clock.now());
    this.#options.log.error('the engine thread has ended and is started again', { cause: error?.message });
    await sleep(this.#options.clock, restartDelayMs(this.#deaths));
    if (this.#closed) return;
    this.#thread = this.#start();
    this.#options.onReplaced();
  }
}
