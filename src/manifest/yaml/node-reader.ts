// One YAML node that is not a block: a scalar, an alias, a flow collection; with its anchor and tag. What both the block
// and the flow parser stand on.
import type { DocumentMap, DocumentValue } from '../../kubernetes/decode.ts';
import { resolveInteger, resolvePlain } from '../scalar.ts';
import { type Anchor, Anchors } from './anchors.ts';
import { Collector, type Key, type Places } from './collector.ts';
import { Cursor, isBlank, isBreakOrEnd, isSpaceOrEnd } from './cursor.ts';
import { floatKey } from './float-key.ts';
import { LineIndex } from './line-index.ts';
import { beginsPlain, scanPlain } from './plain-scalar.ts';
import { scanQuoted } from './quoted-scalar.ts';
import { readTag, resolveScalar } from './tag.ts';

/** Of collections in collections; what comes after the reader recurses as well. */
const depthMax = 1000;
/** A key that is not marked by `?` ends within so many characters, on its line. */
const keyLengthMax = 1024;

export type Properties = { anchor?: Anchor; tag?: string; sizeBefore: number };

export class NodeReader {
  readonly cursor: Cursor;
  readonly collector: Collector;
  readonly #anchors: Anchors;
  /** Tag handles of %TAG directives. */
  protected readonly handles = new Map<string, string>();
  /** The bracket of the flow collection that is being read. */
  #bracket = 0;
  /** Of the last that may be a key of a flow collection. */
  #keyOffset = 0;
  #behindKey: 'colon' | 'no value' | 'nothing' = 'nothing';
  /** Where the node that was read last begins. */
  protected start = 0;
  /** Was the scalar that was read last a `<<`? */
  protected merges = false;
  /** Of the block that holds the node or its flow collection. */
  #indent = -1;
  /** The text of the scalar that was read last. */
  #written = '';

  constructor(text: string, places?: Places) {
    this.cursor = new Cursor(text);
    this.collector = new Collector(places);
    this.#anchors = new Anchors(text.length);
  }

