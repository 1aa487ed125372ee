// A plain (unquoted) YAML scalar, over one line or several (libyaml: scan_plain_scalar).
import { type Cursor, folded, isBlank, isBreak, isSpaceOrEnd, TAB } from './cursor.ts';

/** What a character may mean within a plain scalar, for every code unit. */
const kinds = new Uint8Array(0x1_0000);
const white = 1;
const colon = 2;
const flowIndicator = 4;
for (let code = 0; code < kinds.length; code++) if (isSpaceOrEnd(code)) kinds[code] = white;
for (const mark of ',?[]{}') kinds[mark.charCodeAt(0)] = flowIndicator;
kinds[':'.charCodeAt(0)] = colon;
const neverFirst = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((mark) => mark.charCodeAt(0)));

/** May a plain scalar begin here? */
export function beginsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const code = cursor.code();
  if (isSpaceOrEnd(code)) return false;
  if (!neverFirst.has(code)) return true;
  if (cursor.standsAlone()) return false;
  return code === 0x2d /* - */ || (!inFlow && (code === 0x3f || code === 0x3a)) /* ? : */;
}

/** Leaves the cursor behind its last character. In a block, its further lines stand deeper than `indent`. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): string {
  let end = scanLine(cursor, inFlow);
  let value = cursor.slice(cursor.pos, end);
  cursor.pos = end;
  for (;;) {
    const { lineStart } = cursor;
    const breaks = skipToNextLine(cursor, indent);
    const goesOn =
      breaks !== '' &&
      !cursor.atDocumentEdge() &&
      cursor.code() !== 0x23 /* # */ &&
      (inFlow || cursor.column > indent);
    const next = goesOn ? scanLine(cursor, inFlow) : cursor.pos;
    if (next === cursor.pos) {
      cursor.pos = end;
      cursor.lineStart = lineStart;
      return value;
    }
    value += folded(breaks) + cursor.text.slice(cursor.pos, next);
    cursor.pos = next;
    end = next;
  }
}

/** Where the scalar's text on this line ends: before `: `, ` #`, a flow indicator or trailing blanks. */
function scanLine(cursor: Cursor, inFlow: boolean): number {
  const { codes } = cursor;
  let at = cursor.pos;
  for (;;) {
    let kind = kindAt(codes, at);
    while (kind === 0 || (kind === flowIndicator && !inFlow)) kind = kindAt(codes, ++at);
    if (kind === flowIndicator) return at;
    if (kind === colon) {
      if (kindAt(codes, at + 1) === white) return at;
      at++;
      continue;
    }
    const end = at;
    while (isBlank(codes[at] as number)) at++;
    if (codes[at] === 0x23 /* # */ || endsAt(codes, at, inFlow)) return end;
  }
}

const kindAt = (codes: Uint16Array, at: number): number => kinds[codes[at] as number] as number;

/** The end of the line, a colon that ends a key, or an indicator of a flow collection. */
function endsAt(codes: Uint16Array, at: number, inFlow: boolean): boolean {
  const kind = kindAt(codes, at);
  return (
    kind === white ||
    (kind === colon && kindAt(codes, at + 1) === white) ||
    (inFlow && kind === flowIndicator)
  );
}

/** Over blanks and line breaks; answers with the breaks. */
function skipToNextLine(cursor: Cursor, indent: number): string {
  let breaks = '';
  for (;;) {
    const code = cursor.code();
    if (isBreak(code)) {
      breaks += cursor.takeBreak();
    } else if (isBlank(code)) {
      if (breaks !== '' && code === TAB && cursor.column <= indent)
        cursor.fail('a tab cannot indent: use spaces');
      cursor.pos++;
    } else return breaks;
  }
}
