// What a validation rule reports: field, kind of error in Kubernetes' words, and what was found and would be right.
import type { FieldPath } from '../field-path.ts';
import { nearName } from '../near-name.ts';

export type RuleErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Unsupported value'
  | 'Duplicate value'
  | 'Forbidden'
  | 'Too long'
  | 'Too many'
  | 'Not found'
  | 'Internal error';

export type RuleError = {
  /** As Kubernetes writes it. */
  field: FieldPath;
  type: RuleErrorType;
  message: string;
  /** What was found; undefined where the message says it all. */
  value: unknown;
  /** Where the value at fault stands, if it differs from `field`. */
  at: FieldPath;
};

const shownMax = 64;

/** The message with the value that it is about, short, and never a whole object. */
export function ruleMessage({ value, message }: RuleError): string {
  if (value === undefined || (typeof value === 'object' && value !== null)) return message;
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, shownMax + 1)) : String(value);
  const length = typeof value === 'string' ? value.length : 0;
  const shown = length <= shownMax ? text : `${text.slice(0, shownMax)}… (${length} characters)`;
  return `${shown}: ${message}`;
}

/** A document with more errors than this is none that anyone wants listed in full. */
const listedMax = 1000;

/** Collects errors in the order in which Kubernetes would report them. */
export class RuleErrors {
  readonly list: RuleError[] = [];

  required(field: FieldPath, message = 'must be given', at = field): void {
    this.#add('Required value', field, message, at);
  }

  invalid(field: FieldPath, value: unknown, message: string, at = field): void {
    this.#add('Invalid value', field, message, at, value);
  }

  /** One `invalid` for each of `problems`. */
  invalidFor(problems: string[], field: FieldPath, value: unknown, at = field): void {
    for (const problem of problems) this.invalid(field, value, problem, at);
  }

  unsupported(field: FieldPath, value: unknown, supported: Iterable<string>, at = field): void {
    const choices = [...supported];
    const near = typeof value === 'string' ? nearName(value, choices) : undefined;
    const meant = near === undefined ? '' : `. Did you mean ${JSON.stringify(near)}?`;
    const listed = choices.map((choice) => JSON.stringify(choice)).join(', ');
    this.#add('Unsupported value', field, `supported values: ${listed}${meant}`, at, value);
  }

  duplicate(field: FieldPath, value: unknown, message = 'is there already', at = field): void {
    this.#add('Duplicate value', field, message, at, value);
  }

  forbidden(field: FieldPath, message: string, at = field): void {
    this.#add('Forbidden', field, message, at);
  }

  notFound(field: FieldPath, value: unknown, message: string, at = field): void {
    this.#add('Not found', field, message, at, value);
  }

  tooLong(field: FieldPath, message: string, at = field): void {
    this.#add('Too long', field, message, at);
  }

  tooMany(field: FieldPath, message: string, at = field): void {
    this.#add('Too many', field, message, at);
  }

  /** `required` for an empty value, `unsupported` for one that is not among `supported`. */
  oneOf(field: FieldPath, value: string | undefined, supported: readonly string[], at = field): void {
    if (!value) this.required(field, `must be one of ${supported.join(', ')}`, at);
    else if (!supported.includes(value)) this.unsupported(field, value, supported, at);
  }

  #add(type: RuleErrorType, field: FieldPath, message: string, at: FieldPath, value?: unknown): void {
    if (this.list.length < listedMax) this.list.push({ field, type, message, value, at });
  }
}
