// YAML text -> the values of its first document, block structure by indentation. Accepts and refuses what libyaml, and
// so go-yaml and the kubelet, accept and refuse.
import type { DocumentMap, DocumentValue } from '../../kubernetes/decode.ts';
import { scanBlockScalar } from './block-scalar.ts';
import type { Key } from './collector.ts';
import { readDirective } from './directive.ts';
import { NodeReader, type Properties } from './node-reader.ts';

export class Parser extends NodeReader {
  /** Where the document's root begins. */
  get rootOffset(): number {
    return this.start;
  }

  document(): DocumentValue {
    const { cursor } = this;
    if (cursor.code() === 0xfeff) cursor.lineStart = ++cursor.pos;
    cursor.skipToToken(false);
    this.#directives();
    const explicit = cursor.pos === cursor.lineStart && cursor.atMarker() && cursor.code() === 0x2d;
    if (explicit) cursor.pos += 3;
    else if (cursor.code() !== 0 && cursor.atDocumentEdge())
      cursor.fail('"..." ends a document, and here is none');
    return this.#block(-1, !explicit, false);
  }

  /** What comes after the document: nothing, another document, or text that no one reads. */
  further(): { kind: 'document' | 'text'; offset: number } | undefined {
    const { cursor } = this;
    let kind: 'document' | 'text' = 'text';
    for (;;) {
      cursor.skipToToken(true);
      if (cursor.code() === 0) return undefined;
      if (!(cursor.pos === cursor.lineStart && cursor.atMarker())) return { kind, offset: cursor.pos };
      cursor.pos += 3;
      kind = 'document';
    }
  }

