// Where the values of a document stand in its text: found by reading it once more, only when something must be shown.
import type { DocumentValue } from '../../kubernetes/decode.ts';
import type { Pointing } from '../document.ts';
import { parserOf } from '../parser-of.ts';
import type { Places } from './collector.ts';

export class PlacedDocument {
  readonly #text: string;
  readonly #root: DocumentValue;
  readonly #rootOffset: number;
  readonly #places: Places = new Map();
  /** Of large maps that were asked for, by their parts. */
  readonly #indexes = new Map<object, Map<string, number>>();

  /** `text` is known to parse. */
  constructor(text: string) {
    this.#text = text;
    const parser = parserOf(text, this.#places);
    this.#root = parser.document();
    this.#rootOffset = parser.rootOffset;
  }

  offset(steps: readonly (string | number)[], to: Pointing): number {
    let value = this.#root;
    let offset = this.#rootOffset;
    let key = offset;
    for (const [depth, step] of steps.entries()) {
      const parts = typeof value === 'object' && value !== null ? this.#places.get(value) : undefined;
      if (value instanceof Map) {
        const at = parts === undefined ? -1 : this.#entryAt(parts, String(step));
        if (at < 0) break;
        key = Number(parts?.[at + 1]);
        offset = to === 'key' && depth === steps.length - 1 ? key : Number(parts?.[at + 2]);
        value = value.get(String(step)) ?? null;
      } else {
        const place = parts?.[Number(step)];
        if (place === undefined) break;
        offset = Number(place);
        key = offset;
        value = (value as DocumentValue[])[Number(step)] ?? null;
      }
    }
    const isBlock =
      to === 'head' && typeof value === 'object' && this.#text.slice(key, offset).includes('\n');
    return isBlock ? key : offset;
  }

  /** Of a map's parts, where the last entry of that name begins. */
  #entryAt(parts: (string | number)[], name: string): number {
    if (parts.length < 100) return parts.lastIndexOf(name);
    let index = this.#indexes.get(parts);
    if (index === undefined) {
      index = new Map();
      for (let at = 0; at < parts.length; at += 3) index.set(String(parts[at]), at);
      this.#indexes.set(parts, index);
    }
    return index.get(name) ?? -1;
  }
}
