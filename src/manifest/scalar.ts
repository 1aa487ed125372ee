// A plain YAML scalar -> its value, by the rules of YAML 1.1 as sigs.k8s.io/yaml reads them for Kubernetes (go-yaml v2,
// resolve): `yes` is true, `0644` is 420, `1_000` is 1000, `12:30` and dates stay strings. Pure.
import type { DocumentValue } from '../kubernetes/decode.ts';

const words = new Map<string, DocumentValue>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
  words.set(word, true);
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
  words.set(word, false);
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, null);
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, Number.NaN);
for (const word of ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'])
  words.set(word, Number.POSITIVE_INFINITY);
for (const word of ['-.inf', '-.Inf', '-.INF']) words.set(word, Number.NEGATIVE_INFINITY);

const float = /^[-+]?(?:\d+|\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?$/;
/** Behind `0b` go-yaml takes a sign, too: of an int64. */
const integer =
  /^([-+]?)(?:(0[xX])([\da-fA-F]+)|(0[bB])([01]+)|(0[oO]?)([0-7]+)|([1-9]\d*|0))$|^0b([-+])([01]+)$/;

const lettersFirst = new Set([...'yYnNtTfFoO~'].map((letter) => letter.charCodeAt(0)));

export function resolvePlain(text: string): DocumentValue {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return resolveNumber(text);
  const maySign = first === 0x2b || first === 0x2d || first === 0x2e;
  if (!maySign && text !== '' && !lettersFirst.has(first)) return text;
  if (text.length <= 5) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  return maySign ? resolveNumber(text) : text;
}

/** So many digits are always exact. */
const shortDigits = 15;

/** Of decimal digits alone, without a zero before others; else NaN. */
function shortNumber(text: string): number {
  if (text.length > shortDigits || (text.length > 1 && text.charCodeAt(0) === 0x30)) return Number.NaN;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function resolveNumber(text: string): DocumentValue {
  const whole = shortNumber(text);
  return Number.isNaN(whole) ? resolveOtherNumber(text) : whole;
}

function resolveOtherNumber(text: string): DocumentValue {
  const whole = resolveInteger(text);
  if (whole !== undefined) return whole;
  // strconv.ParseFloat, which has what begins with a point, takes underscores between digits only.
  const plain = text.startsWith('.') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text.replaceAll('_', '');
  return float.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** Undefined: not a whole number by its spelling, or beyond strconv.ParseInt and ParseUint (then it may be a float). */
export function resolveInteger(text: string): number | bigint | undefined {
  if (!/^[-+\d]/.test(text)) return undefined;
  const match = integer.exec(text.replaceAll('_', ''));
  if (!match) return undefined;
  const [, sign, , hex, , binary, , octal, decimal, within, signedBinary] = match;
  const digits = hex ?? binary ?? octal ?? decimal ?? signedBinary ?? '';
  const prefix = decimal !== undefined ? '' : hex !== undefined ? '0x' : octal !== undefined ? '0o' : '0b';
  const significant = digits.length > 64 ? digits.replace(/^0+(?=.)/, '') : digits;
  if (significant.length > 64) return undefined;
  const value = BigInt(prefix + significant);
  const signed = sign === '-' || within === '-' ? -value : value;
  if (Number.isSafeInteger(Number(signed))) return Number(signed);
  return signed >= -(2n ** 63n) && signed < (within ? 2n ** 63n : 2n ** 64n) ? signed : undefined;
}
