// Kubernetes quantities ("100m", "1.5Gi", "2e3"), exact: text in, value, comparison and canonical text out.
// Semantics of resource.ParseQuantity and Quantity.CanonicalizeBytes. Pure.

type Format = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** value = unscaled × 10^scale. */
export type Quantity = {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: Format;
  /** The text as written, where Kubernetes keeps it because it takes it for canonical. */
  readonly text?: string;
};

const decimalExponents: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([text, power]) => [power, text]));
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const zero: Quantity = { unscaled: 0n, scale: 0, format: 'DecimalSI', text: '0' };
const int64Max = 2n ** 63n - 1n;
const nanoScale = -9;
/** Beyond this no resource is meant, and arithmetic would cost more than it may. */
const exponentMax = 10_000;
/** Likewise for digits: more than this is not an amount of anything. */
const digitsMax = 10_000;

const smallPowers = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));
const power10 = (exponent: number): bigint => smallPowers[exponent] ?? 10n ** BigInt(exponent);

const pattern = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;

/** Rules ask for the same few amounts again and again. */
const parsed = new Map<string, Quantity>();
const parsedMax = 256;

/** undefined when the text is no quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  const known = parsed.get(text);
  if (known) return known;
  const quantity = parse(text);
  if (!quantity) return undefined;
  if (parsed.size >= parsedMax) parsed.clear();
  parsed.set(text, quantity);
  return quantity;
}

function parse(text: string): Quantity | undefined {
  if (text === '0') return zero;
  if (text === '' || text.length > digitsMax) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = pattern.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const meaning = suffixMeaning(suffix);
  if (!meaning) return undefined;
  const { format, exponent } = meaning;
  const digits = `${whole || '0'}${fraction}`;
  const magnitude = BigInt(digits);
  const negative = sign === '-';
  const kept = keepsText(digits, fraction, magnitude, format, exponent) ? text : undefined;
  let unscaled = magnitude;
  let scale = -fraction.length;
  let shownAs: Format = format;
  if (format === 'BinarySI') {
    unscaled *= 1n << BigInt(exponent);
    ({ unscaled, scale } = roundedUp(unscaled, scale, nanoScale));
    const whole = scale < 0 ? unscaled / power10(-scale) : unscaled;
    if (whole > int64Max) ({ unscaled, scale } = { unscaled: int64Max, scale: 0 });
    if (whole === 0n && unscaled > 0n) shownAs = 'DecimalSI';
  } else {
    ({ unscaled, scale } = roundedUp(unscaled, scale + exponent, nanoScale));
  }
  return { unscaled: negative ? -unscaled : unscaled, scale, format: shownAs, text: kept };
}

function suffixMeaning(suffix: string): { format: Format; exponent: number } | undefined {
  const decimal = Object.hasOwn(decimalExponents, suffix) ? decimalExponents[suffix] : undefined;
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { format: 'BinarySI', exponent: binary * 10 };
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) <= exponentMax ? { format: 'DecimalExponent', exponent } : undefined;
}

/** The fast path of ParseQuantity keeps the text of what it takes for canonical; "1.500" stays "1.500". */
function keepsText(
  digits: string,
  fraction: string,
  magnitude: bigint,
  format: Format,
  exponent: number,
): boolean {
  if (format === 'BinarySI') {
    const precision = 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && (magnitude & 7n) !== 0n;
  }
  const scale = exponent - fraction.length;
  return (
    digits.length <= 18 &&
    scale >= nanoScale &&
    scale % 3 === 0 &&
    !digits.endsWith('000') &&
    !digits.startsWith('0')
  );
}

const digitsOf = (whole: bigint): number => whole.toString().length - (whole < 0n ? 1 : 0);

/** Rounds away from zero to no finer than 10^finest. */
function roundedUp(unscaled: bigint, scale: number, finest: number): { unscaled: bigint; scale: number } {
  if (scale >= finest) return { unscaled, scale };
  if (unscaled !== 0n && digitsOf(unscaled) <= finest - scale)
    return { unscaled: unscaled < 0n ? -1n : 1n, scale: finest };
  const divisor = power10(finest - scale);
  const quotient = unscaled / divisor;
  const remainder = unscaled % divisor;
  if (remainder === 0n) return { unscaled: quotient, scale: finest };
  return { unscaled: quotient + (unscaled < 0n ? -1n : 1n), scale: finest };
}

