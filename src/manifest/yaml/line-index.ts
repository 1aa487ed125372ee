// Offset in a text -> line and column. Reads the text for line breaks once, when the first position is asked for.
import type { Position } from '../document.ts';

export class LineIndex {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): Position {
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
  }
}

function lineStarts(text: string): number[] {
  // A byte order mark takes no column.
  const starts = [text.startsWith('\ufeff') ? 1 : 0];
  const breaks = /\r\n|[\n\r\x85\u2028\u2029]/g;
  while (breaks.exec(text)) starts.push(breaks.lastIndex);
  return starts;
}
