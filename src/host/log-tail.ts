// Where the last lines of a log begin, in files oldest first: read from the end up. Runs in the logs thread.
import { fstat } from './files.ts';
import { parseEntry } from './log-entries.ts';
import { type LogFile, readAt } from './log-files.ts';

/** `file`: its index. */
export type LogPosition = { file: number; offset: number };

const blockBytes = 64 * 1024;
const newline = 0x0a;

/**
 * Lines as the container wrote them: one that the engine has split into several entries counts once, and what has no
 * newline at the very end is a line too.
 */
export async function lastLines(files: readonly LogFile[], lines: number): Promise<LogPosition> {
  let found = 0;
  let last = true;
  for (let file = files.length - 1; file >= 0; file--) {
    const { fd } = files[file] as LogFile;
    for await (const { text, end } of entriesUp(fd)) {
      if (last && lines === 0) return { file, offset: end };
      const whole = text.endsWith('\n');
      if (last && !whole) found++;
      last = false;
      if (!whole) continue;
      if (found === lines) return { file, offset: end };
      found++;
    }
  }
  return { file: 0, offset: 0 };
}

/** `end`: where the next entry begins. A half-written one at the end of the file is none yet. */
async function* entriesUp(fd: number): AsyncGenerator<{ text: string; end: number }> {
  let at = (await fstat(fd)).size;
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    // `bytes` begins at `at` and holds at least one whole line, with the newline of the line before it.
    const end = bytes.lastIndexOf(newline);
    const start = end <= 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
    if (end < 0 || (start < 0 && at > 0)) {
      if (at === 0) return;
      const from = Math.max(0, at - blockBytes);
      bytes = Buffer.concat([await readAt(fd, at - from, from), bytes]);
      at = from;
      continue;
    }
    const entry = parseEntry(bytes.toString('utf8', start + 1, end));
    if (entry) yield { text: entry.text, end: at + end + 1 };
    if (start < 0) return;
    bytes = bytes.subarray(0, start + 1);
  }
}
