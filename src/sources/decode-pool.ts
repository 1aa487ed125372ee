// The Piscina of a source thread: files' bytes -> verdicts, in threads that are gone again when idle. A file that takes
// its decoder down, or too long, fails alone: a batch is tried again file by file.
import { Piscina } from 'piscina';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Verdict } from '../manifest/static-pod.ts';
import type { Decoded, DecodeFile, Decoder, DecodeTask } from './decoding.ts';

const threadsMax = 2;

type TransferList = NonNullable<Parameters<Piscina<DecodeTask, Verdict[]>['run']>[1]>['transferList'];

export type DecodePoolOptions = {
  clock: Clock;
  /** Absolute path of the bundle whose default export takes a DecodeTask. */
  filename: string;
  fileMsMax?: number;
  batchMsMax?: number;
  /** A thread takes some 65 ms to start, a manifest 2 ms to decode: whoever edits once often edits again. */
  idleMs?: number;
  /** A manifest of 10 MiB needs some 500 MB while it is parsed; past this the decode thread ends, and nothing else. */
  heapMbMax?: number;
};

export class DecodePool implements Decoder {
  readonly #pool: Piscina<DecodeTask, Verdict[]>;
  readonly #clock: Clock;
  readonly #fileMsMax: number;
  readonly #batchMsMax: number;
  #warming: Promise<unknown> | undefined;
  /** No task waits in Piscina's own queue: a file's time counts from when a thread has it. */
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: DecodePoolOptions) {
    const { clock, filename, fileMsMax = 10_000, batchMsMax = 3_000, idleMs = 30_000 } = options;
    const { heapMbMax = 1_024 } = options;
    this.#clock = clock;
    this.#fileMsMax = fileMsMax;
    this.#batchMsMax = batchMsMax;
    this.#pool = new Piscina({
      filename,
      minThreads: 0,
      maxThreads: threadsMax,
      idleTimeout: idleMs,
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: 8 },
    });
    // A thread that dies with no task has nobody to tell: the next task starts another.
    this.#pool.on('error', () => {});
  }

  warm(): void {
    if (this.#closed || this.#warming !== undefined || this.#pool.threads.length > 0) return;
    this.#warming = this.#pool
      .run({ files: [] })
      .catch(() => {})
      .finally(() => {
        this.#warming = undefined;
      });
  }

  async decode(files: DecodeFile[]): Promise<Decoded[]> {
    // Piscina starts a second thread for a task that comes while the first is starting.
    await this.#warming;
    if (files.length === 1) return this.#attempt(files, this.#fileMsMax);
    const answers = await this.#attempt(files, this.#batchMsMax);
    if (answers.every((answer) => answer.failure === undefined)) return answers;
    const alone = await Promise.all(files.map((file) => this.#attempt([file], this.#fileMsMax)));
    return alone.flat();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.destroy();
  }

  /** One file's bytes are moved; a batch's are copied, as they may be needed again. */
  async #attempt(files: DecodeFile[], msMax: number): Promise<Decoded[]> {
    await this.#turn();
    const abort = new AbortController();
    const limit = this.#clock.after(msMax, () => abort.abort());
    try {
      if (this.#closed) throw new Error('monopod is stopping');
      const verdicts = await this.#pool.run(
        { files },
        { signal: abort.signal, transferList: moved(files.length === 1 ? files : []) },
      );
      return verdicts.map((verdict) => ({ verdict }));
    } catch (error) {
      const failure = abort.signal.aborted
        ? `decoding it takes more than ${msMax / 1000} s`
        : `decoding it ended the decoder: ${messageOf(error)}`;
      return files.map(() => ({ failure }));
    } finally {
      limit.cancel();
      this.#next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < threadsMax) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** Piscina wants an array; its type, made for an older @types/node, says otherwise. */
const moved = (files: DecodeFile[]) => files.map(({ bytes }) => bytes.buffer) as unknown as TransferList;
