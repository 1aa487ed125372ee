// What a command wrote: the engine's frames (stdout and stderr, as they came) -> the first 10 KiB as text. The rest is
// read and dropped, so that a command that writes much is not held up, and costs no memory.

/** As much as the kubelet keeps of an exec probe's output (maxReadLength in its exec prober). */
const keptBytesMax = 10 * 1024;

/** A frame's head: the stream's number, three zeros, the length of what follows, big-endian. */
const headBytes = 8;

export class ExecOutput {
  readonly #head = Buffer.alloc(headBytes);
  #headFilled = 0;
  #frameLeft = 0;
  #kept: Buffer | undefined;
  #keptFilled = 0;

  /** Chunks as they come, however frames are cut. */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#frameLeft === 0 ? this.#takeHead(rest) : this.#takeBody(rest);
  }

  get text(): string {
    return this.#kept === undefined ? '' : textOf(this.#kept.subarray(0, this.#keptFilled));
  }

  #takeHead(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, headBytes - this.#headFilled);
    this.#head.set(part, this.#headFilled);
    this.#headFilled += part.length;
    if (this.#headFilled === headBytes) {
      this.#headFilled = 0;
      this.#frameLeft = this.#head.readUInt32BE(4);
    }
    return chunk.subarray(part.length);
  }

  #takeBody(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, this.#frameLeft);
    this.#frameLeft -= part.length;
    this.#kept ??= Buffer.alloc(keptBytesMax);
    const kept = part.subarray(0, keptBytesMax - this.#keptFilled);
    this.#kept.set(kept, this.#keptFilled);
    this.#keptFilled += kept.length;
    return chunk.subarray(part.length);
  }
}

/** The first 10 KiB of a text. */
export const bounded = (text: string): string => textOf(Buffer.from(text).subarray(0, keptBytesMax));

/** Without the part of a character that the cut may have left at the end. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });
