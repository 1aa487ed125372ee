// The grammars of names in Kubernetes (apimachinery/pkg/util/validation): each answers with what is wrong with a text,
// empty when nothing is. Pure.

type Grammar = { pattern: RegExp; lengthMax: number; words: string };

const label: Grammar = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  lengthMax: 63,
  words:
    "a lowercase RFC 1123 label: lower case letters, digits and '-', beginning and ending with a letter or digit (as 'my-name' or '123-abc')",
};
const subdomain: Grammar = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  lengthMax: 253,
  words:
    "a lowercase RFC 1123 subdomain: lower case letters, digits, '-' and '.', beginning and ending with a letter or digit (as 'example.com')",
};
const labelName: Grammar = {
  pattern: /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/,
  lengthMax: 63,
  words:
    "letters, digits, '-', '_' and '.', beginning and ending with a letter or digit (as 'MyName' or '123-abc')",
};
const labelValue: Grammar = {
  pattern: /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/,
  lengthMax: 63,
  words:
    "empty, or letters, digits, '-', '_' and '.', beginning and ending with a letter or digit (as 'MyValue' or '12345')",
};

const byteLength = (text: string) => Buffer.byteLength(text);

function check(grammar: Grammar, text: string): string[] {
  const problems: string[] = [];
  if (byteLength(text) > grammar.lengthMax)
    problems.push(`must be no more than ${grammar.lengthMax} bytes, is ${byteLength(text)}`);
  if (!grammar.pattern.test(text)) problems.push(`must be ${grammar.words}`);
  return problems;
}

/** IsDNS1123Label */
export const isDNS1123Label = (text: string): string[] => check(label, text);
/** IsDNS1123Subdomain */
export const isDNS1123Subdomain = (text: string): string[] => check(subdomain, text);
/** IsValidLabelValue */
export const isValidLabelValue = (text: string): string[] => check(labelValue, text);

/** IsQualifiedName: `name` or `prefix.example.com/name`. */
export function isQualifiedName(text: string): string[] {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2)
    return [`must be a name of ${labelName.words}, with an optional DNS subdomain and '/' before it`];
  const problems: string[] = [];
  if (parts.length === 2) {
    if (parts[0] === '') problems.push('the prefix before / must not be empty');
    else
      problems.push(...isDNS1123Subdomain(parts[0] ?? '').map((problem) => `the prefix before / ${problem}`));
  }
  if (name === '') problems.push('the name must not be empty');
  else if (byteLength(name) > labelName.lengthMax)
    problems.push(`the name must be no more than ${labelName.lengthMax} bytes, is ${byteLength(name)}`);
  if (!labelName.pattern.test(name)) problems.push(`the name must be ${labelName.words}`);
  return problems;
}
