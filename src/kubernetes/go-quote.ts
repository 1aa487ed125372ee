// A text in double quotes as Go writes it (strconv.Quote, the verb %q), for what Kubernetes shows in that form. Pure.

const named: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** strconv.IsPrint: of what is blank only the space itself. */
const isPrint = (character: string) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);

export const goQuote = (text: string): string => `"${[...text].map(quoted).join('')}"`;

function quoted(character: string): string {
  const name = named[character];
  if (name !== undefined) return name;
  if (isPrint(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = (digits: number) => code.toString(16).padStart(digits, '0');
  if (code < 0x20 || code === 0x7f) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}
