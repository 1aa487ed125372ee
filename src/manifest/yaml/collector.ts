// Puts what was read into maps and lists: keys become strings, `<<` merges, the last of equal keys counts; and notes
// where everything stands, if asked.
import type { DocumentMap, DocumentValue } from '../../kubernetes/decode.ts';
import { YamlError } from './cursor.ts';

/** Of a list: the offset of each item. Of a map: name, offset of the key and offset of the value, entry after entry. */
export type Places = Map<object, (string | number)[]>;

export type Key = { value: DocumentValue; offset: number; merges: boolean };

/** More duplicates than these are counted only. */
const duplicatesMax = 100;

/** No field of a Pod stands deeper: what is wrong deeper is wrong up here. */
const placedDepthMax = 64;

export class Collector {
  /** Of the collection that is being read. */
  depth = 0;
  readonly duplicates: { name: string; offset: number }[] = [];
  duplicatesUnlisted = 0;
  readonly #places: Places | undefined;
  /** That something was put into last, and the places of what is in it. */
  #container: object | undefined;
  #within: (string | number)[] = [];

  constructor(places: Places | undefined) {
    this.#places = places;
  }

  put(map: DocumentMap, key: Key, value: DocumentValue, valueOffset: number): void {
    if (key.merges) return this.#merge(map, value, valueOffset);
    if (typeof value === 'number') failUnlessFinite(value, valueOffset);
    const name = keyText(key);
    const { size } = map;
    map.set(name, value);
    if (map.size === size) this.#duplicate(name, key.offset);
    if (this.#places && this.depth <= placedDepthMax) this.#of(map).push(name, key.offset, valueOffset);
  }

  push(list: DocumentValue[], value: DocumentValue, offset: number): void {
    if (typeof value === 'number') failUnlessFinite(value, offset);
    if (this.#places && this.depth <= placedDepthMax) this.#of(list).push(offset);
    list.push(value);
  }

  #duplicate(name: string, offset: number): void {
    if (this.duplicates.length < duplicatesMax) this.duplicates.push({ name, offset });
    else this.duplicatesUnlisted++;
  }

  /** go-yaml v2: what is merged overrides what stands before it and yields to what comes after. */
  #merge(map: DocumentMap, value: DocumentValue, offset: number): void {
    const sources = Array.isArray(value) ? value.toReversed() : [value];
    for (const source of sources) {
      if (!(source instanceof Map)) throw new YamlError('<< merges a map or a list of maps', offset);
      for (const [name, entry] of source) map.set(name, entry);
      const places = this.#places?.get(source);
      for (const part of places ?? []) this.#of(map).push(part);
    }
  }

  #of(container: object): (string | number)[] {
    if (container === this.#container) return this.#within;
    let places = this.#places?.get(container);
    if (!places) {
      places = [];
      this.#places?.set(container, places);
    }
    this.#container = container;
    this.#within = places;
    return places;
  }
}

/**
 * sigs.k8s.io/yaml: numbers and booleans become strings, null and collections cannot be keys. That holds here also where
 * a later duplicate would put the map with such a key, or a number like .inf, out of sight of the kubelet.
 */
function keyText({ value, offset }: Key): string {
  if (typeof value === 'string') return value;
  if (
    value === null ||
    typeof value === 'object' ||
    (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value)
  )
    throw new YamlError('a key must be a string, a number or a boolean', offset);
  return String(value);
}

/** As a key of a map, `.inf` is a text like any other. */
function failUnlessFinite(value: number, offset: number): void {
  if (Number.isFinite(value)) return;
  const text = value > 0 ? '.inf' : value < 0 ? '-.inf' : '.nan';
  throw new YamlError(`${text} is no number that JSON can hold: a text needs quotes`, offset);
}
