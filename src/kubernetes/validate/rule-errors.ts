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
  field: string;
  type: RuleErrorType;
  message: string;
  /** Where the value at fault stands, if it differs from `field`. */
  at: FieldPath;
};

const shownMax = 64;

/** A value as a message repeats it: short, and never a whole object. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return '';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}… (${text.length} characters)`;
}

/** Collects errors in the order in which Kubernetes would report them. */
export class RuleErrors {
  readonly list: RuleError[] = [];

  required(field: FieldPath, message = 'must be given', at = field): void {
    this.#add('Required value', field, message, at);
  }

  invalid(field: FieldPath, value: unknown, message: string, at = field): void {
    this.#add('Invalid value', field, found(value, message), at);
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
    this.#add('Unsupported value', field, found(value, `supported values: ${listed}${meant}`), at);
  }

  duplicate(field: FieldPath, value: unknown, message = 'is there already', at = field): void {
    this.#add('Duplicate value', field, found(value, message), at);
  }

  forbidden(field: FieldPath, message: string, at = field): void {
    this.#add('Forbidden', field, message, at);
  }

  notFound(field: FieldPath, value: unknown, message: string, at = field): void {
    this.#add('Not found', field, found(value, message), at);
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

  #add(type: RuleErrorType, field: FieldPath, message: string, at: FieldPath): void {
    this.list.push({ field: field.toString(), type, message, at });
  }
}

const found = (value: unknown, message: string) => {
  const text = shown(value);
  return text === '' ? message : `${text}: ${message}`;
};
