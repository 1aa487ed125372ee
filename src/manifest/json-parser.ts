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
const words: [text: string, value: DocumentValue][] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const escapes = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
);

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
    const at = text[this.#pos];
    if (at === '{') return this.#nested(() => this.#map());
    if (at === '[') return this.#nested(() => this.#list());
    if (at === '"') return this.#string();
    for (const [word, value] of words)
      if (text.startsWith(word, this.#pos)) {
        this.#pos += word.length;
        return value;
      }
    return this.#number();
  }

  #nested<T>(read: () => T): T {
    if (++this.collector.depth > depthMax) this.#fail(`nested more than ${depthMax} deep`);
    const value = read();
    this.collector.depth--;
    return value;
  }

  #map(): DocumentMap {
    const map: DocumentMap = new Map();
    this.#items('}', () => {
      const offset = this.#pos;
      if (this.text[offset] !== '"')
        this.#fail('a key in double quotes is expected here: what begins with "{" is JSON');
      const key = { value: this.#string(), offset, merges: false };
      this.#skipSpace();
      if (this.text[this.#pos] !== ':') this.#fail('":" is expected here');
      this.#pos++;
      this.#skipSpace();
      const valueOffset = this.#pos;
      this.collector.put(map, key, this.#value(), valueOffset);
    });
    return map;
  }

  #list(): DocumentValue[] {
    const list: DocumentValue[] = [];
    this.#items(']', () => {
      const offset = this.#pos;
      this.collector.push(list, this.#value(), offset);
    });
    return list;
  }

  /** From the opening bracket to behind the closing one. */
  #items(close: '}' | ']', readItem: () => void): void {
    const open = this.#pos++;
    this.#skipSpace();
    if (this.text[this.#pos] === close) {
      this.#pos++;
      return;
    }
    for (;;) {
      readItem();
      this.#skipSpace();
      const end = this.text[this.#pos];
      if (end === undefined) this.#fail(`this "${this.text.charAt(open)}" is never closed`, open);
      if (end !== ',' && end !== close)
        this.#fail(`"," or "${close}" is expected here: is a comma or a quote missing?`);
      const comma = this.#pos++;
      if (end === close) return;
      this.#skipSpace();
      if (this.text[this.#pos] === close) this.#fail(`JSON allows no "," before "${close}"`, comma);
    }
  }

  #string(): string {
    const { text } = this;
    const start = this.#pos++;
    let value = '';
    for (;;) {
      plainEnd.lastIndex = this.#pos;
      const end = plainEnd.exec(text)?.index ?? this.#fail('the quote " is never closed', start);
      value += text.slice(this.#pos, end);
      this.#pos = end + 1;
      if (text[end] === '"') return value.toWellFormed();
      if (text[end] !== '\\')
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
