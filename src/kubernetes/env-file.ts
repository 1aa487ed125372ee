// One variable of an env file (kubelet envutil.ParseEnv): lines of NAME='value', where a value goes on to its closing
// quote, over lines if need be. A shell that sources the file sees the same. Pure.

/** bufio.Scanner takes no longer line. */
const lineBytesMax = 65_535;

/** `value` is '' for a key that is not there; `problem` never tells what stands in the file. */
export function envFileValue(text: string, key: string): { value: string } | { problem: string } {
  const lines = linesOf(text);
  for (let at = 0; at < lines.length; at++) {
    const line = trimmed(lines[at] ?? '');
    if (tooLong(lines[at])) return { problem: `line ${at + 1} is longer than ${lineBytesMax} bytes` };
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 0) return invalid(at, "missing '='");
    const written = line.slice(0, equals);
    const name = written.replace(/[ \t]+$/, '');
    if (name === '') return invalid(at, 'empty variable name');
    if (name !== written) return invalid(at, "whitespace before '=' is not allowed");
    const rest = line.slice(equals + 1);
    // To a shell this is an empty value, and then something else.
    if (/^[ \t]/.test(rest)) {
      if (name === key) return { value: '' };
      continue;
    }
    if (!rest.startsWith("'")) return invalid(at, 'value must be enclosed in single quotes');
    const quoted = quotedFrom(lines, at, rest.slice(1));
    if ('problem' in quoted) return quoted;
    if (name === key) return { value: quoted.value };
    at = quoted.last;
  }
  return { value: '' };
}

/** From behind the opening quote, in line `first`, to the closing one, in line `last`. */
function quotedFrom(
  lines: string[],
  first: number,
  rest: string,
): { value: string; last: number } | { problem: string } {
  let value = '';
  for (let last = first, line = rest; ; value += `${line}\n`, line = lines[++last] ?? '') {
    if (last >= lines.length || tooLong(lines[last]))
      return {
        problem: `invalid environment variable format starting at line ${first + 1}: unclosed single quote`,
      };
    const closing = line.indexOf("'");
    if (closing < 0) continue;
    const after = trimmed(line.slice(closing + 1));
    if (after !== '' && !after.startsWith('#'))
      return invalid(last, 'unexpected content after closing quote');
    return { value: value + line.slice(0, closing), last };
  }
}

const invalid = (line: number, problem: string) => ({
  problem: `invalid environment variable format at line ${line + 1}: ${problem}`,
});

const trimmed = (line: string) => line.replace(/^[ \t]+/, '');

const tooLong = (line = '') => Buffer.byteLength(line) > lineBytesMax;

/** bufio.ScanLines: without the line's end, be it LF or CRLF; nothing stands behind the last end. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}
