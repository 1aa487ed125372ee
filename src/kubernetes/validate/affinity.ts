// Where a Pod would like to be scheduled (validateAffinity). A static Pod is not scheduled, and is checked all the same.
import type { FieldPath } from '../field-path.ts';
import type {
  V1Affinity,
  V1LabelSelector,
  V1NodeAffinity,
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1PodAffinity,
  V1PodAffinityTerm,
} from '../generated/shapes.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateLabelName, validateLabelSelector, validateLabelValues } from './selector.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(
  affinity: V1Affinity | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (affinity?.nodeAffinity) validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity'), errors);
  if (affinity?.podAffinity) validatePodAffinity(affinity.podAffinity, path.child('podAffinity'), errors);
  if (affinity?.podAntiAffinity)
    validatePodAffinity(affinity.podAntiAffinity, path.child('podAntiAffinity'), errors);
}

function validateNodeAffinity(affinity: V1NodeAffinity, path: FieldPath, errors: RuleErrors): void {
  if (affinity[required]) {
    const terms = affinity[required].nodeSelectorTerms ?? [];
    const field = path.child(required, 'nodeSelectorTerms');
    if (terms.length === 0) errors.required(field, 'must have at least one term');
    for (const [index, term] of terms.entries()) validateNodeTerm(term, true, field.index(index), errors);
  }
  for (const [index, { weight, preference }] of (affinity[preferred] ?? []).entries()) {
    const at = path.child(preferred).index(index);
    validateWeight(weight, at.child('weight'), errors);
    validateNodeTerm(preference, false, at.child('preference'), errors);
  }
}

function validateWeight(weight: number, field: FieldPath, errors: RuleErrors): void {
  if (weight < 1 || weight > 100) errors.invalid(field, weight, 'must be between 1 and 100');
}

function validateNodeTerm(
  term: V1NodeSelectorTerm,
  strict: boolean,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [index, requirement] of (term.matchExpressions ?? []).entries())
    validateExpression(requirement, strict, path.child('matchExpressions').index(index), errors);
  for (const [index, requirement] of (term.matchFields ?? []).entries())
    validateField(requirement, path.child('matchFields').index(index), errors);
}

/** ValidateNodeSelectorRequirement; label values are checked only where they are required (`strict`). */
function validateExpression(
  { key, operator, values = [] }: V1NodeSelectorRequirement,
  strict: boolean,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const field = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.required(field, "must be given when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.forbidden(field, "may not be given when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.required(field, "must be a single value when `operator` is 'Gt' or 'Lt'");
  } else
    errors.invalid(path.child('operator'), operator, 'must be In, NotIn, Exists, DoesNotExist, Gt or Lt');
  validateLabelName(key, path.child('key'), errors);
  if (strict) validateLabelValues(values, field, errors);
}

/** ValidateNodeFieldSelectorRequirement: only metadata.name can be selected by. */
function validateField(
  { key, operator, values = [] }: V1NodeSelectorRequirement,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (operator !== 'In' && operator !== 'NotIn')
    errors.invalid(path.child('operator'), operator, 'must be In or NotIn for a field');
  else if (values.length !== 1) errors.required(path.child('values'), 'must be one value only for a field');
  if (key !== 'metadata.name') return errors.invalid(path.child('key'), key, 'must be metadata.name');
  for (const [index, value] of values.entries())
    errors.invalidFor(isDNS1123Subdomain(value), path.child('values').index(index), value);
}

function validatePodAffinity(affinity: V1PodAffinity, path: FieldPath, errors: RuleErrors): void {
  for (const [index, term] of (affinity[required] ?? []).entries())
    validatePodTerm(term, path.child(required).index(index), errors);
  for (const [index, { weight, podAffinityTerm }] of (affinity[preferred] ?? []).entries()) {
    const at = path.child(preferred).index(index);
    validateWeight(weight, at.child('weight'), errors);
    validatePodTerm(podAffinityTerm, at.child('podAffinityTerm'), errors);
  }
}

function validatePodTerm(term: V1PodAffinityTerm, path: FieldPath, errors: RuleErrors): void {
  validateLabelSelector(term.labelSelector, path.child('labelSelector'), errors);
  validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), errors);
  for (const [index, namespace] of (term.namespaces ?? []).entries())
    errors.invalidFor(
      isDNS1123Label(namespace),
      path.child('namespace'),
      namespace,
      path.child('namespaces').index(index),
    );
  validateLabelKeys(
    term.matchLabelKeys ?? [],
    term.mismatchLabelKeys ?? [],
    term.labelSelector,
    path,
    errors,
  );
  const field = path.child('topologyKey');
  if (term.topologyKey === '') errors.required(field, 'must not be empty');
  validateLabelName(term.topologyKey, field, errors);
}

/** validateMatchLabelKeysAndMismatchLabelKeys */
export function validateLabelKeys(
  match: string[],
  mismatch: string[],
  selector: V1LabelSelector | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const [name, keys] of Object.entries({ matchLabelKeys: match, mismatchLabelKeys: mismatch })) {
    if (keys.length === 0) continue;
    if (!selector) errors.forbidden(path.child(name), 'may not be given without labelSelector');
    else
      for (const [index, key] of keys.entries())
        validateLabelName(key, path.child(name).index(index), errors);
  }
  const matched = new Map(match.map((key, index) => [key, index]));
  const mismatched = new Set(mismatch);
  const selected = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    const index = matched.get(key);
    if (index !== undefined && selected.has(key))
      errors.invalid(
        path.index(index),
        key,
        'is in both matchLabelKeys and labelSelector',
        path.child('matchLabelKeys'),
      );
    selected.add(key);
  }
  for (const [index, key] of match.entries())
    if (mismatched.has(key))
      errors.invalid(path.child('matchLabelKeys').index(index), key, 'is in mismatchLabelKeys as well');
}
