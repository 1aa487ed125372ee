// What reading a manifest's bytes yields: its first document as plain values, and where each of them stands.
import type { DocumentValue } from '../kubernetes/decode.ts';

/** 1-based. */
export type Position = { line: number; column: number };

/** `duplicate`: a key of a map is there again. `rest`: what stands behind the first document. */
export type DocumentNote = Position & { kind: 'duplicate' | 'rest'; message: string };

/** To a value, to the key that leads to it, or to the value, but to its key if it begins on a line of its own. */
export type Pointing = 'value' | 'key' | 'head';

export type Document = {
  value: DocumentValue;
  /**
   * Where the value at `steps` stands, or its nearest parent that is written.
   * Lazy: costs nothing until something has to be shown.
   */
  locate(steps: readonly (string | number)[], to?: Pointing): Position | undefined;
  /** Lawful and yet likely a mistake: duplicate keys, further documents. */
  notes: DocumentNote[];
};

export type ReadResult =
  | { ok: true; document: Document }
  | ({ ok: false } & Partial<Position> & { message: string });
