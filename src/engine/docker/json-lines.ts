// Chunks of a stream of JSON documents, one a line -> the documents. For events and for the progress of pulls.
const lineLengthMax = 1 << 20;

/** Calls back with each whole document. A line that is no JSON, or is far too long, throws. */
export class JsonLines {
  readonly #take: (value: unknown) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(take: (value: unknown) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > lineLengthMax) throw new Error('a line of the answer is over 1 MiB long');
    for (const line of lines) if (line.trim() !== '') this.#take(JSON.parse(line));
  }

  /** Whether the stream ended in the middle of a document. */
  get cut(): boolean {
    return this.#rest.trim() !== '';
  }
}
