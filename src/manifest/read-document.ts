// Bytes -> the first YAML document in them (JSON is YAML), as the kubelet's YAMLToJSON reads it. Pure, synchronous.
import * as YAML from 'yaml';
import type { DocumentValue } from '../kubernetes/decode.ts';
import type { DocumentNote, Position, ReadResult } from './document.ts';
import { resolvePlain } from './scalar.ts';

const options = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  merge: false,
  prettyErrors: false,
} as const;
const depthMax = 1000;
const valuesMax = 1_000_000;

export function readDocument(bytes: Uint8Array): ReadResult {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, line: 1, column: 1, message: 'not UTF-8 text' };
  }
  const documents = YAML.parseAllDocuments(text, options);
  const lines = new LineIndex(text);
  if (!Array.isArray(documents) || documents.length === 0) return { ok: true, document: emptyDocument };
  const [first, second] = documents;
  const error = first?.errors[0];
  if (!first || error)
    return { ok: false, ...lines.at(error?.pos[0] ?? 0), message: error?.message ?? 'empty' };
  const reader = new TreeReader(lines, first);
  try {
    const value = reader.read(first.contents as YAML.Node | null, 0);
    if (second)
      reader.notes.push({
        ...lines.at(second.range[0]),
        message: 'only the first document of a file counts',
      });
    return {
      ok: true,
      document: {
        value,
        notes: reader.notes,
        locate: (steps, key) => locate(first, lines, steps, key === 'key'),
      },
    };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, ...lines.at(error.offset), message: error.message };
    throw error;
  }
}

const emptyDocument = { value: null, notes: [], locate: () => undefined };

class Unreadable extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class LineIndex {
  readonly #text: string;
  #starts: number[] | undefined;
  constructor(text: string) {
    this.#text = text;
  }
  at(offset: number): Position {
    this.#starts ??= [0, ...[...this.#text.matchAll(/\r\n|\n|\r/g)].map((m) => m.index + m[0].length)];
    const after = this.#starts.findIndex((start) => start > offset);
    const line = after < 0 ? this.#starts.length : after;
    return { line, column: offset - (this.#starts[line - 1] ?? 0) + 1 };
  }
}

class TreeReader {
  readonly notes: DocumentNote[] = [];
  readonly #lines: LineIndex;
  readonly #document: YAML.Document;
  #values = 0;

  constructor(lines: LineIndex, document: YAML.Document) {
    this.#lines = lines;
    this.#document = document;
  }

  read(node: YAML.Node | null, depth: number): DocumentValue {
    const offset = node?.range?.[0] ?? 0;
    if (depth > depthMax) throw new Unreadable(`nested more than ${depthMax} deep`, offset);
    if (++this.#values > valuesMax)
      throw new Unreadable('aliases make this document excessively large', offset);
    if (node === null) return null;
    if (YAML.isAlias(node)) {
      const target = node.resolve(this.#document);
      if (!target) throw new Unreadable(`unknown anchor ${node.source}`, offset);
      return this.read(target, depth + 1);
    }
    if (YAML.isMap(node)) return this.#map(node, depth);
    if (YAML.isSeq(node)) return node.items.map((item) => this.read(item as YAML.Node | null, depth + 1));
    return this.#scalar(node as YAML.Scalar);
  }

  #scalar(node: YAML.Scalar): DocumentValue {
    if (node.tag === 'tag:yaml.org,2002:binary') return Buffer.from(String(node.source), 'base64').toString();
    if (node.type === 'PLAIN' && node.tag === undefined) {
      const value = resolvePlain(node.source ?? '');
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new Unreadable(`${node.source} is no number that JSON can hold`, node.range?.[0] ?? 0);
      return value;
    }
    return String(node.value ?? '');
  }

  #map(node: YAML.YAMLMap, depth: number): DocumentValue {
    const map: { [key: string]: DocumentValue } = Object.create(null);
    for (const { key, value } of node.items as YAML.Pair<YAML.Node | null, YAML.Node | null>[]) {
      if (YAML.isScalar(key) && key.type === 'PLAIN' && key.source === '<<') {
        this.#merge(map, value, depth);
        continue;
      }
      const read = this.read(key, depth + 1);
      if (typeof read === 'object')
        throw new Unreadable('a key must be a plain value', key?.range?.[0] ?? node.range?.[0] ?? 0);
      const name = String(read);
      if (name in map)
        this.notes.push({
          ...this.#lines.at(key?.range?.[0] ?? 0),
          message: `duplicate key ${JSON.stringify(name)}: the last one counts`,
        });
      map[name] = this.read(value, depth + 1);
    }
    return map;
  }

  #merge(map: { [key: string]: DocumentValue }, value: YAML.Node | null, depth: number): void {
    const read = this.read(value, depth + 1);
    for (const source of Array.isArray(read) ? [...read].reverse() : [read]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source))
        throw new Unreadable(
          'map merge requires map or sequence of maps as the value',
          value?.range?.[0] ?? 0,
        );
      for (const name in source) map[name] = source[name] as DocumentValue;
    }
  }
}

function locate(
  document: YAML.Document,
  lines: LineIndex,
  steps: readonly (string | number)[],
  key: boolean,
): Position | undefined {
  const resolved = (node: unknown) =>
    YAML.isAlias(node) ? node.resolve(document) : (node as YAML.Node | null | undefined);
  let node = resolved(document.contents);
  let offset = node?.range?.[0];
  for (const [at, step] of steps.entries()) {
    if (YAML.isMap(node)) {
      const pair = node.items.findLast((item) => YAML.isScalar(item.key) && String(item.key.source) === step);
      if (!pair) break;
      const keyOffset = (pair.key as YAML.Node).range?.[0];
      node = resolved(pair.value);
      offset = key && at === steps.length - 1 ? keyOffset : (node?.range?.[0] ?? keyOffset);
    } else if (YAML.isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = resolved(node.items[step]);
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.at(offset);
}
