// The end of a container's log, for its termination message: Docker's json-file, one object a line. Runs in the Pod's
// thread.
import { readTail, tailText } from './read-tail.ts';

/** MaxContainerTerminationMessageLogLength and MaxContainerTerminationMessageLogLines. */
const bytesMax = 2048;
const linesMax = 80;

/**
 * An entry holds up to 16 KiB of text, and JSON writes a byte in up to six; so this has room for the longest entry and
 * for 80 short ones with their labels.
 */
const tailBytesMax = 128 * 1024;

/** kuberuntime_container.go readLastStringFromContainerLogs; '' where there is nothing to read. */
export async function readLogEnd(logPath: string): Promise<string> {
  const tail = await readTail(logPath, tailBytesMax);
  if (!tail) return '';
  // It may just have been rotated: what came before is in the file before.
  const before = tail.whole ? await readTail(`${logPath}.1`, tailBytesMax - tail.bytes.length) : undefined;
  return endOfLog(before ? Buffer.concat([before.bytes, tail.bytes]) : tail.bytes);
}

/** Entries are read from the last one up, until there is enough. One without a newline is joined to the next by that alone. */
function endOfLog(log: Buffer): string {
  const texts: string[] = [];
  let bytes = 0;
  let newlines = 0;
  for (const entry of entriesFromEnd(log)) {
    const text = textOf(entry);
    if (text === undefined) continue;
    texts.push(text);
    bytes += Buffer.byteLength(text);
    newlines += text.split('\n').length - 1;
    // One more than wanted: only the newline before a line says that the line is whole.
    if (bytes >= bytesMax || newlines > linesMax) break;
  }
  const lines =
    texts
      .reverse()
      .join('')
      .match(/[^\n]*\n|[^\n]+/g) ?? [];
  const end = Buffer.from(lines.slice(-linesMax).join(''));
  const start = Math.max(0, end.length - bytesMax);
  return tailText({ bytes: end.subarray(start), whole: start === 0 });
}

/** Lines that begin like an object. One whose beginning is cut off is no JSON, whatever its text. */
function* entriesFromEnd(bytes: Buffer): Generator<string> {
  const newline = 0x0a;
  const brace = 0x7b;
  let end = bytes.length;
  while (end > 0) {
    const start = bytes.subarray(0, end).lastIndexOf(newline) + 1;
    if (bytes[start] === brace) yield bytes.toString('utf8', start, end);
    end = start - 1;
  }
}

/** undefined for a damaged line. */
function textOf(entry: string): string | undefined {
  try {
    const { log } = JSON.parse(entry);
    return typeof log === 'string' ? log : undefined;
  } catch {
    return undefined;
  }
}
