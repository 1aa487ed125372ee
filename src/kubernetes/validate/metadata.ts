// metadata of a Pod (ValidateObjectMeta, ValidateAnnotations, ValidateLabels).
import type { FieldPath } from '../field-path.ts';
import type { V1ObjectMeta } from '../generated/shapes.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

/** TotalAnnotationSizeLimitB */
const annotationsBytesMax = 256 * 1024;

export function validateObjectMeta(meta: V1ObjectMeta, path: FieldPath, errors: RuleErrors): void {
  if (meta.generateName !== undefined)
    for (const problem of isDNS1123Subdomain(meta.generateName.replace(/-$/, 'a')))
      errors.invalid(path.child('generateName'), meta.generateName, problem);
  for (const problem of isDNS1123Subdomain(meta.name ?? ''))
    errors.invalid(path.child('name'), meta.name, problem);
  for (const problem of isDNS1123Label(meta.namespace ?? ''))
    errors.invalid(path.child('namespace'), meta.namespace, problem);
  if ((meta.generation ?? 0) < 0)
    errors.invalid(path.child('generation'), meta.generation, 'must be greater than or equal to 0');
  validateLabels(meta.labels, path.child('labels'), errors);
  validateAnnotations(meta.annotations, path.child('annotations'), errors);
}

/** ValidateLabels: keys and values; the field is the whole map. */
export function validateLabels(
  labels: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of isQualifiedName(key)) errors.invalid(path, key, problem, path.key(key));
    for (const problem of isValidLabelValue(value)) errors.invalid(path, value, problem, path.key(key));
  }
}

function validateAnnotations(
  annotations: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of isQualifiedName(key.toLowerCase()))
      errors.invalid(path, key, problem, path.key(key));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationsBytesMax)
    errors.tooLong(path, `must be no more than ${annotationsBytesMax} bytes together, are ${bytes}`);
}
