// A container's own restart policy and rules, and its resize policy (validateContainerRestartPolicy,
// validateResizePolicy).
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1ContainerResizePolicy, V1PodSpec } from '../generated/shapes.ts';
import type { RuleErrors } from './rule-errors.ts';

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const actions = ['Restart', 'RestartAllContainers'];
const operators = ['In', 'NotIn'];
const rulesMax = 20;
const exitCodesMax = 255;
const policyNeeded = 'must be given beside restartPolicyRules';

export function validateRestartRules(container: V1Container, path: FieldPath, errors: RuleErrors): void {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const field = path.child('restartPolicy');
  if (restartPolicy === undefined) {
    if (rules.length > 0) errors.required(field, policyNeeded);
  } else if (!restartPolicies.includes(restartPolicy))
    errors.unsupported(field, restartPolicy, restartPolicies);
  const list = path.child('restartPolicyRules');
  if (rules.length > rulesMax)
    errors.tooMany(list, `must be no more than ${rulesMax} rules, are ${rules.length}`);
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const at = list.index(index);
    if (!actions.includes(action)) errors.unsupported(at.child('action'), action, actions);
    if (!exitCodes) {
      errors.required(at.child('exitCodes'));
      continue;
    }
    const codes = exitCodes.values ?? [];
    if (!operators.includes(exitCodes.operator))
      errors.unsupported(at.child('exitCodes', 'operator'), exitCodes.operator, operators);
    if (codes.length > exitCodesMax)
      errors.tooMany(
        at.child('exitCodes', 'values'),
        `must be no more than ${exitCodesMax}, are ${codes.length}`,
      );
  }
}

/** validateInitContainerRestartPolicy: without a policy, what the rules say does not matter. */
export function validateInitRestartRules(container: V1Container, path: FieldPath, errors: RuleErrors): void {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy !== undefined) validateRestartRules(container, path, errors);
  else if (rules.length > 0) errors.required(path.child('restartPolicy'), policyNeeded);
}

const resizable = ['cpu', 'memory'];
const resizePolicies = ['NotRequired', 'RestartContainer'];

export function validateResizePolicy(
  policies: V1ContainerResizePolicy[],
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const names = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    const at = path.index(index);
    if (names.has(resourceName)) errors.duplicate(at, resourceName);
    names.add(resourceName);
    errors.oneOf(path, resourceName, resizable, at.child('resourceName'));
    errors.oneOf(path, restartPolicy, resizePolicies, at.child('restartPolicy'));
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.invalid(
        path,
        restartPolicy,
        "must be 'NotRequired' when the Pod's restartPolicy is 'Never'",
        at.child('restartPolicy'),
      );
  }
}

/** Of an init container that is no sidecar: it cannot be resized by restarting it. */
export function validateInitResizePolicy(
  { resizePolicy = [] }: V1Container,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [index, { restartPolicy }] of resizePolicy.entries())
    if (restartPolicy === 'RestartContainer')
      errors.invalid(
        path.child('resizePolicy').index(index).child('restartPolicy'),
        restartPolicy,
        "must not be 'RestartContainer' for an init container without restartPolicy Always",
      );
}
