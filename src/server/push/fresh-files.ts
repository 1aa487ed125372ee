// What some files say, read again when one of them has changed since. No watch and no timer: whoever needs it asks.
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import { StartupError, systemReason } from '../../config/startup-error.ts';
import type { Log } from '../../telemetry/log.ts';

type NamedFile = {
  /** Named when something is wrong with it. */
  flag: string;
  path: string;
  /** Nobody but its owner may read it. */
  secret?: boolean;
};

export type FreshFilesOptions<Value> = {
  files: NamedFile[];
  /** Throws an Error that says what is wrong with them. */
  parse(contents: Buffer[]): Value;
  /** What holds while they cannot be read; without, what they said before. */
  whenBad?: Value;
  clock: Clock;
  log: Log;
};

const bytesMax = 1024 * 1024;
/** Changed this recently, a file may change again within the resolution of its times. */
const racyMs = 2_000;

export class FreshFiles<Value> {
  readonly #options: FreshFilesOptions<Value>;
  #value: Value;
  /** Of the contents that `#value` was made of. */
  #digest: string;
  #signature: string;
  /** What was wrong when they were last read. */
  #trouble: string | undefined;

  /** Throws a StartupError. */
  constructor(options: FreshFilesOptions<Value>) {
    this.#options = options;
    this.#signature = this.#look();
    try {
      const contents = options.files.map(readOne);
      this.#digest = digestOf(contents);
      this.#value = options.parse(contents);
    } catch (error) {
      throw new StartupError(this.#explain(error), { cause: error });
    }
  }

  now(): Value {
    const signature = this.#look();
    if (signature !== '' && signature === this.#signature) return this.#value;
    this.#signature = signature;
    try {
      const contents = this.#options.files.map(readOne);
      const digest = digestOf(contents);
      if (digest === this.#digest && this.#trouble === undefined) return this.#value;
      this.#value = this.#options.parse(contents);
      this.#digest = digest;
      this.#tell(undefined);
    } catch (error) {
      if (this.#options.whenBad !== undefined) this.#value = this.#options.whenBad;
      this.#tell(this.#explain(error));
    }
    return this.#value;
  }

  #tell(trouble: string | undefined): void {
    const { log, files } = this.#options;
    const flags = files.map(({ flag }) => flag).join(' ');
    if (trouble === undefined) log.info('credentials have changed and are in use', { flags });
    else if (trouble !== this.#trouble)
      log.error('credentials have changed and cannot be used', { flags, cause: trouble });
    this.#trouble = trouble;
  }

  /** Another whenever a file may have changed; '' where that cannot be told. */
  #look(): string {
    const { files, clock } = this.#options;
    const signatures = files.map(({ path }) => {
      try {
        const stats = statSync(path, { bigint: true });
        return clock.now() - Number(stats.ctimeMs) < racyMs ? '' : signatureOf(stats);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? '';
      }
    });
    return signatures.includes('') ? '' : signatures.join(' ');
  }

  #explain(error: unknown): string {
    const where = this.#options.files.map(({ flag, path }) => `${flag} ${path}`).join(', ');
    const { code = '' } = error as NodeJS.ErrnoException;
    return `${where}: ${code.startsWith('ERR_OSSL') ? 'it is not PEM of the kind that it should be' : systemReason(error)}`;
  }
}

const signatureOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats) =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

function digestOf(contents: Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content.length}:`).update(content);
  return hash.digest('hex');
}

/** Its mode is asked of what was opened, so that no other file takes its place in between. */
function readOne({ path, secret = false }: NamedFile): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > bytesMax) throw new Error('it is larger than 1 MiB');
    if (secret && (stats.mode & 0o077) !== 0)
      throw new Error(
        `others than its owner may read or change it (mode ${(stats.mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 it`,
      );
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
