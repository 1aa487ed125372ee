// Anchors of a document and what their aliases cost: an alias is free here (values are shared), and counted all the
// same as go-yaml counts it, so that what the kubelet refuses as a bomb is refused here.
import type { DocumentValue } from '../../kubernetes/decode.ts';

/** Without a value as long as it is being read. */
export type Anchor = { value?: DocumentValue; size: number };

/**
 * Beyond this, aliases must be a small part of the document (go-yaml: allowedAliasRatio); and never more than this many
 * nodes by alias for each character: what is written out in full costs time, wherever it is used.
 */
const freeRatioNodes = 400_000;
const strictRatioNodes = 4_000_000;
const aliasedNodesFree = 20_000;

export class Anchors {
  readonly #named = new Map<string, Anchor>();
  readonly #characters: number;
  /** Nodes with aliases written out, and those of them that are there by alias. */
  nodes = 0;
  #aliased = 0;

  constructor(characters: number) {
    this.#characters = characters;
  }

  /** The name stands before its value is known: of equal names, the one that began last counts from there on. */
  open(name: string): Anchor {
    const anchor: Anchor = { size: 0 };
    this.#named.set(name, anchor);
    return anchor;
  }

  use(name: string, fail: (message: string) => never): DocumentValue {
    const anchor = this.#named.get(name);
    if (anchor === undefined)
      return fail(`there is no anchor &${name} before this; a text that begins with * needs quotes`);
    if (anchor.value === undefined) return fail(`the value of the anchor &${name} contains itself`);
    this.nodes += anchor.size;
    this.#aliased += anchor.size;
    if (this.#isExcessive()) fail('aliases make this document excessively large');
    return anchor.value;
  }

  #isExcessive(): boolean {
    if (this.#aliased > aliasedNodesFree + this.#characters) return true;
    return this.#aliased > 100 && this.nodes > 1000 && this.#aliased / this.nodes > allowedRatio(this.nodes);
  }
}

function allowedRatio(nodes: number): number {
  if (nodes <= freeRatioNodes) return 0.99;
  if (nodes >= strictRatioNodes) return 0.1;
  return 0.99 - (0.89 * (nodes - freeRatioNodes)) / (strictRatioNodes - freeRatioNodes);
}
