// Single- and double-quoted YAML scalars, line folding and escapes included (libyaml: scan_flow_scalar).
import { type Cursor, folded, isBlank, isBreak, isBreakOrEnd } from './cursor.ts';

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
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKSLASH = 0x5c;
const hexLengths: Record<string, number> = { x: 2, u: 4, U: 8 };

/** Leaves the cursor behind the closing quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.pos;
  const { codes } = cursor;
  const quote = codes[start] as number;
  let at = start + 1;
  let code = codes[at] as number;
  while (code !== quote && code !== BACKSLASH && !isBreakOrEnd(code)) code = codes[++at] as number;
  if (code === quote && (quote === DOUBLE || codes[at + 1] !== SINGLE)) {
    cursor.pos = at + 1;
    return cursor.slice(start + 1, at);
  }
  cursor.pos = start + 1;
  return scanLines(cursor, start, quote === SINGLE ? readSingle : readDouble);
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
  let breaks = '';
  while (isBreak(cursor.code()) || isBlank(cursor.code())) {
    if (isBreak(cursor.code())) {
      breaks += cursor.takeBreak();
      if (cursor.atDocumentEdge()) return '';
    } else cursor.pos++;
  }
  return escaped ? breaks : folded(breaks);
}

function readSingle(cursor: Cursor): { piece: string; ending: Ending } {
  const { codes, text } = cursor;
  let piece = '';
  let from = cursor.pos;
  for (let at = from; ; ) {
    const code = codes[at] as number;
    if (code === SINGLE) {
      piece += text.slice(from, at);
      cursor.pos = ++at;
      if (codes[at] !== SINGLE) return { piece, ending: 'closed' };
      from = at++;
    } else if (isBlank(code) || isBreakOrEnd(code)) {
      cursor.pos = at;
      return { piece: piece + text.slice(from, at), ending: 'blank' };
    } else at++;
  }
}

function readDouble(cursor: Cursor): { piece: string; ending: Ending } {
  const { codes, text } = cursor;
  let piece = '';
  for (let at = cursor.pos; ; ) {
    const from = at;
    let code = codes[at] as number;
    while (code !== DOUBLE && code !== BACKSLASH && !isBlank(code) && !isBreakOrEnd(code))
      code = codes[++at] as number;
    if (at > from) piece += text.slice(from, at);
    cursor.pos = at;
    if (code === DOUBLE) {
      cursor.pos++;
      return { piece, ending: 'closed' };
    }
    if (code !== BACKSLASH) return { piece, ending: 'blank' };
    if (isBreak(codes[at + 1] as number)) {
      cursor.pos++;
      cursor.skipBreak();
      return { piece, ending: 'escaped break' };
    }
    piece += readEscape(cursor);
    at = cursor.pos;
  }
}

function readEscape(cursor: Cursor): string {
  const start = cursor.pos;
  const mark = cursor.text.charAt(start + 1);
  const length = hexLengths[mark];
  if (length === undefined) {
    const escaped = escapes[mark];
    if (escaped === undefined) {
      const right = mark === '/' ? ': in YAML, / needs no escape' : '';
      cursor.fail(`\\${mark} is no escape of a double-quoted string${right}`, start);
    }
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
