// The claim of an ephemeral volume (validateEphemeralVolumeSource, ValidatePersistentVolumeClaimSpec).
import type { FieldPath } from '../field-path.ts';
import type {
  V1ObjectMeta,
  V1PersistentVolumeClaimSpec,
  V1TypedObjectReference,
} from '../generated/shapes.ts';
import { isGiven } from '../given-empty.ts';
import { quantitySign } from '../quantity.ts';
import { validateAnnotations } from './metadata.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateLabelSelector, validateLabels } from './selector.ts';
import type { SourceRule } from './source-rule.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

export const validateClaimTemplate: SourceRule = ({ ephemeral }, path, errors) => {
  const template = ephemeral?.volumeClaimTemplate;
  const at = path.child('volumeClaimTemplate');
  if (!template) return errors.required(at);
  validateTemplateMeta(template.metadata ?? {}, at.child('metadata'), errors);
  validateClaimSpec(template.spec, at.child('spec'), errors);
};

/** In the order of Go's ObjectMeta. */
const forbiddenMeta = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

/** ValidateTemplateObjectMeta: labels and annotations, nothing else. Kubernetes writes its Go names, the first letter small. */
function validateTemplateMeta(meta: V1ObjectMeta, path: FieldPath, errors: RuleErrors): void {
  validateAnnotations(meta.annotations, path.child('annotations'), errors);
  validateLabels(meta.labels, path.child('labels'), errors);
  for (const name of forbiddenMeta)
    if (isGiven(meta, name))
      errors.forbidden(path.child(name === 'uid' ? 'uID' : name), 'cannot be set', path.child(name));
}

function validateClaimSpec(spec: V1PersistentVolumeClaimSpec, path: FieldPath, errors: RuleErrors): void {
  const modes = spec.accessModes ?? [];
  const field = path.child('accessModes');
  if (modes.length === 0) errors.required(field, 'at least one access mode is required');
  validateLabelSelector(spec.selector, path.child('selector'), errors);
  for (const [index, mode] of modes.entries())
    if (!accessModes.includes(mode)) errors.unsupported(field, mode, accessModes, field.index(index));
  if (
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  )
    errors.forbidden(field, 'may not have ReadWriteOncePod beside other access modes');
  const storage = spec.resources?.requests?.storage;
  const size = path.child('resources').key('storage');
  if (storage === undefined) errors.required(size, 'a claim must request storage', path.child('resources'));
  else if (quantitySign(storage) <= 0)
    errors.invalid(size, storage, 'must be greater than 0', path.child('resources', 'requests', 'storage'));
  for (const name of ['storageClassName', 'volumeAttributesClassName'] as const) {
    const value = spec[name];
    if (value) errors.invalidFor(isDNS1123Subdomain(value), path.child(name), value);
    if (
      name === 'storageClassName' &&
      spec.volumeMode !== undefined &&
      !volumeModes.includes(spec.volumeMode)
    )
      errors.unsupported(path.child('volumeMode'), spec.volumeMode, volumeModes);
    if (name === 'storageClassName') validateDataSources(spec, path, errors);
  }
}

function validateDataSources(spec: V1PersistentVolumeClaimSpec, path: FieldPath, errors: RuleErrors): void {
  const { dataSource: source, dataSourceRef: reference } = spec;
  if (source) validateDataSource(source, path.child('dataSource'), errors);
  if (reference) validateDataSource(reference, path.child('dataSourceRef'), errors);
  if (!source || !reference) return;
  const same = ['apiGroup', 'kind', 'name'] as const;
  if (reference.namespace)
    errors.invalid(path, undefined, 'may not have dataSource beside dataSourceRef.namespace');
  else if (same.some((name) => source[name] !== reference[name]))
    errors.invalid(path, undefined, 'dataSource must match dataSourceRef');
}

function validateDataSource(source: V1TypedObjectReference, path: FieldPath, errors: RuleErrors): void {
  if (source.name === '') errors.required(path.child('name'));
  if (source.kind === '') errors.required(path.child('kind'));
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim')
    errors.invalid(
      path,
      source.kind,
      "must be 'PersistentVolumeClaim' without an apiGroup",
      path.child('kind'),
    );
  if (source.apiGroup)
    errors.invalidFor(isDNS1123Subdomain(source.apiGroup), path.child('apiGroup'), source.apiGroup);
  if (source.namespace)
    errors.invalidFor(isDNS1123Label(source.namespace), path.child('namespace'), source.namespace);
}