  #directives(): void {
    const { cursor } = this;
    const seen = new Set<string>();
    while (cursor.code() === 0x25 /* % */ && cursor.column === 0) {
      const directive = readDirective(cursor.text, cursor.pos);
      if (directive.problem !== undefined) cursor.fail(directive.problem);
      const name = directive.handle ?? '%YAML';
      if (seen.has(name)) cursor.fail('this directive was there before');
      seen.add(name);
      if (directive.handle !== undefined) this.handles.set(directive.handle, directive.prefix ?? '');
      cursor.skipLine();
      cursor.skipToToken(false);
      if (cursor.code() !== 0x25 && !(cursor.atDocumentEdge() && cursor.code() === 0x2d))
        cursor.fail('after directives the document begins with ---');
    }
  }

  /**
   * A node in a block whose parent stands at column `indent`. `keysHere`: a mapping may begin on this very line.
   * `flush`: a list may stand as deep as its parent (the value of a key).
   */
  #block(indent: number, keysHere: boolean, flush: boolean): DocumentValue {
    const { cursor } = this;
    let crossed = cursor.skipToToken(!keysHere);
    let keys = keysHere || crossed;
    let outer: Properties | undefined;
    let own: Properties | undefined;
    let first = -1;
    let keysFirst = keys;
    for (;;) {
      if (first < 0) {
        first = cursor.pos;
        keysFirst = keys;
      }
      if (cursor.endsDocument()) return this.finish(outer ?? own, this.empty(own ?? outer), first);
      if (crossed && cursor.column <= indent && !(cursor.column === indent && this.#atBlockScalar())) {
        const list = flush && cursor.column === indent && this.#atDash();
        return this.finish(outer ?? own, list ? this.#list(indent, true) : this.empty(own ?? outer), first);
      }
      const code = cursor.code();
      if (code !== 0x26 && code !== 0x21 /* & ! */) break;
      own = this.properties(own);
      keys = false;
      if (!cursor.skipToToken(true)) continue;
      crossed = true;
      keys = true;
      outer = own;
      own = undefined;
      first = -1;
    }
    if (cursor.standsAlone()) {
      const collection = this.#blockCollection(cursor.code(), keys, own);
      if (collection !== undefined) return this.finish(outer, collection, first);
    }
    return this.#inlineOrMapping(indent, outer, own, first, keysFirst);
  }

  /** A list or a mapping with explicit keys, if its indicator stands here. */
  #blockCollection(code: number, keys: boolean, own: Properties | undefined): DocumentValue | undefined {
    const { cursor } = this;
    if (code === 0x2d /* - */) {
      if (!keys) cursor.fail('a list cannot begin on this line: put its first "-" on the next');
      return this.#list(cursor.column, false);
    }
    if (code === 0x3f /* ? */) {
      if (!keys) cursor.fail('a mapping cannot begin on this line');
      return this.#mapping(cursor.column);
    }
    if (code === 0x3a /* : */ && !own) cursor.fail('there is no key before this ":"');
    return undefined;
  }

  /** A scalar, an alias or a flow collection; and if a colon follows, the mapping that it is the first key of. */
  #inlineOrMapping(
    indent: number,
    outer: Properties | undefined,
    own: Properties | undefined,
    first: number,
    keysFirst: boolean,
  ): DocumentValue {
    const { cursor } = this;
    const { lineStart } = cursor;
    if (this.#atBlockScalar()) {
      const text = scanBlockScalar(cursor, indent);
      return this.finish(outer ?? own, this.scalar(text, false, own ?? outer, first), first);
    }
    const value = this.#inlineOrKey(indent, outer, own);
    if (!this.atColon(false)) return this.finish(outer ?? own, value, first);
    if (cursor.lineStart !== lineStart) this.#failAtLines(keysFirst, first);
    if (!keysFirst || this.tooLong(first))
      cursor.fail('a mapping cannot begin here: ": " in a value needs quotes, a key needs a line of its own');
    const key = this.key(this.finish(own, value, first), first);
    return this.finish(outer, this.#mapping(first - lineStart, key), first);
  }

  /** Properties on a line before a key are those of the map that it is in, else those of the value itself. */
  #inlineOrKey(indent: number, outer: Properties | undefined, own: Properties | undefined): DocumentValue {
    const { cursor } = this;
    if (own || !outer) return this.#inlineOrEmpty(own, indent);
    const { pos, lineStart } = cursor;
    const value = this.inline(undefined, indent, false);
    if (this.atColon(false)) return value;
    cursor.pos = pos;
    cursor.lineStart = lineStart;
    return this.inline(outer, indent, false);
  }

  /** A key may be nothing but an anchor or a tag. */
  #inlineOrEmpty(own: Properties | undefined, indent: number): DocumentValue {
    const { cursor } = this;
    const isEmpty = own && cursor.code() === 0x3a /* : */ && cursor.standsAlone();
    return isEmpty ? this.empty(own) : this.inline(own, indent, false);
  }

  /** What would be the first key is a text of several lines. */
  #failAtLines(keysFirst: boolean, first: number): never {
    const { cursor } = this;
    if (keysFirst) cursor.fail('a key is expected here, followed by ": "', first);
    cursor.pos = cursor.lineStart;
    cursor.skipBlanks();
    return cursor.fail('a key is expected here: this line is indented too far');
  }

  /** Keys at `column`, each with its value. The first key may have been read already, up to its colon. */
  #mapping(column: number, firstKey?: Key): DocumentValue {
    const { cursor } = this;
    const map: DocumentMap = new Map();
    this.enter();
    let key = firstKey ?? this.#blockKey(column);
    for (;;) {
      this.#pair(map, key, column);
      // At the beginning of a line a tab is an error; behind a value it is a blank.
      cursor.skipToToken(!cursor.onFreshLine());
      if (cursor.endsDocument()) break;
      if (!cursor.onFreshLine())
        cursor.fail('a key is expected here: nothing may follow a value on its line');
      if (cursor.column < column) break;
      if (cursor.column > column) cursor.fail('a key is expected here: this line is indented too far');
      key = this.#blockKey(column);
    }
    this.leave();
    return map;
  }

  #pair(map: DocumentMap, key: Key, column: number): void {
    const { cursor } = this;
    const explicit = cursor.onFreshLine();
    if (cursor.code() === 0x3a /* : */ && cursor.standsAlone() && (!explicit || cursor.column === column)) {
      cursor.pos++;
      const value = this.#block(column, explicit, true);
      this.put(map, key, value, value === null ? key.offset : this.start);
    } else this.collector.put(map, key, null, key.offset);
  }

  /** Leaves the cursor at the key's colon. */
  #blockKey(column: number): Key {
    const { cursor } = this;
    const offset = cursor.pos;
    if (cursor.standsAlone()) {
      const code = cursor.code();
      if (code === 0x3f /* ? */) return this.#explicitKey(column);
      if (code === 0x2d /* - */) cursor.fail('a key is expected here, not the item of a list');
      if (code === 0x3a /* : */) cursor.fail('there is no key before this ":"');
    }
    const { lineStart } = cursor;
    let own: Properties | undefined;
    while (cursor.code() === 0x26 || cursor.code() === 0x21) {
      own = this.properties(own);
      cursor.skipBlanks();
    }
    const value = this.finish(own, this.#inlineOrEmpty(own, column), offset);
    if (!this.atColon(false) || cursor.lineStart !== lineStart || this.tooLong(offset))
      cursor.fail('a key is expected here, followed by ": "', offset);
    return this.key(value, offset);
  }

  /** `? key`, its colon on a line of its own. */
  #explicitKey(column: number): Key {
    const { cursor } = this;
    cursor.pos++;
    const value = this.#block(column, true, true);
    const key = this.key(value, this.start);
    cursor.skipToToken(true);
    return key;
  }

  /** Items at `column`; a flush list, as deep as the key it belongs to, also ends where the next key begins. */
  #list(column: number, flush: boolean): DocumentValue {
    const { cursor } = this;
    const list: DocumentValue[] = [];
    this.enter();
    do {
      const dash = cursor.pos++;
      const value = this.#block(column, true, false);
      this.collector.push(list, value, value === null ? dash : this.start);
      // At the beginning of a line a tab is an error; behind a value it is a blank.
      cursor.skipToToken(!cursor.onFreshLine());
      if (cursor.endsDocument() || (cursor.onFreshLine() && cursor.column < column)) break;
      if (!cursor.onFreshLine())
        cursor.fail('the next item is expected here: nothing may follow a value on its line');
      if (cursor.column > column)
        cursor.fail('the next item ("-") is expected here: this line is indented too far');
      if (!this.#atDash() && !flush) cursor.fail('the next item of the list ("-") is expected here');
    } while (this.#atDash());
    this.leave();
    return list;
  }

  /** It alone may stand as deep as the key that it belongs to. */
  #atBlockScalar(): boolean {
    const code = this.cursor.code();
    return code === 0x7c || code === 0x3e; /* | > */
  }

  #atDash(): boolean {
    return this.cursor.code() === 0x2d && this.cursor.standsAlone();
  }
}
