// Labels and what selects by them (metav1/validation: ValidateLabels, ValidateLabelSelector).
import type { FieldPath } from '../field-path.ts';
import type { V1LabelSelector, V1LabelSelectorRequirement } from '../generated/shapes.ts';
import { isQualifiedName, isValidLabelValue } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

/** ValidateLabels: keys and values; the field is the whole map. */
export function validateLabels(
  labels: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    validateLabelName(key, path, errors, path.key(key));
    errors.invalidFor(isValidLabelValue(value), path, value, path.key(key));
  }
}

/** ValidateLabelName */
export function validateLabelName(name: string, path: FieldPath, errors: RuleErrors, at = path): void {
  errors.invalidFor(isQualifiedName(name), path, name, at);
}

export function validateLabelSelector(
  selector: V1LabelSelector | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (!selector) return;
  validateLabels(selector.matchLabels, path.child('matchLabels'), errors);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries())
    validateRequirement(requirement, path.child('matchExpressions').index(index), errors);
}

function validateRequirement(
  { key, operator, values = [] }: V1LabelSelectorRequirement,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.required(path.child('values'), "must be given when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.forbidden(
        path.child('values'),
        "may not be given when `operator` is 'Exists' or 'DoesNotExist'",
      );
  } else errors.invalid(path.child('operator'), operator, 'must be In, NotIn, Exists or DoesNotExist');
  validateLabelName(key, path.child('key'), errors);
  validateLabelValues(values, path.child('values'), errors);
}

export function validateLabelValues(values: string[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, value] of values.entries())
    errors.invalidFor(isValidLabelValue(value), path.index(index), value);
}
