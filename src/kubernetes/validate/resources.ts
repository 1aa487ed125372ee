// Requests and limits (validateResourceRequirements) of a container, of a Pod, and as overhead.
import { aggregate } from '../default-resources.ts';
import type { FieldPath } from '../field-path.ts';
import type { CoreV1ResourceClaim, V1PodSpec, V1ResourceRequirements } from '../generated/shapes.ts';
import { isGiven } from '../given-empty.ts';
import {
  compareQuantities,
  parseQuantity,
  quantityMilliValue,
  quantitySign,
  quantityValue,
} from '../quantity.ts';
import { isDNS1123Label } from './names.ts';
import {
  isHugePages,
  isIntegerResource,
  isOvercommitAllowed,
  validateContainerResourceName,
  validatePodResourceName,
} from './resource-name.ts';
import type { RuleErrors } from './rule-errors.ts';

type NameRule = (name: string, field: FieldPath, errors: RuleErrors) => void;
/** Names of spec.resourceClaims. */
export type ClaimNames = ReadonlySet<string>;

export function validateContainerResources(
  resources: V1ResourceRequirements,
  claims: ClaimNames,
  path: FieldPath,
  errors: RuleErrors,
): void {
  validateRequirements(resources, validateContainerResourceName, claims, path, errors);
}

function validateRequirements(
  { limits = {}, requests = {}, claims = [] }: V1ResourceRequirements,
  nameRule: NameRule,
  podClaims: ClaimNames,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const limitsPath = path.child('limits');
  const requestsPath = path.child('requests');
  const before = errors.list.length;
  for (const [name, amount] of Object.entries(limits)) {
    const at = limitsPath.key(name);
    validateAmount(name, amount, nameRule, at, errors);
    validatePages(name, amount, at, errors);
  }
  const limitsAreSound = errors.list.length === before;
  for (const [name, amount] of Object.entries(requests)) {
    // As most are: what was right as a limit is right as the request that is equal to it.
    if (limitsAreSound && amountIn(limits, name) === amount) continue;
    const at = requestsPath.key(name);
    validateAmount(name, amount, nameRule, at, errors);
    const limit = amountIn(limits, name);
    if (limit === undefined) {
      if (!isOvercommitAllowed(name))
        errors.required(limitsPath, `${name} needs a limit, equal to its request`);
    } else if (!isOvercommitAllowed(name) && compareQuantities(amount, limit) !== 0)
      errors.invalid(requestsPath, amount, `must be equal to the ${name} limit of ${limit}`, at);
    else if (compareQuantities(amount, limit) > 0)
      errors.invalid(requestsPath, amount, `must be no more than the ${name} limit of ${limit}`, at);
    validatePages(name, amount, at, errors);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    errors.forbidden(path, 'huge pages require cpu or memory');
  validateClaims(claims, podClaims, path.child('claims'), errors);
}

/** What a person has written there, and nothing that every object has. */
const amountIn = (list: Record<string, string> = {}, name: string): string | undefined =>
  Object.hasOwn(list, name) ? list[name] : undefined;

function validateAmount(
  name: string,
  amount: string,
  nameRule: NameRule,
  field: FieldPath,
  errors: RuleErrors,
): void {
  nameRule(name, field, errors);
  if (amount.startsWith('-') && quantitySign(amount) < 0)
    errors.invalid(field, amount, 'must be greater than or equal to 0');
  if (isIntegerResource(name) && !/^\d+$/.test(amount) && (quantityMilliValue(amount) ?? 0) % 1000 !== 0)
    errors.invalid(field, amount, 'must be a whole number');
}

function validatePages(name: string, amount: string, field: FieldPath, errors: RuleErrors): void {
  if (isHugePages(name) && !isDivisible(name, amount))
    errors.invalid(field, amount, `must be a whole number of pages of ${name}`);
}

/** IsHugePageResourceValueDivisible */
function isDivisible(name: string, amount: string): boolean {
  const page = parseQuantity(name.slice('hugepages-'.length));
  if (!page || quantitySign(page) <= 0) return false;
  const size = quantityValue(name.slice('hugepages-'.length)) ?? 0;
  return compareQuantities(page, String(size)) === 0 && (quantityValue(amount) ?? 0) % size === 0;
}

/** validateResourceClaimNames */
function validateClaims(
  claims: CoreV1ResourceClaim[],
  known: ClaimNames,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const seen = new Set<string>();
  const requested = new Map<string, Set<string>>();
  for (const [index, { name, request = '' }] of claims.entries()) {
    const at = path.index(index);
    if (name === '') {
      errors.required(at);
      continue;
    }
    const key = request === '' ? name : `${name}/${request}`;
    const overlaps = request === '' && !seen.has(name) ? (requested.get(name)?.size ?? 0) : 0;
    if (request !== '' && !seen.has(name))
      errors.invalidFor(isDNS1123Label(request), at.child('request'), request);
    if (seen.has(name)) errors.duplicate(at, name);
    else if (seen.has(key)) errors.duplicate(at, key);
    // The whole of a claim overlaps with each part of it that was asked for.
    for (let part = 0; part < overlaps; part++) errors.duplicate(at, name);
    if (request !== '' && !seen.has(name)) {
      if (!requested.has(name)) requested.set(name, new Set());
      requested.get(name)?.add(request);
    }
    if (!seen.has(name)) seen.add(key);
    if (!known.has(name)) errors.notFound(at, name, 'must be one of the names in spec.resourceClaims');
  }
}

/** validateOverhead: checked as the limits of a container are. */
export function validateOverhead(
  overhead: { [name: string]: string },
  path: FieldPath,
  errors: RuleErrors,
): void {
  const before = errors.list.length;
  validateContainerResources({ limits: overhead }, new Set(), path, errors);
  const limits = path.child('limits').toString();
  for (const error of errors.list.slice(before))
    if (error.field.parent?.toString() === limits) error.at = path.key(String(error.field.name));
}

/** validatePodResources: the Pod's own resources, and that its containers fit into them. */
export function validatePodResources(
  spec: V1PodSpec,
  claims: ClaimNames,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const { resources } = spec;
  if (!resources) return;
  if (spec.os?.name === 'windows') return errors.forbidden(path, 'cannot be set for a windows pod');
  if (isGiven(resources, 'claims')) errors.forbidden(path.child('claims'), 'cannot be set for a whole Pod');
  validateRequirements(resources, validatePodResourceName, claims, path, errors);
  validateConsistency(spec, resources, path, errors);
}

/** validatePodResourceConsistency: where the Pod says nothing of a resource, its containers may say what they like. */
function validateConsistency(
  spec: V1PodSpec,
  resources: V1ResourceRequirements,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const which of ['requests', 'limits'] as const)
    for (const [name, amount] of Object.entries(aggregate(spec, which))) {
      if (which === 'limits' && !isHugePages(name)) continue;
      const own = amountIn(resources[which], name);
      if (own !== undefined && compareQuantities(amount, own) > 0)
        errors.invalid(
          path.child(which).key(name),
          own,
          `must be at least the ${which} of the containers together: ${amount}`,
        );
    }
  for (const [index, container] of spec.containers.entries())
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const own = amountIn(resources.limits, name);
      if (own === undefined || compareQuantities(limit, own) <= 0) continue;
      errors.invalid(
        path.child('containers').index(index).key(name).child('limits'),
        limit,
        `must be no more than the Pod's limit of ${own}`,
        path.parent?.child('containers').index(index).child('resources', 'limits').key(name),
      );
    }
}
