// Text that came from a manifest, an image or an engine, made safe for a terminal: what would move the cursor, colour,
// hide or reorder what a person reads stands there as an escape instead.

// C0, DEL and C1; line and paragraph separators; direction overrides and isolates; zero-width and byte-order marks.
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\p{Cs}]/gu;

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export const printable = (text: string): string =>
  text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return short[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
