// Bytes of Docker's json-file log -> its entries, and entries -> the bytes that a reader has asked for. Pure.

/** `time`: UTC with nine digits after the second, so that the order of texts is the order of times. */
export type LogEntry = { text: string; time: string };

/** What of a log is asked for (PodLogOptions). `since`: a time as in LogEntry. */
export type LogOptions = {
  follow: boolean;
  timestamps: boolean;
  tailLines?: number;
  since?: string;
  limitBytes?: number;
};

/** Docker splits a line at 16 KiB, and JSON writes a byte in up to six. What is longer than this is no entry. */
const entryBytesMax = 1024 * 1024;

const newline = 0x0a;

/** Undefined for a damaged line. */
export function parseEntry(line: string): LogEntry | undefined {
  try {
    const { log, time } = JSON.parse(line);
    return typeof log === 'string' && typeof time === 'string'
      ? { text: log, time: fixedTime(time) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** RFC3339Nano in UTC leaves out zeros at the end: `…:05.12Z` -> `…:05.120000000Z` (timeFormatOut). */
export function fixedTime(time: string): string {
  const [, second = time, fraction = ''] = /^([^.Z]*)(?:\.(\d*))?Z$/.exec(time) ?? [];
  return `${second}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

/** Takes a file's bytes in any pieces. */
export class EntryReader {
  #rest: Buffer = Buffer.alloc(0);
  #tooLong = false;

  *read(bytes: Buffer): Generator<LogEntry> {
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      const line = Buffer.concat([this.#rest, bytes.subarray(from, end)]);
      const entry = this.#tooLong ? undefined : parseEntry(line.toString('utf8'));
      this.reset();
      from = end + 1;
      if (entry) yield entry;
    }
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(from)]);
    if (this.#rest.length <= entryBytesMax) return;
    this.#tooLong = true;
    this.#rest = Buffer.alloc(0);
  }

  /** Another file follows. */
  reset(): void {
    this.#rest = Buffer.alloc(0);
    this.#tooLong = false;
  }
}

/** logs.go logWriter: of each entry what is asked for. */
export class LogWriter {
  readonly #options: LogOptions;
  #left: number;
  #lineBegins = true;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** No byte more may be written. */
  get full(): boolean {
    return this.#left <= 0;
  }

  bytesOf({ text, time }: LogEntry): Buffer {
    const { since, timestamps } = this.#options;
    if (since !== undefined && time < since) return Buffer.alloc(0);
    // A long line comes in several entries: only the first says when.
    const bytes = Buffer.from(timestamps && this.#lineBegins ? `${time} ${text}` : text);
    this.#lineBegins = text.endsWith('\n');
    const taken = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= taken.length;
    return taken;
  }
}
