// Init containers, sidecars among them (validateInitContainers), and ephemeral containers (validateEphemeralContainers).
import type { FieldPath } from '../field-path.ts';
import type { V1EphemeralContainer } from '../generated/shapes.ts';
import { isGiven } from '../given-empty.ts';
import { type Surroundings, validateContainerCommon, validatePaddingOf } from './container.ts';
import { validateHandlers } from './handler.ts';
import { validateHostPortConflicts } from './port.ts';
import { validateInitResizePolicy, validateInitRestartRules } from './restart-rules.ts';
import type { RuleErrors } from './rule-errors.ts';

const handlers = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Kubernetes looks at the ports of each init container alone, and calls it the first. */
const onContainer = (field: FieldPath, at: FieldPath): FieldPath =>
  field
    .steps()
    .slice(-3)
    .reduce<FieldPath>((path, step) => (typeof step === 'number' ? path.index(step) : path.child(step)), at);

export function validateInitContainers(within: Surroundings, path: FieldPath, errors: RuleErrors): void {
  const names = new Set((within.spec.containers ?? []).map(({ name }) => name));
  for (const [index, container] of (within.spec.initContainers ?? []).entries()) {
    const at = path.index(index);
    validateContainerCommon(container, within, at, errors);
    validateInitRestartRules(container, at, errors);
    if (names.has(container.name))
      errors.duplicate(at.child('name'), container.name, 'another container has this name');
    else if (container.name !== '') names.add(container.name);
    const before = errors.list.length;
    validateHostPortConflicts([container], path, errors);
    for (const error of errors.list.slice(before)) error.at = onContainer(error.at, at);
    if (container.restartPolicy === 'Always') validateHandlers(container, within.spec, at, errors);
    else
      for (const name of handlers)
        if (container[name])
          errors.forbidden(
            at.child(name),
            'may not be set for an init container without restartPolicy Always',
          );
    if (container.restartPolicy !== 'Always') validateInitResizePolicy(container, at, errors);
  }
}

const forbiddenOfEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

const resourceFields = ['limits', 'requests', 'claims'];

export function validateEphemeralContainers(within: Surroundings, path: FieldPath, errors: RuleErrors): void {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = within.spec;
  const others = new Set([...(containers ?? []), ...initContainers].map(({ name }) => name));
  const names = new Set(others);
  for (const [index, container] of ephemeralContainers.entries()) {
    const at = path.index(index);
    validateContainerCommon(container, within, at, errors);
    validatePaddingOf(container.image, at.child('image'), errors);
    if (names.has(container.name))
      errors.duplicate(at.child('name'), container.name, 'another container has this name');
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target))
      errors.notFound(at.child('targetContainerName'), target, 'must be the name of a container');
    forbidForEphemeral(container, at, errors);
  }
}

function forbidForEphemeral(container: V1EphemeralContainer, at: FieldPath, errors: RuleErrors): void {
  const words = 'cannot be set for an ephemeral container';
  for (const name of forbiddenOfEphemeral) {
    // `resources` is there always.
    const given =
      name === 'resources'
        ? resourceFields.some((field) => isGiven(container.resources ?? {}, field))
        : isGiven(container, name);
    if (given) errors.forbidden(at.child(name), words);
  }
  for (const [index, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
    const mount = at.child('volumeMounts').index(index);
    if (subPath) errors.forbidden(mount.child('subPath'), words);
    if (subPathExpr) errors.forbidden(mount.child('subPathExpr'), words);
  }
}
