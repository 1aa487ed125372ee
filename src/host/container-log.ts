// One reader of one container's log: Docker's json-file, across its rotation, followed by what the kernel says of the
// directory until the container has ended. Runs in the logs thread.
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fstat } from './files.ts';
import { EntryReader, type LogOptions, LogWriter } from './log-entries.ts';
import { closeAll, type LogFile, openLogAfter, openLogFiles, readAt } from './log-files.ts';
import { lastLines } from './log-tail.ts';

const blockBytes = 64 * 1024;

export class ContainerLog {
  readonly #path: string;
  readonly #options: LogOptions;
  readonly #writer: LogWriter;
  readonly #entries = new EntryReader();
  readonly #pieces: AsyncGenerator<Buffer>;
  #files: LogFile[];
  #watcher: FSWatcher | undefined;
  /** Something may have been written since the file was last read to its end. */
  #stirred = false;
  #wake: () => void = () => undefined;
  #ended = false;
  #closed = false;

  private constructor(path: string, options: LogOptions, files: LogFile[]) {
    this.#path = path;
    this.#options = options;
    this.#writer = new LogWriter(options);
    this.#files = files;
    this.#pieces = this.#read();
  }

  /** Rejects where there is no log, or none that can be read. The caller closes it. */
  static async open(path: string, options: LogOptions): Promise<ContainerLog> {
    const log = new ContainerLog(path, options, []);
    // Before the first look at the files: nothing that is written meanwhile is missed.
    if (options.follow) log.#watch();
    try {
      log.#files = await openLogFiles(path);
    } catch (error) {
      log.close();
      throw error;
    }
    return log;
  }

  /** The next bytes; undefined at the end. One call at a time. */
  async next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#pieces.next();
    return done ? undefined : value;
  }

  /** Nothing will be written any more: what is there is the end of it. */
  containerEnded(): void {
    this.#ended = true;
    this.#stir();
  }

  /** Ends a `next` that waits as well. */
  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#stir();
    // The generator's own end closes the files, even where it has not begun.
    void this.#pieces.return(undefined).then(() => closeAll(this.#files.splice(0)));
  }

  #watch(): void {
    const name = basename(this.#path);
    this.#watcher = watch(dirname(this.#path), (_event, file) => {
      if (file === null || file.startsWith(name)) this.#stir();
    });
    // The directory goes with the container; that is told otherwise.
    this.#watcher.on('error', () => this.#stir());
  }

  #stir(): void {
    this.#stirred = true;
    this.#wake();
  }

  async *#read(): AsyncGenerator<Buffer> {
    const { tailLines, follow } = this.#options;
    const start = tailLines === undefined ? undefined : await lastLines(this.#files, tailLines);
    await closeAll(this.#files.splice(0, start?.file ?? 0));
    let offset = start?.offset ?? 0;
    while (this.#files.length > 0) {
      const { fd, inode } = this.#files[0] as LogFile;
      const newest = this.#files.length === 1;
      const ended = this.#ended;
      this.#stirred = false;
      for await (const piece of this.#toEnd(fd, offset)) {
        offset = piece.offset;
        if (piece.bytes.length > 0) yield piece.bytes;
        if (this.#writer.full || this.#closed) return;
      }
      if (newest) {
        const next = await this.#openAfter(inode);
        if (next) {
          this.#files.push(next);
          // What was written before the rotation and after our look.
          continue;
        }
        if (!follow || ended) return;
        await this.#untilStirred();
        if (this.#closed) return;
        continue;
      }
      await closeAll(this.#files.splice(0, 1));
      this.#entries.reset();
      offset = 0;
    }
  }

  /** The directory goes with the container. */
  #openAfter = (inode: number): Promise<LogFile | undefined> =>
    openLogAfter(this.#path, inode).catch(() => undefined);

  async *#toEnd(fd: number, from: number): AsyncGenerator<{ bytes: Buffer; offset: number }> {
    // One that is shorter than it was has been emptied.
    let offset = (await fstat(fd)).size < from ? 0 : from;
    for (;;) {
      const block = await readAt(fd, blockBytes, offset);
      if (block.length === 0) return;
      offset += block.length;
      const parts: Buffer[] = [];
      for (const entry of this.#entries.read(block)) {
        if (this.#writer.full) break;
        parts.push(this.#writer.bytesOf(entry));
      }
      yield { bytes: Buffer.concat(parts), offset };
    }
  }

  #untilStirred(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#stirred) resolve();
    });
  }
}
