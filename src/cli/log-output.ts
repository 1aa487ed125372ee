// Log bytes -> standard output: as they come, or line by line where lines get a prefix or come from several containers.

export type Write = (bytes: Uint8Array) => Promise<void>;

const newline = 0x0a;

/** A line goes out whole; what is without a newline at the end goes out as it is. */
export async function writeLines(
  pieces: AsyncIterable<Uint8Array>,
  prefix: string,
  write: Write,
): Promise<void> {
  const before = Buffer.from(prefix);
  let parts: Uint8Array[] = [];
  for await (const piece of pieces) {
    const out: Uint8Array[] = [];
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      out.push(before, ...parts, piece.subarray(from, end + 1));
      parts = [];
      from = end + 1;
    }
    if (from < piece.length) parts.push(piece.subarray(from));
    if (out.length > 0) await write(Buffer.concat(out));
  }
  if (parts.length > 0) await write(Buffer.concat([before, ...parts]));
}

export async function writeBytes(pieces: AsyncIterable<Uint8Array>, write: Write): Promise<void> {
  for await (const piece of pieces) await write(piece);
}

/** Waits until it is taken, so that a slow reader slows us, and does not fill memory. */
export const toStdout: Write = (bytes) =>
  new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve());
  });
