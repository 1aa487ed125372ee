// Literal (|) and folded (>) YAML scalars (libyaml: scan_block_scalar).
import { type Cursor, isBlank, isBreak, isBreakOrEnd, SPACE, TAB } from './cursor.ts';

type Header = { literal: boolean; chomp: 'clip' | 'keep' | 'strip'; increment: number };

/** Leaves the cursor on the first line that is no part of it. */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): string {
  const { literal, chomp, increment } = readHeader(cursor);
  const lines = new Lines(cursor, increment > 0 ? Math.max(parentIndent, 0) + increment : 0);
  const pieces: string[] = [];
  let trailing = lines.skipEmpty(parentIndent);
  let pending = '';
  let afterBlank = false;
  while (cursor.column === lines.indent && cursor.code() !== 0) {
    const startsBlank = isBlank(cursor.code());
    if (literal || afterBlank || startsBlank || pending !== '\n') pieces.push(pending);
    else if (trailing === '') pieces.push(' ');
    pieces.push(trailing);
    afterBlank = startsBlank;
    const from = cursor.pos;
    cursor.skipLine();
    pieces.push(cursor.text.slice(from, cursor.pos));
    pending = '';
    if (isBreak(cursor.code())) {
      pending = cursor.takeBreak();
    }
    trailing = lines.skipEmpty(parentIndent);
  }
  if (chomp !== 'strip') pieces.push(pending);
  if (chomp === 'keep') pieces.push(trailing);
  return pieces.join('');
}

function readHeader(cursor: Cursor): Header {
  const header: Header = { literal: cursor.code() === 0x7c /* | */, chomp: 'clip', increment: 0 };
  cursor.pos++;
  for (let part = 0; part < 2; part++) {
    const mark = cursor.text.charAt(cursor.pos);
    if (header.chomp === 'clip' && (mark === '+' || mark === '-'))
      header.chomp = mark === '+' ? 'keep' : 'strip';
    else if (header.increment === 0 && mark >= '0' && mark <= '9') {
      if (mark === '0') cursor.fail('an indentation indicator must be between 1 and 9');
      header.increment = Number(mark);
    } else break;
    cursor.pos++;
  }
  cursor.skipBlanks();
  if (cursor.code() === 0x23 /* # */) cursor.skipLine();
  if (!isBreakOrEnd(cursor.code())) cursor.fail('the text of a block scalar begins on the next line');
  if (isBreak(cursor.code())) cursor.skipBreak();
  return header;
}

class Lines {
  readonly #cursor: Cursor;
  /** 0 until the first line with text has set it. */
  indent: number;

  constructor(cursor: Cursor, indent: number) {
    this.#cursor = cursor;
    this.indent = indent;
  }

  /** Over indentation and empty lines; answers with the breaks. */
  skipEmpty(parentIndent: number): string {
    const cursor = this.#cursor;
    let breaks = '';
    let deepest = 0;
    for (;;) {
      while (this.#mayIndent() && cursor.code() === SPACE) cursor.pos++;
      deepest = Math.max(deepest, cursor.column);
      if (this.#mayIndent() && cursor.code() === TAB) cursor.fail('a tab cannot indent: use spaces');
      if (!isBreak(cursor.code())) break;
      breaks += cursor.takeBreak();
    }
    if (this.indent === 0) this.indent = Math.max(deepest, parentIndent + 1, 1);
    return breaks;
  }

  #mayIndent(): boolean {
    return this.indent === 0 || this.#cursor.column < this.indent;
  }
}
