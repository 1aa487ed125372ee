// JSON text -> its value, as Go's decoder takes it for the kubelet. What begins with `{` is JSON to the kubelet and not
// YAML (apimachinery util/yaml ToJSON): a trailing comma or a single quote is an error there, a long key is none.
import { type DocumentMap, type DocumentValue, WrittenNumber } from '../kubernetes/decode.ts';
import { Collector, type Places } from './yaml/collector.ts';
import { YamlError } from './yaml/cursor.ts';

/** unicode.IsSpace, by which the kubelet looks for the `{`. */
const opening = /^[\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

export const looksLikeJson = (text: string): boolean => opening.test(text);

const depthMax = 1000;
/** What is longer fits nowhere, and costs. */
const wholeLengthMax = 40;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a string of JSON may hold none of them
const plainEnd = /["\\\0-\x1f]/g;
const short = 16;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const escapes = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
);

function noteEarlier(map: DocumentMap, key: string, value: DocumentValue): void {
  map.earlier ??= new Map();
  const values = map.earlier.get(key);
  if (values) values.push(value);
  else map.earlier.set(key, [value]);
}

export class JsonParser {
  readonly text: string;
  readonly collector: Collector;
  rootOffset = 0;
  #pos = 0;

  constructor(text: string, places?: Places) {
    this.text = text;
    this.collector = new Collector(places);
  }

  document(): DocumentValue {
    this.#skipSpace();
    this.rootOffset = this.#pos;
    const value = this.#value();
    this.#skipSpace();
    if (this.#pos < this.text.length) this.#fail('nothing may follow the closing "}" of a JSON manifest');
    return value;
  }

  /** Nothing comes after a JSON document. */
  further(): undefined {}

  #value(): DocumentValue {
    const { text } = this;
    const code = text.charCodeAt(this.#pos);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++this.collector.depth > depthMax) this.#fail(`nested more than ${depthMax} deep`);
      const value = code === OPEN_BRACE ? this.#map() : this.#list();
      this.collector.depth--;
      return value;
    }
    if (code === 0x74 && this.#word('true')) return true;
    if (code === 0x66 && this.#word('false')) return false;
    if (code === 0x6e && this.#word('null')) return null;
    return this.#number();
  }

  #word(word: string): boolean {
    const isHere = this.text.startsWith(word, this.#pos);
    if (isHere) this.#pos += word.length;
    return isHere;
  }

  #map(): DocumentMap {
    const { text } = this;
    const map: DocumentMap = new Map();
    const open = this.#pos;
    for (let more = this.#opens(CLOSE_BRACE); more; more = this.#goesOn(open, CLOSE_BRACE)) {
      const offset = this.#pos;
      if (text.charCodeAt(offset) !== QUOTE)
        this.#fail('a key in double quotes is expected here: what begins with "{" is JSON');
      const key = { value: this.#string(), offset, merges: false };
      this.#skipSpace();
      if (text.charCodeAt(this.#pos) !== COLON) this.#fail('":" is expected here');
      this.#pos++;
      this.#skipSpace();
      const valueOffset = this.#pos;
      const before = map.get(key.value);
      this.collector.put(map, key, this.#value(), valueOffset);
      if (before !== undefined) noteEarlier(map, key.value, before);
    }
    return map;
  }

  #list(): DocumentValue[] {
    const list: DocumentValue[] = [];
    const open = this.#pos;
    for (let more = this.#opens(CLOSE_BRACKET); more; more = this.#goesOn(open, CLOSE_BRACKET)) {
      const offset = this.#pos;
      this.collector.push(list, this.#value(), offset);
    }
    return list;
  }

  /** Over the opening bracket; is there anything before the closing one? */
  #opens(close: number): boolean {
    this.#pos++;
    this.#skipSpace();
    if (this.text.charCodeAt(this.#pos) !== close) return true;
    this.#pos++;
    return false;
  }

  /** Behind an item: over the comma, or over the closing bracket, and then nothing comes any more. */
  #goesOn(open: number, close: number): boolean {
    this.#skipSpace();
    const at = this.#pos;
    const code = this.text.charCodeAt(this.#pos++);
    if (code === close) return false;
    const bracket = this.text.charAt(open) === '{' ? '}' : ']';
    if (at >= this.text.length) this.#fail(`this "${this.text.charAt(open)}" is never closed`, open);
    if (code !== COMMA)
      this.#fail(`"," or "${bracket}" is expected here: is a comma or a quote missing?`, at);
    this.#skipSpace();
    if (this.text.charCodeAt(this.#pos) === close) this.#fail(`JSON allows no "," before "${bracket}"`, at);
    return true;
  }

  #string(): string {
    const { text } = this;
    const start = this.#pos++;
    // Most are short and plain.
    for (let at = this.#pos; at < this.#pos + short; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        const value = text.slice(this.#pos, at);
        this.#pos = at + 1;
        return value;
      }
      if (code < 0x20 || code === BACKSLASH) break;
    }
    let value = '';
    for (;;) {
      plainEnd.lastIndex = this.#pos;
      const end = plainEnd.exec(text)?.index ?? this.#fail('the quote " is never closed', start);
      value += text.slice(this.#pos, end);
      this.#pos = end + 1;
      const code = text.charCodeAt(end);
      if (code === QUOTE) return value.isWellFormed() ? value : value.toWellFormed();
      if (code !== BACKSLASH)
        this.#fail('a control character (a line break too) must be escaped in JSON', end);
      value += this.#escape(end);
    }
  }

  #escape(start: number): string {
    const mark = this.text[start + 1] ?? '';
    const digits = this.text.slice(start + 2, start + 6);
    const isUnicode = mark === 'u' && /^[\da-fA-F]{4}$/.test(digits);
    this.#pos = start + (isUnicode ? 6 : 2);
    if (isUnicode) return String.fromCharCode(Number.parseInt(digits, 16));
    return escapes.get(mark) ?? this.#fail(`\\${mark} is no escape of JSON`, start);
  }

  #number(): DocumentValue {
    number.lastIndex = this.#pos;
    const [written, fraction, exponent] = number.exec(this.text) ?? this.#fail(this.#expected());
    this.#pos = number.lastIndex;
    const isWhole = fraction === undefined && exponent === undefined;
    if (!isWhole || written.length > wholeLengthMax) return new WrittenNumber(written);
    const value = Number(written);
    return Number.isSafeInteger(value) ? value + 0 : BigInt(written);
  }

  #expected(): string {
    if (this.text[this.#pos] === "'") return 'JSON has double quotes only';
    return 'a value is expected here: a text needs double quotes';
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.#pos);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#pos++;
    }
  }

  #fail(message: string, offset = this.#pos): never {
    throw new YamlError(message, offset);
  }
}
