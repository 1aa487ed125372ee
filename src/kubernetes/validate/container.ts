// Containers of a Pod (validateContainers, validateContainerCommon).
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1PodSpec } from '../generated/shapes.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateHandlers } from './handler.ts';
import { type Volumes, validateVolumeDevices, validateVolumeMounts } from './mount.ts';
import { isDNS1123Label, isPadded } from './names.ts';
import { validateHostPortConflicts, validatePorts } from './port.ts';
import { type ClaimNames, validateContainerResources } from './resources.ts';
import { validateResizePolicy, validateRestartRules } from './restart-rules.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateSecurityContext } from './security.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const terminationMessagePolicies = ['FallbackToLogsOnError', 'File'];

/** What of its Pod the rules of a container look at. */
export type Surroundings = { spec: V1PodSpec; volumes: Volumes; claims: ClaimNames };

export function validateContainers(within: Surroundings, path: FieldPath, errors: RuleErrors): void {
  const containers = within.spec.containers ?? [];
  if (containers.length === 0) return errors.required(path, 'a Pod needs at least one container');
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = path.index(index);
    validateContainerCommon(container, within, at, errors);
    if (names.has(container.name))
      errors.duplicate(at.child('name'), container.name, 'another container has this name');
    names.add(container.name);
    validateHandlers(container, within.spec, at, errors);
    validateRestartRules(container, at, errors);
  }
  validateHostPortConflicts(containers, path, errors);
}

export function validateContainerCommon(
  container: V1Container,
  { spec, volumes, claims }: Surroundings,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const { name } = container;
  if (name === '') errors.required(path.child('name'), 'a container needs a name');
  else errors.invalidFor(isDNS1123Label(name), path.child('name'), name);
  if (!container.image) errors.required(path.child('image'), 'a container needs an image');
  errors.oneOf(
    path.child('terminationMessagePolicy'),
    container.terminationMessagePolicy,
    terminationMessagePolicies,
  );
  const { ports, env, envFrom, volumeMounts, volumeDevices } = container;
  if (ports) validatePorts(ports, path.child('ports'), errors);
  if (env) validateEnv(env, path.child('env'), errors);
  if (envFrom) validateEnvFrom(envFrom, path.child('envFrom'), errors);
  if (volumeMounts) validateVolumeMounts(container, volumes, spec, path.child('volumeMounts'), errors);
  if (volumeDevices) validateVolumeDevices(container, volumes, spec, path.child('volumeDevices'), errors);
  errors.oneOf(path.child('imagePullPolicy'), container.imagePullPolicy, pullPolicies);
  validateContainerResources(container.resources ?? {}, claims, path.child('resources'), errors);
  validateResizePolicy(container.resizePolicy ?? [], spec, path.child('resizePolicy'), errors);
  validateSecurityContext(container.securityContext, spec, path.child('securityContext'), errors);
}

/** validateContainersOnlyForPod: not in a template, where a placeholder may stand. */
export function validateImagePadding(
  containers: V1Container[] | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [index, { image }] of (containers ?? []).entries())
    validatePaddingOf(image, path.index(index).child('image'), errors);
}

/** validateContainerOnlyForPod, of one container. */
export function validatePaddingOf(image: string | undefined, field: FieldPath, errors: RuleErrors): void {
  if (image && isPadded(image)) errors.invalid(field, image, 'must not begin or end with white space');
}
