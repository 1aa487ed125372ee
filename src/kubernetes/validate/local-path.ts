// Paths that must stay inside something (validateLocalDescendingPath and its kin).
import type { FieldPath } from '../field-path.ts';
import type { RuleErrors } from './rule-errors.ts';

export const hasBacksteps = (path: string): boolean => path.split('/').includes('..');

/** validatePathNoBacksteps */
export function validateNoBacksteps(path: string, field: FieldPath, errors: RuleErrors, at = field): void {
  if (hasBacksteps(path)) errors.invalid(field, path, "must not contain '..'", at);
}

/** validateLocalDescendingPath */
export function validateDescendingPath(path: string, field: FieldPath, errors: RuleErrors, at = field): void {
  if (path.startsWith('/')) errors.invalid(field, path, 'must be a relative path', at);
  validateNoBacksteps(path, field, errors, at);
}

/** ValidateLocalNonReservedPath */
export function validateNonReservedPath(
  path: string,
  field: FieldPath,
  errors: RuleErrors,
  at = field,
): void {
  validateDescendingPath(path, field, errors, at);
  if (path.startsWith('..') && !path.startsWith('../'))
    errors.invalid(field, path, "must not begin with '..'", at);
}
