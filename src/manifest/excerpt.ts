// A line of a manifest with a mark under one spot, as a terminal shows it: nothing in it can move the cursor, and the
// mark stays in place behind tabs, wide letters and escapes. Pure.
import { printable } from '../telemetry/printable.ts';

const widthMax = 100;

/** Both 1-based. Of a long line, the part around the spot. Ends in a newline. */
export function excerpt(text: string, line: number, column: number, mark = '^'): string {
  const from = column <= widthMax ? 0 : column - Math.floor(widthMax / 2);
  const to = from + widthMax;
  const before = (from > 0 ? '…' : '') + shown(text.slice(from, column - 1));
  const behind = shown(text.slice(column - 1, to)) + (text.length > to ? '…' : '');
  const number = String(line).padStart(6);
  return `${number} | ${before}${behind}\n${' '.repeat(6)} | ${blank(before)}${mark}\n`;
}

/** A cut may have parted two halves of one character. */
const shown = (text: string) => text.toWellFormed().split('\t').map(printable).join('\t');

// East Asian Width W and F, as the blocks have it; emoji; and what stands on top of the letter before.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const onTop = /\p{M}/u;

/** As much room as the text takes. */
const blank = (text: string): string =>
  Array.from(text, (character) => {
    if (character === '\t') return '\t';
    if (onTop.test(character)) return '';
    return wide.test(character) ? '  ' : ' ';
  }).join('');
