// A text as what the reader works on: its UTF-16 code units, in an array that is faster to ask than a string; and the
// words in it, of which equal ones are the same string.

/** How far ahead a cursor may look at the end of a text. */
const codesBehind = 4;

/** Of short texts, all have the same array: whoever reads one is through with it before the next is read. */
const shared = new Uint16Array(16 * 1024);
const sharedBytes = Buffer.from(shared.buffer);

export function codesOf(text: string): Uint16Array {
  const length = text.length + codesBehind;
  if (length <= shared.length) {
    sharedBytes.write(text, 'utf16le');
    return shared.fill(0, text.length, length);
  }
  const codes = new Uint16Array(length);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
}

const slotsMax = 1024;
const wordLengthMax = 24;

/** Names and many values come again and again: each is made, and its hash for the maps it goes into, once. */
export class Words {
  readonly #text: string;
  readonly #codes: Uint16Array;
  readonly #mask: number;
  readonly #known: (string | undefined)[];
  /** Where each of those stands. */
  readonly #places: Int32Array;

  constructor(text: string, codes: Uint16Array) {
    this.#text = text;
    this.#codes = codes;
    let slots = 32;
    while (slots < slotsMax && slots * 16 < text.length) slots *= 2;
    this.#mask = slots - 1;
    this.#known = new Array(slots).fill(undefined);
    this.#places = new Int32Array(slots);
  }

  slice(from: number, to: number): string {
    const length = to - from;
    if (length > wordLengthMax) return this.#text.slice(from, to);
    const codes = this.#codes;
    let hash = length;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (codes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 15)) & this.#mask;
    const known = this.#known[slot];
    if (
      known !== undefined &&
      known.length === length &&
      this.#same(this.#places[slot] as number, from, length)
    )
      return known;
    const word = this.#text.slice(from, to);
    this.#known[slot] = word;
    this.#places[slot] = from;
    return word;
  }

  #same(one: number, other: number, length: number): boolean {
    const codes = this.#codes;
    for (let at = 0; at < length; at++) if (codes[one + at] !== codes[other + at]) return false;
    return true;
  }
}
