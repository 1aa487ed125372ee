// Environment of a container (ValidateEnv, ValidateEnvFrom). Messages never repeat a variable's value.
import type { FieldPath } from '../field-path.ts';
import type {
  V1EnvFromSource,
  V1EnvVar,
  V1EnvVarSource,
  V1FileKeySelector,
  V1PodSpec,
} from '../generated/shapes.ts';
import { envFieldPaths, validateFieldRef, validateResourceFieldRef } from './field-selector.ts';
import { validateNoBacksteps } from './local-path.ts';
import { namedVolumes } from './named-volumes.ts';
import {
  isConfigMapKey,
  isDNS1123Label,
  isDNS1123Subdomain,
  isNamePrefix,
  isRelaxedEnvVarName,
} from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

export function validateEnv(env: V1EnvVar[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, { name, value, valueFrom }] of env.entries()) {
    const at = path.index(index);
    if (name === '') errors.required(at.child('name'));
    else errors.invalidFor(isRelaxedEnvVarName(name), at.child('name'), name);
    if (valueFrom) validateValueFrom(valueFrom, value ?? '', at.child('valueFrom'), errors);
  }
}

/** validateEnvVarValueFrom */
function validateValueFrom(from: V1EnvVarSource, value: string, path: FieldPath, errors: RuleErrors): void {
  if (from.fieldRef) validateFieldRef(from.fieldRef, envFieldPaths, path.child('fieldRef'), errors);
  if (from.resourceFieldRef)
    validateResourceFieldRef(from.resourceFieldRef, false, path.child('resourceFieldRef'), errors);
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = from[kind];
    if (!reference) continue;
    const at = path.child(kind);
    errors.invalidFor(isDNS1123Subdomain(reference.name ?? ''), at.child('name'), reference.name);
    if (reference.key === '') errors.required(at.child('key'));
    else errors.invalidFor(isConfigMapKey(reference.key), at.child('key'), reference.key);
  }
  if (from.fileKeyRef) validateFileKeyRef(from.fileKeyRef, path.child('fileKeyRef'), errors);
  const sources = Object.values(from).filter((source) => source !== undefined).length;
  if (sources === 0)
    errors.invalid(
      path,
      undefined,
      'must have one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef and fileKeyRef',
    );
  else if (value !== '') errors.invalid(path, undefined, 'may not be given when `value` is not empty');
  else if (sources > 1) errors.invalid(path, undefined, 'may not have more than one source');
}

/** validateFileKeySelector */
function validateFileKeyRef(
  { volumeName, key, path: file }: V1FileKeySelector,
  path: FieldPath,
  errors: RuleErrors,
) {
  if (key === '') errors.required(path.child('key'));
  else errors.invalidFor(isRelaxedEnvVarName(key), path.child('key'), key);
  if (volumeName === '') errors.required(path.child('volumeName'));
  else errors.invalidFor(isDNS1123Label(volumeName), path.child('volumeName'), volumeName);
  if (file === '') errors.required(path.child('path'));
  else validateNoBacksteps(file, path.child('path'), errors);
}

/** validateFileKeyRefVolumes: what writes a variable's file writes it into an emptyDir. */
export function validateFileKeyVolumes(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, { env = [] }] of (spec[kind] ?? []).entries())
      for (const [at, { valueFrom }] of env.entries()) {
        if (!valueFrom?.fileKeyRef) continue;
        const { volumeName } = valueFrom.fileKeyRef;
        const variable = path.child(kind).index(index).child('env').index(at);
        const field = variable.child('valueFrom', 'fileKeyRef', 'volumeName');
        const volume = namedVolumes(spec.volumes ?? []).get(volumeName);
        if (!volume) errors.notFound(field, volumeName, 'spec.volumes has no such volume');
        else if (!volume.emptyDir) errors.invalid(field, volumeName, 'must be an emptyDir volume');
      }
}

export function validateEnvFrom(sources: V1EnvFromSource[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = path.index(index);
    if (prefix) errors.invalidFor(isRelaxedEnvVarName(prefix), at.child('prefix'), prefix);
    for (const [kind, reference] of Object.entries({ configMapRef, secretRef })) {
      if (!reference) continue;
      const field = at.child(kind, 'name');
      if (!reference.name) errors.required(field);
      else errors.invalidFor(isNamePrefix(reference.name), field, reference.name);
    }
    if (!configMapRef && !secretRef)
      errors.invalid(path, undefined, 'must have one of configMapRef and secretRef', at);
    else if (configMapRef && secretRef)
      errors.invalid(path, undefined, 'may not have more than one source', at);
  }
}