  protected inline(own: Properties | undefined, indent: number, inFlow: boolean): DocumentValue {
    const { cursor } = this;
    const start = cursor.pos;
    if (!inFlow) this.#indent = indent;
    switch (cursor.code()) {
      case 0x2a /* * */:
        return this.#alias(own);
      case 0x5b /* [ */:
        return this.#flowList();
      case 0x7b /* { */:
        return this.#flowMapping();
      case 0x22:
      case 0x27 /* " ' */:
        return this.scalar(scanQuoted(cursor), false, own, start);
    }
    if (!beginsPlain(cursor, inFlow)) this.#failAtToken();
    return this.scalar(scanPlain(cursor, this.#indent, inFlow), true, own, start);
  }

  #failAtToken(): never {
    const character = this.cursor.text.charAt(this.cursor.pos) || '\0';
    if (character === '\t') this.cursor.fail('a tab cannot indent: use spaces');
    if (character === '\0') this.cursor.fail('a value is missing at the end of the document');
    return this.cursor.fail(`nothing can begin with ${JSON.stringify(character)} here: a text needs quotes`);
  }

  protected scalar(text: string, plain: boolean, own: Properties | undefined, start: number): DocumentValue {
    this.#anchors.nodes++;
    if (own === undefined) {
      this.merges = plain && text === '<<';
      this.#written = text;
      return plain ? resolvePlain(text) : text;
    }
    this.merges =
      text === '<<' &&
      (own.tag === undefined ? plain : own.tag === '!' || own.tag === 'tag:yaml.org,2002:merge');
    const value = resolveScalar(text, plain, own.tag, (message) => this.cursor.fail(message, start));
    this.#written = own.tag?.endsWith(':float') ? '.' : text;
    return value;
  }

  /** Of the value that was read last. */
  protected key(value: DocumentValue, offset: number): Key {
    const isFloat = typeof value === 'number' && resolveInteger(this.#written) === undefined;
    return { value: isFloat ? floatKey(value) : value, offset, merges: this.merges };
  }

  protected put(map: DocumentMap, key: Key, value: DocumentValue, valueOffset: number): void {
    if (key.merges && Array.isArray(value) && this.cursor.codes[valueOffset] === 0x2a /* * */)
      this.cursor.fail('<< merges the maps of a list that is written here, not by an alias', valueOffset);
    this.collector.put(map, key, value, valueOffset);
  }

  /** For a key, from `offset` to here. */
  protected tooLong(offset: number): boolean {
    const { pos, text } = this.cursor;
    if (pos - offset <= keyLengthMax || pos - offset > 2 * keyLengthMax) return pos - offset > keyLengthMax;
    return [...text.slice(offset, pos)].length > keyLengthMax;
  }

  protected empty(own: Properties | undefined): DocumentValue {
    return this.scalar('', true, own, this.cursor.pos);
  }

  protected properties(before: Properties | undefined): Properties {
    const { cursor } = this;
    const properties = before ?? { sizeBefore: this.#anchors.nodes };
    if (cursor.code() === 0x21 /* ! */) {
      if (properties.tag !== undefined) cursor.fail('a value can have one tag only');
      properties.tag = readTag(cursor, this.handles);
      if (!isSpaceOrEnd(cursor.code())) cursor.fail('a tag ends with a space');
      return properties;
    }
    if (properties.anchor !== undefined) cursor.fail('a value can have one anchor only');
    cursor.pos++;
    properties.anchor = this.#anchors.open(this.#name());
    return properties;
  }

  #alias(own: Properties | undefined): DocumentValue {
    const { cursor } = this;
    const start = cursor.pos++;
    if (own) cursor.fail('an alias can have neither anchor nor tag', start);
    const name = this.#name();
    this.#anchors.nodes++;
    this.merges = false;
    return this.#anchors.use(name, (message) => cursor.fail(message, start));
  }

  #name(): string {
    const { cursor } = this;
    const start = cursor.pos;
    while (isNamePart(cursor.code())) cursor.pos++;
    const next = cursor.code();
    if (cursor.pos === start || !(isSpaceOrEnd(next) || '?:,]}%@`'.includes(String.fromCharCode(next))))
      cursor.fail("the name of an anchor consists of letters, digits, '-' and '_'");
    return cursor.slice(start, cursor.pos);
  }

  protected finish(properties: Properties | undefined, value: DocumentValue, start: number): DocumentValue {
    if (properties?.anchor !== undefined) {
      properties.anchor.value = value;
      properties.anchor.size = this.#anchors.nodes - properties.sizeBefore;
    }
    this.start = start;
    return value;
  }

  protected enter(): void {
    this.#anchors.nodes++;
    if (++this.collector.depth > depthMax) this.cursor.fail(`nested more than ${depthMax} deep`);
  }

  protected leave(): void {
    this.collector.depth--;
  }

  /** Moves to a colon that ends a key on this line. Within a flow collection it needs no space after it. */
  protected atColon(inFlow: boolean): boolean {
    const { cursor } = this;
    let at = cursor.pos;
    const { codes } = cursor;
    while (isBlank(codes[at] as number)) at++;
    if (codes[at] !== 0x3a /* : */) return false;
    if (!inFlow && !isSpaceOrEnd(codes[at + 1] as number)) return false;
    cursor.pos = at;
    return true;
  }

  #flowToken(): number {
    const { cursor } = this;
    const here = cursor.code();
    if (here > 0x2e /* . */ && here < 0x7f) return here;
    cursor.skipToToken(true, true);
    if (cursor.atDocumentEdge())
      cursor.fail(`this "${cursor.text.charAt(this.#bracket)}" is never closed`, this.#bracket);
    return cursor.code();
  }

  /** The cursor stands at its token. */
  #flowNode(): DocumentValue {
    const first = this.cursor.pos;
    let code = this.cursor.code();
    let own: Properties | undefined;
    while (code === 0x26 || code === 0x21 /* & ! */) {
      own = this.properties(own);
      code = this.#flowToken();
    }
    const bare = own !== undefined && (isFlowEnd(code) || code === 0x3a) /* : */;
    const value = bare ? this.empty(own) : this.inline(own, this.#indent, true);
    return this.finish(own, value, first);
  }

  #flowList(): DocumentValue {
    const { cursor, collector } = this;
    const list: DocumentValue[] = [];
    this.enter();
    const outer = this.#bracket;
    this.#bracket = cursor.pos++;
    for (let code = this.#flowToken(); code !== 0x5d /* ] */; code = this.#afterFlowEntry(0x5d)) {
      const offset = cursor.pos;
      const key = this.#flowKey();
      const isPair = this.#behindKey !== 'nothing';
      if (isPair) {
        const map: DocumentMap = new Map();
        this.#anchors.nodes++;
        this.#flowValue(map, key);
        collector.push(list, map, offset);
      } else collector.push(list, key, offset);
    }
    cursor.pos++;
    this.#bracket = outer;
    this.leave();
    return list;
  }

