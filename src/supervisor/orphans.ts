// What Pods that nobody knows any more have left on the host: found at the start, removed once it is sure that neither a
// source nor the engine knows them, tried again with back-off. On main.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { dropAllDeadLinks } from '../host/log-links.ts';
import { orphanUids, removeAside, setAside } from '../host/orphans.ts';
import type { HostDirectories } from '../host/prepare.ts';
import { retryDelayMs } from '../pod/back-off.ts';
import type { Log } from '../telemetry/log.ts';

export class Orphans {
  readonly #host: HostDirectories;
  readonly #clock: Clock;
  readonly #log: Log;
  #uids: string[];

  /** Before any Pod of this run begins. */
  constructor({ rootDir, podLogsDir }: HostDirectories, clock: Clock, log: Log) {
    this.#host = { rootDir, podLogsDir };
    this.#clock = clock;
    this.#log = log;
    this.#uids = orphanUids(rootDir);
  }

  /** Every source and the engine have been heard: these Pods are known. */
  settled(known: ReadonlySet<string>): void {
    const uids = this.#uids.filter((uid) => !known.has(uid));
    this.#uids = [];
    if (uids.length > 0)
      this.#log.info('removing what Pods have left that nobody knows', { uids: uids.join(', ') });
    for (const { path, cause } of setAside(this.#host.rootDir, uids)) this.#complain(path, cause);
    void this.#remove(0);
    const { podLogsDir } = this.#host;
    dropAllDeadLinks(podLogsDir, (uid) => known.has(uid)).catch((error) =>
      this.#complain(Buffer.from(podLogsDir).toString('latin1'), messageOf(error)),
    );
  }

  async #remove(failures: number): Promise<void> {
    const remnants = await removeAside(this.#host).catch((error) => [
      { path: this.#host.rootDir, cause: messageOf(error) },
    ]);
    for (const { path, cause } of remnants) this.#complain(path, cause);
    if (remnants.length > 0)
      this.#clock.after(retryDelayMs(failures + 1), () => void this.#remove(failures + 1));
  }

  #complain(path: string, cause: string): void {
    this.#log.warn('what a Pod has left cannot be removed', {
      path: Buffer.from(path, 'latin1').toString(),
      cause,
    });
  }
}
