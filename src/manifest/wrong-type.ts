// A value of the wrong type -> what should stand there, what does, and how to write it. Pure.
import { type DocumentValue, WrittenNumber, type WrongType } from '../kubernetes/decode.ts';
import type { Model } from '../kubernetes/schema.ts';

export function wrongTypeMessage({ wanted, found, model }: WrongType): string {
  const fields = model ? fieldsOf(model) : '';
  const how = howToWrite(wanted, found);
  return `must be ${wanted}${fields}, is ${kindOf(found, wanted, how === quoteIt)}${how}`;
}

const quoteIt = ': put it in quotes';

function howToWrite(wanted: string, found: DocumentValue): string {
  if (wanted === 'a string' && isScalar(found) && typeof found !== 'string') return quoteIt;
  if (wanted === 'a list of strings' && isScalar(found)) return ': a list is written as ["a", "b"]';
  if (wanted.startsWith('a list') && found instanceof Map) return ': each item begins with "- "';
  const unquoted = wanted.startsWith('a whole number')
    ? /^[+-]?\d+$/
    : wanted === 'true or false'
      ? /^(true|false)$/
      : undefined;
  return typeof found === 'string' && unquoted?.test(found) ? ': leave out the quotes' : '';
}

const isScalar = (found: DocumentValue) =>
  found !== null && (typeof found !== 'object' || found instanceof WrittenNumber);

const namedMax = 4;

/** Those that it must have; else the first few. */
function fieldsOf({ fields }: Model): string {
  const all = [...fields.values()];
  const required = all.filter((field) => field.required);
  const names = (required.length > 0 ? required : all).map(({ name }) => name);
  const more = names.slice(0, namedMax).length < all.length ? ', …' : '';
  return ` (${names.slice(0, namedMax).join(', ')}${more})`;
}

/** What stands there. Where a text belongs it may be a secret, and is not repeated; an amount is none. */
function kindOf(value: DocumentValue, wanted: string, secret: boolean): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') {
    if (wanted.startsWith('a quantity') && value.length < 40) return JSON.stringify(value);
    return value === '' ? 'an empty string' : 'a string';
  }
  if (typeof value === 'boolean') return 'a boolean (as true, yes and on are)';
  if (value instanceof Map) return 'a map';
  return secret ? 'a number' : `the number ${value}`;
}
