// The Piscina of a source thread: files' bytes -> verdicts, in threads that are gone again when idle. A file that takes
// its decoder down, or too long, fails alone: a batch is tried again file by file.
import { Piscina } from 'piscina';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { DocumentsVerdict } from '../manifest/decode-documents.ts';
import type { Verdict } from '../manifest/static-pod.ts';
import type { Decoded, DecodeFile, Decoder, DecodeTask } from './decoding.ts';

const threadsMax = 2;

type TransferList = NonNullable<Parameters<Piscina<DecodeTask, unknown[]>['run']>[1]>['transferList'];

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

class NoThreadError extends Error {
  override readonly name = 'NoThreadError';
}

export class DecodePool implements Decoder {
  readonly #pool: Piscina<DecodeTask, unknown[]>;
  readonly #clock: Clock;
  readonly #fileMsMax: number;
  readonly #batchMsMax: number;
  #warming: Promise<unknown> | undefined;
  /** No task waits in Piscina's own queue: a file's time counts from when a thread has it. */
  readonly #running = new Set<AbortController>();
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
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: 32 },
    });
    // A thread that cannot start takes no task, and Piscina leaves the tasks that wait for it waiting.
    this.#pool.on('error', (error) => {
      for (const abort of this.#running) abort.abort(new NoThreadError(messageOf(error)));
    });
  }

  warm(): void {
    if (this.#closed || this.#warming !== undefined || this.#pool.threads.length > 0) return;
    this.#warming = this.#attempt([], this.#fileMsMax).finally(() => {
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

  async decodeDocuments(file: DecodeFile): Promise<Decoded<DocumentsVerdict>> {
    await this.#warming;
    const [answer] = await this.#attempt<DocumentsVerdict>([file], this.#fileMsMax, 'all');
    return answer ?? { failure: 'the decoder left it out', fault: 'file' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.destroy();
  }

  /** One file's bytes are moved; a batch's are copied, as they may be needed again. */
  async #attempt<Told = Verdict>(
    files: DecodeFile[],
    msMax: number,
    documents: DecodeTask['documents'] = 'first',
  ): Promise<Decoded<Told>[]> {
    while (this.#running.size >= threadsMax)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const abort = new AbortController();
    this.#running.add(abort);
    const tooLong = new Error(`it takes more than ${msMax / 1000} s`);
    const limit = this.#clock.after(msMax, () => abort.abort(tooLong));
    try {
      if (this.#closed) throw new NoThreadError('monopod is stopping');
      const verdicts = await this.#pool.run(
        { files, documents },
        { signal: abort.signal, transferList: moved(files.length === 1 ? files : []) },
      );
      return (verdicts as Told[]).map((verdict) => ({ verdict }));
    } catch (error) {
      const why = abort.signal.aborted ? abort.signal.reason : error;
      const failure = `the decoder failed at it: ${messageOf(why)}`;
      return files.map(() => ({ failure, fault: why instanceof NoThreadError ? 'decoder' : 'file' }));
    } finally {
      limit.cancel();
      this.#running.delete(abort);
      this.#waiting.shift()?.();
    }
  }
}

/** Piscina wants an array; its type, made for an older @types/node, says otherwise. */
const moved = (files: DecodeFile[]) => files.map(({ bytes }) => bytes.buffer) as unknown as TransferList;
