// Main's hold on the logs thread: started for the first reader, ended a while after the last one.
import { MessageChannel } from 'node:worker_threads';
import { connect, transfer } from '../actors/call.ts';
import { spawn, type Thread } from '../actors/thread.ts';
import type { Clock, Timer } from '../clock.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import type { LogOptions } from '../host/log-entries.ts';
import { findLog } from '../host/log-links.ts';
import type { LogPieces, LogsThread } from '../host/log-service.ts';
import type { LogTarget, OpenLog } from '../server/node-view.ts';

/** Starting the thread anew costs 11 ms, keeping it 7 MB. */
const idleMs = 10_000;

export type LogLinkOptions = {
  podLogsDir: string;
  clock: Clock;
  /** The engine's word on where a container's log is. */
  inspect(id: string): Promise<string | undefined>;
};

type LogThread = Thread<LogsThread>;

export class LogLink {
  readonly #options: LogLinkOptions;
  #thread: LogThread | undefined;
  #readers = 0;
  #idle: Timer | undefined;

  constructor(options: LogLinkOptions) {
    this.#options = options;
  }

  /** LogUnavailable. */
  async open(target: LogTarget, options: LogOptions): Promise<Result<OpenLog>> {
    const path = await this.#pathOf(target);
    return path === undefined
      ? fail(
          'LogUnavailable',
          `the log of container ${JSON.stringify(target.container)} is not there any more`,
        )
      : this.#open(path, options);
  }

  /** By the link to it, which is there while the engine is away as well. */
  async #pathOf({ pod: { metadata }, container, id }: LogTarget): Promise<string | undefined> {
    const { name = '', namespace = '', uid = '' } = metadata ?? {};
    const { podLogsDir, inspect } = this.#options;
    const found = await findLog(podLogsDir, { name, namespace, uid }, container, id);
    return found ?? inspect(id);
  }

  async #open(path: string, options: LogOptions): Promise<Result<OpenLog>> {
    const thread = this.#take();
    const { port1, port2 } = new MessageChannel();
    const pieces = connect<LogPieces>(port2);
    let closed = false;
    const close = (reason = 'the log is closed') => {
      if (closed) return;
      closed = true;
      pieces.close(reason);
      this.#giveBack();
    };
    void thread.exited.then(() => close('the logs thread has ended'));
    try {
      const opened = await thread.remote.open(path, options, transfer(port1, [port1]));
      if (!opened.ok) {
        close();
        return opened;
      }
    } catch (error) {
      close();
      return fail('LogUnavailable', 'cannot read the log', messageOf(error));
    }
    return ok({
      next: () => pieces.remote.next(),
      containerEnded: () => void pieces.remote.containerEnded().catch(() => undefined),
      close: () => close(),
    });
  }

  async close(): Promise<void> {
    this.#idle?.cancel();
    await this.#thread?.terminate();
  }

  #take(): LogThread {
    this.#idle?.cancel();
    this.#readers++;
    if (this.#thread) return this.#thread;
    const thread = spawn<object, LogsThread>('logs', undefined, {}, () => undefined);
    this.#thread = thread;
    void thread.exited.then(() => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }

  #giveBack(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    this.#idle?.cancel();
    this.#idle = this.#options.clock.after(idleMs, () => {
      const thread = this.#thread;
      this.#thread = undefined;
      void thread?.terminate();
    });
  }
}
