// metadata of a Pod (ValidateObjectMeta and what it calls).
import type { FieldPath } from '../field-path.ts';
import type { V1ManagedFieldsEntry, V1ObjectMeta, V1OwnerReference } from '../generated/shapes.ts';
import { isDNS1123Label, isDNS1123Subdomain, isNamePrefix, isQualifiedName } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateLabels } from './selector.ts';

/** TotalAnnotationSizeLimitB */
const annotationsBytesMax = 256 * 1024;
const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

export function validateObjectMeta(meta: V1ObjectMeta, path: FieldPath, errors: RuleErrors): void {
  const { name = '', namespace = '', generateName, finalizers = [] } = meta;
  if (generateName) errors.invalidFor(isNamePrefix(generateName), path.child('generateName'), generateName);
  errors.invalidFor(isDNS1123Subdomain(name), path.child('name'), name);
  errors.invalidFor(isDNS1123Label(namespace), path.child('namespace'), namespace);
  if ((meta.generation ?? 0) < 0)
    errors.invalid(path.child('generation'), meta.generation, 'must be greater than or equal to 0');
  validateLabels(meta.labels, path.child('labels'), errors);
  validateAnnotations(meta.annotations, path.child('annotations'), errors);
  validateOwners(meta.ownerReferences ?? [], path.child('ownerReferences'), errors);
  validateFinalizers(finalizers, path.child('finalizers'), errors);
  validateManagedFields(meta.managedFields ?? [], path.child('managedFields'), errors);
  for (const [index, finalizer] of finalizers.entries())
    if (!finalizer.includes('/') && !standardFinalizers.includes(finalizer))
      errors.invalid(
        path.child('finalizers').index(index),
        finalizer,
        'must be a standard finalizer or a fully qualified name',
      );
}

/** ValidateAnnotations: keys, and their size together. */
export function validateAnnotations(
  annotations: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const key of Object.keys(annotations ?? {}))
    errors.invalidFor(isQualifiedName(key.toLowerCase()), path, key, path.key(key));
  validateAnnotationsSize(annotations, path, errors);
}

/** ValidateAnnotationsSize */
export function validateAnnotationsSize(
  annotations: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {}))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > annotationsBytesMax)
    errors.tooLong(path, `must be no more than ${annotationsBytesMax} bytes together, are ${bytes}`);
}

/** ValidateOwnerReferences. Kubernetes leaves the index out of the field. */
function validateOwners(owners: V1OwnerReference[], path: FieldPath, errors: RuleErrors): void {
  let controllers = 0;
  for (const [index, { apiVersion, kind, name, uid, controller }] of owners.entries()) {
    const at = path.index(index);
    const needs = (field: string, value: string) => {
      if (value === '') errors.invalid(path.child(field), value, 'must not be empty', at.child(field));
    };
    const version = apiVersion.split('/').length > 2 ? '' : (apiVersion.split('/').at(-1) ?? '');
    if (version === '')
      errors.invalid(path.child('apiVersion'), apiVersion, 'must name a version', at.child('apiVersion'));
    needs('kind', kind);
    needs('name', name);
    needs('uid', uid);
    if (/^\/?v1$/.test(apiVersion) && kind === 'Event') errors.invalid(path, kind, 'may not be an owner', at);
    if (controller && ++controllers > 1)
      errors.invalid(path, name, 'only one reference can have `controller` set to true', at);
  }
}

function validateFinalizers(finalizers: string[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, finalizer] of finalizers.entries())
    errors.invalidFor(isQualifiedName(finalizer), path, finalizer, path.index(index));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.invalid(path, finalizers, '`orphan` and `foregroundDeletion` cannot both be given');
}

/** unicode.IsPrint takes no space but the ASCII one. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const codePoint = (character: string) =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** ValidateManagedFields */
function validateManagedFields(entries: V1ManagedFieldsEntry[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, { operation, fieldsType, manager = '', subresource = '' }] of entries.entries()) {
    const at = path.index(index);
    if (operation !== 'Apply' && operation !== 'Update')
      errors.invalid(at.child('operation'), operation, 'must be `Apply` or `Update`');
    if (fieldsType && fieldsType !== 'FieldsV1')
      errors.invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`');
    if (Buffer.byteLength(manager) > 128)
      errors.tooLong(at.child('manager'), 'must be no more than 128 bytes');
    for (const [character] of manager.matchAll(unprintable))
      errors.invalid(
        at.child('manager'),
        manager,
        `must not have ${codePoint(character)}, which is not printable`,
      );
    if (Buffer.byteLength(subresource) > 256)
      errors.tooLong(at.child('subresource'), 'must be no more than 256 bytes');
  }
}
