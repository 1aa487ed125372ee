// Main's eye on the configuration files it was started with: when they change, they are read again, and if a start would
// go by something else, that is said. Nothing that runs changes.
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Timer } from '../clock.ts';
import type { ConfigInUse } from '../config/kubelet/in-use.ts';
import { configKeys } from '../config/kubelet/keys.ts';
import type { Watched } from '../config/kubelet/read-files.ts';
import type { RunOptions } from '../config/options.ts';
import { messageOf } from '../errors.ts';
import { type Hint, Watch } from '../sources/directory/watch.ts';
import type { Log } from '../telemetry/log.ts';

/** An editor or a ConfigMap's mount makes several changes of one. */
const settleMs = 100;

export type ConfigWatchOptions = { running: RunOptions; config: ConfigInUse; clock: Clock; log: Log };

export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  readonly #watch: Watch;
  #places: Watched[];
  #timer: Timer | undefined;
  #notice: string | undefined;
  #reading = false;
  #closed = false;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#watch = new Watch({
      onHint: (hint) => {
        if (this.#concerns(hint)) this.#later();
      },
      onWatching: () => this.#later(),
      onTrouble: (cause) => {
        if (cause) options.log.warn('changes of the configuration may go unnoticed', { cause });
      },
    });
    this.#places = options.config.places;
    this.#watchPlaces();
  }

  /** What a person should know of the configuration: undefined while a start would go by what runs. */
  notice(): string | undefined {
    return this.#notice;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#watch.close();
  }

  #watchPlaces(): void {
    this.#watch.set(this.#places.map(({ directory }) => directory));
  }

  /** A file may be in a directory where much else happens. */
  #concerns(hint: Hint): boolean {
    const anything = hint.name === undefined;
    return this.#places.some(
      ({ directory, name }) =>
        directory === hint.directory && (anything || name === undefined || name === hint.name),
    );
  }

  #later(): void {
    if (this.#closed || this.#timer) return;
    this.#timer = this.#options.clock.after(settleMs, () => void this.#read());
  }

  /** One at a time; a hint that comes meanwhile begins another. */
  async #read(): Promise<void> {
    if (this.#reading) return this.#again();
    this.#timer = undefined;
    this.#reading = true;
    try {
      const settled = await this.#options.config.reread();
      if (this.#closed) return;
      this.#places = settled.places;
      this.#watchPlaces();
      if (!settled.ok) this.#say(broken, settled.message.replaceAll('\n', '; '));
      else this.#say(changed, changesOf(this.#options.running, settled.options));
    } catch (error) {
      this.#say(broken, messageOf(error));
    } finally {
      this.#reading = false;
    }
  }

  #again(): void {
    this.#timer = undefined;
    this.#later();
  }

  #say(what: string, cause: string | undefined): void {
    const notice = cause === undefined ? undefined : `${what}: ${cause}`;
    if (notice === this.#notice) return;
    this.#notice = notice;
    if (notice === undefined) this.#options.log.info('the configuration is again what monopod runs with');
    else this.#options.log.warn(what, { cause });
  }
}

const changed = 'the configuration has changed since monopod started, which takes effect with its restart';
const broken = 'the configuration is broken, and monopod would not start again';

/** Each key with what runs and what is written now, but for what may be secret; undefined: none. */
function changesOf(running: RunOptions, written: RunOptions): string | undefined {
  const changes = (Object.keys(configKeys) as (keyof RunOptions)[])
    .filter((option) => !isDeepStrictEqual(running[option], written[option]))
    .map((option) => {
      const { path, show } = configKeys[option] ?? { path: option };
      const shown = (value: unknown) => (value === undefined ? 'none' : show?.(value));
      return show ? `${path} from ${shown(running[option])} to ${shown(written[option])}` : path;
    });
  return changes.length === 0 ? undefined : changes.join(', ');
}
