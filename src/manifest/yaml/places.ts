// Where the values of a document stand in its text: found by reading it once more, only when something must be shown.
import type { DocumentValue } from '../../kubernetes/decode.ts';
import { parserOf } from '../parser-of.ts';
import type { Places } from './collector.ts';

export class PlacedDocument {
  readonly #root: DocumentValue;
  readonly #rootOffset: number;
  readonly #places: Places = new Map();
  /** Of large maps that were asked for, by their parts. */
  readonly #indexes = new Map<object, Map<string, number>>();

  /** `text` is known to parse. */
  constructor(text: string) {
    const parser = parserOf(text, this.#places);
    this.#root = parser.document();
    this.#rootOffset = parser.rootOffset;
  }

  /** Of the value at `steps` (or, with `ofKey`, of the key that leads to it), or of its nearest parent that is written. */
  offset(steps: readonly (string | number)[], ofKey: boolean): number {
    let value = this.#root;
    let offset = this.#rootOffset;
    for (const [depth, step] of steps.entries()) {
      const parts = typeof value === 'object' && value !== null ? this.#places.get(value) : undefined;
      if (value instanceof Map) {
        const at = parts === undefined ? -1 : this.#entryAt(parts, String(step));
        if (at < 0) break;
        offset = Number(parts?.[at + (ofKey && depth === steps.length - 1 ? 1 : 2)]);
        value = value.get(String(step)) ?? null;
      } else {
        const place = parts?.[Number(step)];
        if (place === undefined) break;
        offset = Number(place);
        value = (value as DocumentValue[])[Number(step)] ?? null;
      }
    }
    return offset;
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
