// A plain (unquoted) YAML scalar, over one line or several (libyaml: scan_plain_scalar).
import { type Cursor, isBlank, isBreak, isSpaceOrEnd, TAB } from './cursor.ts';

const flowIndicators = new Set([...',?[]{}'].map((mark) => mark.charCodeAt(0)));
const neverFirst = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((mark) => mark.charCodeAt(0)));

/** May a plain scalar begin here? */
export function beginsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const code = cursor.code();
  if (isSpaceOrEnd(code)) return false;
  if (!neverFirst.has(code)) return true;
  if (code === 0x2d /* - */) return !isBlank(cursor.code(1));
  return !inFlow && (code === 0x3f || code === 0x3a) /* ? : */ && !cursor.standsAlone();
}

/** Leaves the cursor behind its last character. In a block, its further lines stand deeper than `indent`. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): string {
  let end = scanLine(cursor, inFlow);
  let value = cursor.text.slice(cursor.pos, end);
  cursor.pos = end;
  for (;;) {
    const { lineStart } = cursor;
    const breaks = skipToNextLine(cursor, indent);
    const goesOn =
      breaks > 0 &&
      !cursor.atDocumentEdge() &&
      cursor.code() !== 0x23 /* # */ &&
      (inFlow || cursor.column > indent);
    const next = goesOn ? scanLine(cursor, inFlow) : cursor.pos;
    if (next === cursor.pos) {
      cursor.pos = end;
      cursor.lineStart = lineStart;
      return value;
    }
    value += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + cursor.text.slice(cursor.pos, next);
    cursor.pos = next;
    end = next;
  }
}

/** Where the scalar's text on this line ends: before `: `, ` #`, a flow indicator or trailing blanks. */
function scanLine(cursor: Cursor, inFlow: boolean): number {
  const { text } = cursor;
  let at = cursor.pos;
  for (;;) {
    let code = text.charCodeAt(at);
    while (!isSpaceOrEnd(code)) {
      if (endsBefore(text, at, code, inFlow)) return at;
      code = text.charCodeAt(++at);
    }
    const end = at;
    while (isBlank(text.charCodeAt(at))) at++;
    const next = text.charCodeAt(at);
    if (isSpaceOrEnd(next) || next === 0x23 /* # */ || endsBefore(text, at, next, inFlow)) return end;
  }
}

/** A colon that ends a key, or an indicator of a flow collection. */
const endsBefore = (text: string, at: number, code: number, inFlow: boolean): boolean =>
  (code === 0x3a && isSpaceOrEnd(text.charCodeAt(at + 1))) || (inFlow && flowIndicators.has(code));

/** Over blanks and line breaks; answers with the number of breaks. */
function skipToNextLine(cursor: Cursor, indent: number): number {
  let breaks = 0;
  for (;;) {
    const code = cursor.code();
    if (isBreak(code)) {
      cursor.skipBreak();
      breaks++;
    } else if (isBlank(code)) {
      if (breaks > 0 && code === TAB && cursor.column <= indent)
        cursor.fail('a tab cannot indent: use spaces');
      cursor.pos++;
    } else return breaks;
  }
}
