// The grammars of names in Kubernetes (apimachinery/pkg/util/validation): each answers with what is wrong with
// a text, empty when nothing is. Pure.

import { isIPv4, isIPv6 } from 'node:net';

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

const underscored: Grammar = {
  pattern: /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/,
  lengthMax: 253,
  words:
    "a DNS subdomain: lower case letters, digits, '-', '_' and '.', each label beginning with a letter, a digit or '_' and ending with a letter or digit",
};

const byteLength = (text: string) => Buffer.byteLength(text);

/** Whatever a grammar takes is ASCII: a byte a character. */
const fits = ({ pattern, lengthMax }: Grammar, text: string): boolean =>
  text.length <= lengthMax && pattern.test(text);

function check(grammar: Grammar, text: string): string[] {
  if (fits(grammar, text)) return [];
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
  if (fits(labelName, text)) return [];
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

/** NameIsDNSSubdomain with prefix: a trailing dash is followed by what is generated. */
export const isNamePrefix = (text: string): string[] =>
  isDNS1123Subdomain(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

/** IsDNS1123SubdomainWithUnderscore */
export const isDNS1123SubdomainWithUnderscore = (text: string): string[] => check(underscored, text);

/** IsRelaxedEnvVarName */
export function isRelaxedEnvVarName(text: string): string[] {
  if (text === '') return ['must not be empty'];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(text)
    ? []
    : ["must consist of printable ASCII characters other than '='"];
}

/** IsConfigMapKey */
export function isConfigMapKey(text: string): string[] {
  const problems: string[] = [];
  if (byteLength(text) > 253) problems.push('must be no more than 253 bytes');
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) problems.push("must consist of letters, digits, '-', '_' and '.'");
  if (text === '.') problems.push("must not be '.'");
  else if (text === '..') problems.push("must not be '..'");
  else if (text.startsWith('..')) problems.push("must not begin with '..'");
  return problems;
}

/** Differs from its strings.TrimSpace: to Go U+0085 is white space and U+FEFF is none. */
export const isPadded = (text: string): boolean => /^(?!\ufeff)[\s\x85]|(?!\ufeff)[\s\x85]$/.test(text);

/** IsHTTPHeaderName */
export const isHTTPHeaderName = (text: string): string[] =>
  /^[-A-Za-z0-9]+$/.test(text) ? [] : ["must consist of letters, digits and '-' (as 'X-Header-Name')"];

/** IsValidPortNum */
export const isValidPortNum = (port: number): string[] =>
  port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];

/** IsValidPortName: IANA_SVC_NAME. */
export function isValidPortName(name: string): string[] {
  const problems: string[] = [];
  if (byteLength(name) > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) problems.push("must contain only lower case letters, digits and '-'");
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter');
  if (name.includes('--')) problems.push("must not contain consecutive '-'");
  if (/^-|-$/.test(name)) problems.push("must not begin or end with '-'");
  return problems;
}

/** IsValidIPForLegacyField, strict as it is since 1.36: no leading zeros, no zone, no IPv4 address within IPv6. */
export function isValidIP(text: string): string[] {
  if (isIPv4(text)) return [];
  if (/^0*\d{1,3}(\.0*\d{1,3}){3}$/.test(text) && isIPv4(withoutLeadingZeros(text)))
    return [`must not have leading zeros: ${withoutLeadingZeros(text)}`];
  if (!isIPv6(text) || text.includes('%'))
    return ['must be a valid IP address (as 10.9.8.7 or 2001:db8::ffff)'];
  return isMapped(text) ? ['must not be an IPv4-mapped IPv6 address: write the IPv4 address alone'] : [];
}

const withoutLeadingZeros = (text: string) => text.replace(/\b0+(?=\d)/g, '');

/** In ::ffff:0:0/96, however it is written: URL writes an address in its one canonical form. */
const isMapped = (ip: string) => /^\[::ffff:[\da-f]+:[\da-f]+\]$/.test(new URL(`http://[${ip}]`).hostname);

/** IsValidUserID, IsValidGroupID */
export const isValidId = (id: number): string[] =>
  id >= 0 && id <= 2147483647 ? [] : ['must be between 0 and 2147483647, inclusive'];
