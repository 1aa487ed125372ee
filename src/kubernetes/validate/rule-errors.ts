// What a validation rule reports: field, kind of error in Kubernetes' words, and what was found and would be right.
import type { FieldPath } from '../field-path.ts';

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

  unsupported(field: FieldPath, value: unknown, supported: Iterable<string>, at = field): void {
    const choices = [...supported].map((choice) => JSON.stringify(choice)).join(', ');
    this.#add('Unsupported value', field, found(value, `supported values: ${choices}`), at);
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

  #add(type: RuleErrorType, field: FieldPath, message: string, at: FieldPath): void {
    this.list.push({ field: field.toString(), type, message, at });
  }
}

const found = (value: unknown, message: string) => {
  const text = shown(value);
  return text === '' ? message : `${text}: ${message}`;
};