/** Quantity.RoundUp: no finer than 10^finest; the written text survives where nothing had to be rounded. */
export function roundUp(quantity: Quantity, finest: number): Quantity {
  if (quantity.scale >= finest) return quantity;
  return { format: quantity.format, ...roundedUp(quantity.unscaled, quantity.scale, finest) };
}

/** The canonical form, as Kubernetes serves it. */
export function quantityText(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.unscaled === 0n) return '0';
  return (quantity.format === 'BinarySI' && binaryText(quantity)) || decimalText(quantity);
}

/** undefined where a binary suffix would lose precision or say nothing. */
function binaryText({ unscaled, scale }: Quantity): string | undefined {
  const divisor = scale < 0 ? power10(-scale) : 1n;
  if (unscaled % divisor !== 0n) return undefined;
  let value = (unscaled / divisor) * (scale > 0 ? power10(scale) : 1n);
  if (value > -1024n && value < 1024n) return undefined;
  let power = 0;
  while (value % 1024n === 0n && power < binarySuffixes.length - 1) {
    value /= 1024n;
    power++;
  }
  return `${value}${binarySuffixes[power]}`;
}

function decimalText({ unscaled, scale, format }: Quantity): string {
  const digits = unscaled.toString();
  let zeros = 0;
  while (digits[digits.length - 1 - zeros] === '0') zeros++;
  let value = zeros === 0 ? unscaled : BigInt(digits.slice(0, -zeros));
  let exponent = scale + zeros;
  const surplus = ((exponent % 3) + 3) % 3;
  value *= power10(surplus);
  exponent -= surplus;
  const suffix = format === 'DecimalExponent' ? undefined : decimalSuffixes.get(exponent);
  return `${value}${suffix ?? (exponent === 0 ? '' : `e${exponent}`)}`;
}

const exact = (quantity: Quantity | string): Quantity => {
  const parsed = typeof quantity === 'string' ? parseQuantity(quantity) : quantity;
  if (!parsed) throw new Error(`no quantity: ${quantity}`);
  return parsed;
};

/** Negative, zero or positive, as a sorter wants it. Throws on text that is no quantity: validate first. */
export function compareQuantities(one: Quantity | string, other: Quantity | string): number {
  const left = exact(one);
  const right = exact(other);
  const sign = quantitySign(left);
  if (sign !== quantitySign(right)) return sign < quantitySign(right) ? -1 : 1;
  // Of different lengths, the longer is the larger, and need not be written out.
  const longer = sign === 0 ? 0 : lengthOf(left) - lengthOf(right);
  if (longer !== 0) return Math.sign(longer) * sign;
  const scale = Math.min(left.scale, right.scale);
  const a = left.unscaled * power10(left.scale - scale);
  const b = right.unscaled * power10(right.scale - scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many digits stand before the point, if it were written out. */
const lengthOf = ({ unscaled, scale }: Quantity): number => digitsOf(unscaled) + scale;

export function addQuantities(one: Quantity | string, other: Quantity | string): Quantity {
  const left = exact(one);
  const right = exact(other);
  const scale = Math.min(left.scale, right.scale);
  const unscaled =
    left.unscaled * power10(left.scale - scale) + right.unscaled * power10(right.scale - scale);
  return { unscaled, scale, format: left.unscaled === 0n ? right.format : left.format };
}

/** -1, 0 or 1. */
export function quantitySign(quantity: Quantity | string): number {
  const { unscaled } = exact(quantity);
  return unscaled < 0n ? -1 : unscaled > 0n ? 1 : 0;
}

/** A number of more digits is infinite. */
const numberDigitsMax = 309;

/** The value in units of 10^scale, rounded away from zero (Quantity.ScaledValue); at most what a number can hold. */
function scaledValue(quantity: Quantity, scale: number): number {
  const rounded = roundedUp(quantity.unscaled, quantity.scale, scale);
  if (rounded.unscaled !== 0n && rounded.scale - scale > numberDigitsMax)
    return rounded.unscaled < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(rounded.unscaled * power10(rounded.scale - scale));
}

/** Whole units, rounded up: bytes of a memory quantity. undefined when the text is no quantity. */
export function quantityValue(text: string): number | undefined {
  const quantity = parseQuantity(text);
  return quantity && scaledValue(quantity, 0);
}

/** Thousandths, rounded up: millicores of a CPU quantity. undefined when the text is no quantity. */
export function quantityMilliValue(text: string): number | undefined {
  const quantity = parseQuantity(text);
  return quantity && scaledValue(quantity, -3);
}
