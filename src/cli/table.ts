// Tables as kubectl prints them: capitals above, columns three spaces apart, no borders, nothing after the last column.
import CliTable from 'cli-table3';
import { printable } from '../telemetry/printable.ts';

const gap = 3;
const narrowestColumn = 6;
/** cli-table3 compares each row with all others: 5,000 at once take 2.5 s, in parts of this many 0.6 s. */
const rowsAtOnce = 50;

const withoutBorders = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle'
    .split(' ')
    .map((place) => [place, '']),
);

/** Prints rows as they come, below one another: widths only grow, and a new header comes with new columns. */
export class Table {
  readonly #withHeader: boolean;
  #header: string[] = [];
  #widths: number[] = [];

  constructor({ header = true } = {}) {
    this.#withHeader = header;
  }

  /** Ends in a newline; with the header when it is the first, or another than before. Without rows, nothing. */
  print(header: string[], rows: string[][]): string {
    if (rows.length === 0) return '';
    const same =
      header.length === this.#header.length && header.every((title, at) => title === this.#header[at]);
    if (!same) this.#widths = header.map(() => narrowestColumn);
    this.#header = header;
    const shown = [...(same || !this.#withHeader ? [] : [header]), ...rows].map((row) => row.map(printable));
    for (const row of shown)
      for (const [at, cell] of row.entries())
        this.#widths[at] = Math.max(this.#widths[at] ?? 0, widthMax(cell) + gap);
    let text = '';
    for (let from = 0; from < shown.length; from += rowsAtOnce)
      text += laidOut(shown.slice(from, from + rowsAtOnce), this.#widths);
    return text;
  }
}

function laidOut(rows: string[][], widths: readonly number[]): string {
  const table = new CliTable({
    chars: withoutBorders,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    colWidths: [...widths],
  });
  table.push(...rows);
  return `${table.toString().replace(/ +$/gm, '')}\n`;
}

/** Columns on a terminal, at the most: what is not ASCII may take two. */
const widthMax = (text: string) =>
  [...text].reduce((width, character) => width + (character > '\x7f' ? 2 : 1), 0);
