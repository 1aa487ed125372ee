// Tolerations, gates and spread (ValidateTolerations, validateReadinessGates, validateTopologySpreadConstraints).
import type { FieldPath } from '../field-path.ts';
import type {
  V1PodReadinessGate,
  V1PodSchedulingGate,
  V1Toleration,
  V1TopologySpreadConstraint,
} from '../generated/shapes.ts';
import { validateLabelKeys } from './affinity.ts';
import { isQualifiedName, isValidLabelValue } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateLabelName, validateLabelSelector } from './selector.ts';

const effects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];
const operators = ['Equal', 'Exists'];

export function validateTolerations(tolerations: V1Toleration[], path: FieldPath, errors: RuleErrors): void {
  for (const [
    index,
    { key, operator = '', value = '', effect, tolerationSeconds },
  ] of tolerations.entries()) {
    const at = path.index(index);
    const field = at.child('operator');
    if (key) validateLabelName(key, at.child('key'), errors);
    else if (operator !== 'Exists')
      errors.invalid(field, operator, 'must be Exists when `key` is empty, which means all keys and values');
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.invalid(
        at.child('effect'),
        effect ?? '',
        "must be 'NoExecute' when `tolerationSeconds` is given",
      );
    if (operator === 'Equal' || operator === '') {
      const problems = isValidLabelValue(value);
      if (problems.length > 0) errors.invalid(field, value, problems.join('; '), at.child('value'));
    } else if (operator === 'Exists') {
      if (value !== '')
        errors.invalid(field, value, "value must be empty when `operator` is 'Exists'", at.child('value'));
    } else errors.unsupported(field, operator, operators);
    if (effect && !effects.includes(effect)) errors.unsupported(at.child('effect'), effect, effects);
  }
}

export function validateReadinessGates(
  gates: V1PodReadinessGate[],
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [index, { conditionType }] of gates.entries())
    errors.invalidFor(
      isQualifiedName(conditionType),
      path.index(index).child('conditionType'),
      conditionType,
    );
}

export function validateSchedulingGates(
  gates: V1PodSchedulingGate[],
  path: FieldPath,
  errors: RuleErrors,
): void {
  const names = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    errors.invalidFor(isQualifiedName(name), path.index(index), name);
    if (names.has(name)) errors.duplicate(path.index(index), name);
    names.add(name);
  }
}

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const policies = ['Honor', 'Ignore'];

export function validateTopologySpread(
  constraints: V1TopologySpreadConstraint[],
  path: FieldPath,
  errors: RuleErrors,
): void {
  const pairOf = ({ topologyKey, whenUnsatisfiable }: V1TopologySpreadConstraint) =>
    `{${topologyKey}, ${whenUnsatisfiable}}`;
  const lastOf = new Map(constraints.map((constraint, index) => [pairOf(constraint), index]));
  for (const [index, constraint] of constraints.entries()) {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint;
    const at = path.index(index);
    if (maxSkew <= 0) errors.invalid(at.child('maxSkew'), maxSkew, 'must be greater than 0');
    if (topologyKey === '') errors.required(at.child('topologyKey'), 'must not be empty');
    if (!actions.includes(action)) errors.unsupported(at.child('whenUnsatisfiable'), action, actions);
    if (lastOf.get(pairOf(constraint)) !== index)
      errors.duplicate(
        at.child('{topologyKey, whenUnsatisfiable}'),
        pairOf(constraint),
        'a later constraint has both',
        at,
      );
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.invalid(at.child('minDomains'), minDomains, 'must be greater than 0');
      if (action !== 'DoNotSchedule')
        errors.invalid(at.child('minDomains'), minDomains, 'needs whenUnsatisfiable to be DoNotSchedule');
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name];
      if (policy !== undefined && !policies.includes(policy))
        errors.unsupported(at.child(name), policy, policies);
    }
    validateLabelKeys(constraint.matchLabelKeys ?? [], [], constraint.labelSelector, at, errors);
    validateLabelSelector(constraint.labelSelector, at.child('labelSelector'), errors);
  }
}
