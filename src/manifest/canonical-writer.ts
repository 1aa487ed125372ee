// JSON as bytes, in large pieces: most of a manifest is plain ASCII that needs no escapes and is copied as it is looked at.

const bytesMax = 16 * 1024;
const quote = 0x22;
const backslash = 0x5c;
export const comma = 0x2c;
export const colon = 0x3a;
export const openList = 0x5b;
export const closeList = 0x5d;
export const openMap = 0x7b;
export const closeMap = 0x7d;

/** One for all: nothing is written between two of them, and what takes a piece does not keep it. */
const bytes = new Uint8Array(bytesMax);
const encoder = new TextEncoder();
const utf8BytesMax = 3;

export class CanonicalWriter {
  readonly #take: (piece: Uint8Array | string) => void;
  #length = 0;

  /** `take` is through with a piece when it returns. */
  constructor(take: (piece: Uint8Array | string) => void) {
    this.#take = take;
  }

  /** One of ASCII. */
  code(code: number): void {
    if (this.#length === bytesMax) this.flush();
    bytes[this.#length++] = code;
  }

  text(text: string): void {
    const room = text.length * utf8BytesMax;
    if (this.#length + room > bytesMax) this.flush();
    if (room > bytesMax) this.#take(text);
    else this.#length += encoder.encodeInto(text, bytes.subarray(this.#length)).written;
  }

  /** As JSON.stringify writes it. */
  quoted(text: string): void {
    const { length } = text;
    if (this.#length + length + 2 > bytesMax) this.flush();
    if (length + 2 > bytesMax) return this.text(JSON.stringify(text));
    let at = this.#length;
    bytes[at++] = quote;
    for (let from = 0; from < length; from++) {
      const code = text.charCodeAt(from);
      if (code < 0x20 || code > 0x7e || code === quote || code === backslash)
        return this.text(JSON.stringify(text));
      bytes[at++] = code;
    }
    bytes[at++] = quote;
    this.#length = at;
  }

  /** Of digits, signs and letters. */
  word(word: string): void {
    for (let at = 0; at < word.length; at++) this.code(word.charCodeAt(at));
  }

  flush(): void {
    if (this.#length > 0) this.#take(bytes.subarray(0, this.#length));
    this.#length = 0;
  }
}
