// The end of a file that somebody else wrote and may be anything: huge, a link, a fifo. Runs in the Pod's thread.
import { close, constants, fstat, open, read } from './files.ts';

export type Tail = {
  bytes: Buffer;
  /** Nothing stands before it. */
  whole: boolean;
};

/** No link is followed, and opening a fifo waits for nobody. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** At most `bytesMax` from the end (tail.ReadAtMost); undefined for what is not there, not a regular file, or not readable. */
export async function readTail(path: string, bytesMax: number): Promise<Tail | undefined> {
  let file: number | undefined;
  try {
    file = await open(path, flags);
    const found = await fstat(file);
    if (!found.isFile()) return undefined;
    const start = Math.max(0, found.size - bytesMax);
    const bytes = Buffer.allocUnsafe(found.size - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await read(file, bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return { bytes: bytes.subarray(0, filled), whole: start === 0 };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) await close(file).catch(() => undefined);
  }
}

/**
 * As text, with U+FFFD for what is not UTF-8. Where the beginning was cut off, it begins with a whole character: our own
 * cut is no damage.
 */
export function tailText({ bytes, whole }: Tail): string {
  let from = 0;
  if (!whole) while (from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  return bytes.toString('utf8', from);
}