  #flowMapping(): DocumentValue {
    const { cursor } = this;
    const map: DocumentMap = new Map();
    this.enter();
    const outer = this.#bracket;
    this.#bracket = cursor.pos++;
    for (let code = this.#flowToken(); code !== 0x7d /* } */; code = this.#afterFlowEntry(0x7d))
      this.#flowValue(map, this.#flowKey());
    cursor.pos++;
    this.#bracket = outer;
    this.leave();
    this.merges = false;
    return map;
  }

  /** A comma and what comes after it, or the closing bracket. */
  #afterFlowEntry(close: number): number {
    const code = this.#flowToken();
    if (code === close) return code;
    if (code !== 0x2c /* , */)
      this.cursor.fail(`"," or "${String.fromCharCode(close)}" is expected here${this.#missing()}`);
    this.cursor.pos++;
    return this.#flowToken();
  }

  /** What it may be that somebody has left out. */
  #missing(): string {
    const { text, lineStart } = this.cursor;
    if (this.#bracket >= lineStart) return ': is a comma or a quote missing?';
    const { line } = new LineIndex(text).at(this.#bracket);
    return `: is the "${text.charAt(this.#bracket)}" of line ${line} never closed, or a comma missing?`;
  }

  /** What may be a key: where it stands is in `#keyOffset`, what it is followed by in `#behindKey`. */
  #flowKey(): DocumentValue {
    const { cursor } = this;
    const explicit = cursor.code() === 0x3f; /* ? */
    if (explicit) {
      cursor.pos++;
      this.#flowToken();
    }
    const offset = cursor.pos;
    const { lineStart } = cursor;
    const value = this.#flowNode();
    const { merges } = this;
    if (explicit) this.#flowToken();
    const colon = this.atColon(true);
    if (colon && !explicit && (cursor.lineStart !== lineStart || this.tooLong(offset)))
      cursor.fail('a key and its ":" stand on one line');
    this.#behindKey = colon ? 'colon' : explicit ? 'no value' : 'nothing';
    this.#keyOffset = offset;
    this.merges = merges;
    return value;
  }

  /** Of the key that was just read. */
  #flowValue(map: DocumentMap, keyValue: DocumentValue): void {
    const offset = this.#keyOffset;
    const key = this.key(keyValue, offset);
    if (this.#behindKey !== 'colon') return this.collector.put(map, key, null, offset);
    this.cursor.pos++;
    if (isFlowEnd(this.#flowToken())) return this.collector.put(map, key, null, offset);
    const value = this.#flowNode();
    this.put(map, key, value, this.start);
  }
}

const isNamePart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  code === 0x2d /* - */ ||
  code === 0x5f; /* _ */

const isFlowEnd = (code: number): boolean =>
  code === 0x2c || code === 0x5d || code === 0x7d || isBreakOrEnd(code);
