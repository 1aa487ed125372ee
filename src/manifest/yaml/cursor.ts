// A place in YAML text, and what a scanner asks of it: the character here, the column, the way to the next token.
// Line breaks, blanks and comments are those of YAML 1.1 as libyaml, and so go-yaml, takes them.
import { codesOf, Words } from './codes.ts';
import { isDirective } from './directive.ts';

/** Thrown within the reader only; readYaml turns it into a value. */
export class YamlError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const NEWLINE = 0x0a;
export const TAB = 0x09;
export const SPACE = 0x20;

/** Of the line breaks between two lines of a text: one is a space, more are one less. */
export const folded = (breaks: string): string =>
  !breaks.startsWith('\n') ? breaks : breaks === '\n' ? ' ' : breaks.slice(1);

export const isBlank = (code: number): boolean => code === SPACE || code === TAB;
export const isBreak = (code: number): boolean =>
  code === NEWLINE || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;
/** A line break, or the end of the text. */
export const isBreakOrEnd = (code: number): boolean => code === 0 || isBreak(code);
/** What may follow an indicator: nothing below U+0021 is allowed in the text but blanks and breaks. */
export const isSpaceOrEnd = (code: number): boolean => code <= SPACE || (code > 0x7e && isBreak(code));

/** What YAML 1.1 does not allow in a document, but for surrogates, which cannot come out of a decoder. */
const isForbidden = (code: number): boolean =>
  (code < SPACE && code !== TAB && code !== NEWLINE && code !== 0x0d) ||
  (code > 0x7e && ((code < 0xa0 && code !== 0x85) || code > 0xfffd));

export class Cursor {
  readonly text: string;
  /** Behind the text stands NUL, which is not allowed in a document. */
  readonly codes: Uint16Array;
  pos = 0;
  /** Where the line of `pos` begins. */
  lineStart = 0;
  readonly #words: Words;
  #freshAt = -1;
  #fresh = false;

  constructor(text: string) {
    this.text = text;
    this.codes = codesOf(text);
    this.#words = new Words(text, this.codes);
  }

  get column(): number {
    return this.pos - this.lineStart;
  }

  /** Up to three characters ahead. */
  code(ahead = 0): number {
    return this.codes[this.pos + ahead] as number;
  }

  slice(from: number, to: number): string {
    return this.#words.slice(from, to);
  }

  /** Is the indicator here followed by white space, as a block's must be? */
  standsAlone(): boolean {
    return isSpaceOrEnd(this.codes[this.pos + 1] as number);
  }

  fail(message: string, offset = this.pos): never {
    throw new YamlError(message, offset);
  }

  /** Over one line break, CR LF included. */
  skipBreak(): void {
    if (this.code() === 0x0d && this.code(1) === NEWLINE) this.pos++;
    this.lineStart = ++this.pos;
  }

  /** Over one line break; answers with what it is within a text: separators of lines and paragraphs stay themselves. */
  takeBreak(): string {
    const code = this.code();
    this.skipBreak();
    return code < 0x2028 ? '\n' : String.fromCharCode(code);
  }

  skipBlanks(): void {
    const { codes } = this;
    let { pos } = this;
    while (isBlank(codes[pos] as number)) pos++;
    this.pos = pos;
  }

  skipLine(): void {
    const { codes } = this;
    let { pos } = this;
    while (!isBreakOrEnd(codes[pos] as number)) pos++;
    this.pos = pos;
  }

  /**
   * To the next token, over blanks, comments and line breaks; answers whether a line break was crossed. A tab separates
   * tokens on a line, and indents only where nothing depends on indentation (`inFlow`).
   */
  skipToToken(tabsHere: boolean, inFlow = false): boolean {
    let crossed = false;
    let tabs = tabsHere;
    for (;;) {
      const code = this.code();
      if (code > 0x23 && code < 0x7f) return crossed;
      if (code === SPACE || (code === TAB && tabs)) this.pos++;
      else if (code === 0x23 /* # */) this.skipLine();
      else if (isBreak(code)) {
        this.skipBreak();
        crossed = true;
        tabs = inFlow;
      } else return crossed;
    }
  }

  /** Where the first character stands, at `end` at the latest, that a document may not have. */
  forbiddenBefore(end: number): number | undefined {
    const last = Math.min(end, this.text.length - 1);
    for (let at = 0; at <= last; at++) if (isForbidden(this.codes[at] as number)) return at;
    return undefined;
  }

  /** The end of the text, or `---` or `...` on a line of its own or before white space. */
  atDocumentEdge(): boolean {
    return this.code() === 0 || (this.pos === this.lineStart && this.atMarker());
  }

  /** A directive that belongs to the next document ends this one, too. */
  endsDocument(): boolean {
    if (this.code() !== 0x25 /* % */ || this.pos !== this.lineStart) return this.atDocumentEdge();
    return isDirective(this.text, this.pos);
  }

  atMarker(): boolean {
    const code = this.code();
    return (
      (code === 0x2d /* - */ || code === 0x2e) /* . */ &&
      this.code(1) === code &&
      this.code(2) === code &&
      isSpaceOrEnd(this.code(3))
    );
  }

  /** Has this line nothing but spaces before the cursor? */
  onFreshLine(): boolean {
    if (this.#freshAt === this.pos) return this.#fresh;
    let at = this.pos - 1;
    while (at >= this.lineStart && this.codes[at] === SPACE) at--;
    this.#freshAt = this.pos;
    this.#fresh = at < this.lineStart;
    return this.#fresh;
  }
}
