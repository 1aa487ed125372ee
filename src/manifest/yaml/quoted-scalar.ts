// Single- and double-quoted YAML scalars, line folding and escapes included (libyaml: scan_flow_scalar).
import { type Cursor, isBlank, isBreak, isBreakOrEnd } from './cursor.ts';

const escapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const hexLengths: Record<string, number> = { x: 2, u: 4, U: 8 };
const special = /[\\\n\r\x85\u2028\u2029]/;

/** Leaves the cursor behind the closing quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.pos;
  const quote = cursor.text.charAt(start);
  const close = cursor.text.indexOf(quote, start + 1);
  if (close < 0) cursor.fail(`the quote ${quote} is never closed`, start);
  const text = cursor.text.slice(start + 1, close);
  if (!special.test(text) && !(quote === "'" && cursor.text.charAt(close + 1) === "'")) {
    cursor.pos = close + 1;
    return text;
  }
  cursor.pos = start + 1;
  return quote === "'" ? scanLines(cursor, start, readSingle) : scanLines(cursor, start, readDouble);
}

/** What a piece of a line ended with. */
type Ending = 'closed' | 'blank' | 'escaped break';
type ReadPiece = (cursor: Cursor, start: number) => { piece: string; ending: Ending };

function scanLines(cursor: Cursor, start: number, read: ReadPiece): string {
  const pieces: string[] = [];
  for (;;) {
    if (cursor.atDocumentEdge()) cursor.fail(`the quote ${cursor.text.charAt(start)} is never closed`, start);
    const { piece, ending } = read(cursor, start);
    pieces.push(piece);
    if (ending === 'closed') return pieces.join('');
    const blanksAt = cursor.pos;
    cursor.skipBlanks();
    if (!isBreak(cursor.code()) && ending === 'blank') {
      pieces.push(cursor.text.slice(blanksAt, cursor.pos));
      continue;
    }
    pieces.push(foldBreaks(cursor, ending === 'escaped break'));
  }
}

/** One break is a space, more are one less; after an escaped break nothing is added for it. */
function foldBreaks(cursor: Cursor, escaped: boolean): string {
  let breaks = escaped ? 1 : 0;
  while (isBreak(cursor.code()) || isBlank(cursor.code())) {
    if (isBreak(cursor.code())) {
      cursor.skipBreak();
      breaks++;
      if (cursor.atDocumentEdge()) return '';
    } else cursor.pos++;
  }
  return breaks === 1 ? (escaped ? '' : ' ') : '\n'.repeat(breaks - 1);
}

function readSingle(cursor: Cursor): { piece: string; ending: Ending } {
  let piece = '';
  for (let from = cursor.pos; ; ) {
    const code = cursor.code();
    if (code === 0x27 /* ' */) {
      piece += cursor.text.slice(from, cursor.pos);
      cursor.pos++;
      if (cursor.code() !== 0x27) return { piece, ending: 'closed' };
      from = cursor.pos++;
    } else if (isBlank(code) || isBreakOrEnd(code))
      return { piece: piece + cursor.text.slice(from, cursor.pos), ending: 'blank' };
    else cursor.pos++;
  }
}

function readDouble(cursor: Cursor): { piece: string; ending: Ending } {
  let piece = '';
  for (let from = cursor.pos; ; ) {
    const code = cursor.code();
    const before = () => piece + cursor.text.slice(from, cursor.pos);
    if (code === 0x22 /* " */) {
      piece = before();
      cursor.pos++;
      return { piece, ending: 'closed' };
    }
    if (isBlank(code) || isBreakOrEnd(code)) return { piece: before(), ending: 'blank' };
    if (code === 0x5c /* \ */) {
      piece = before();
      if (isBreak(cursor.code(1))) {
        cursor.pos++;
        cursor.skipBreak();
        return { piece, ending: 'escaped break' };
      }
      piece += readEscape(cursor);
      from = cursor.pos;
    } else cursor.pos++;
  }
}

function readEscape(cursor: Cursor): string {
  const start = cursor.pos;
  const mark = cursor.text.charAt(start + 1);
  const length = hexLengths[mark];
  if (length === undefined) {
    const escaped = escapes[mark];
    if (escaped === undefined) cursor.fail(`\\${mark} is no escape of a double-quoted string`, start);
    cursor.pos += 2;
    return escaped;
  }
  const digits = cursor.text.slice(start + 2, start + 2 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits))
    cursor.fail(`\\${mark} must be followed by ${length} hexadecimal digits`, start);
  const value = Number.parseInt(digits, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
    cursor.fail(`\\${mark}${digits} is no Unicode character (surrogate pairs are not read as one)`, start);
  cursor.pos += 2 + length;
  return String.fromCodePoint(value);
}
