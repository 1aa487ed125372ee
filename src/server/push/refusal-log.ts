// Attempts without valid credentials, told in the log once a minute at most. Never what was shown as credentials.
import type { Clock } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';

const everyMs = 60_000;

export class RefusalLog {
  readonly #clock: Clock;
  readonly #log: Log;
  #untold = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  add(client: string | undefined, cause: string): void {
    this.#untold += 1;
    const nowMs = this.#clock.now();
    if (nowMs - this.#toldAtMs < everyMs && nowMs >= this.#toldAtMs) return;
    this.#log.warn('somebody tried to push a manifest and may not', {
      client,
      cause,
      attempts: this.#untold,
    });
    this.#untold = 0;
    this.#toldAtMs = nowMs;
  }
}
