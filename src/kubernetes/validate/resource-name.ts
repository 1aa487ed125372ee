// Names of resources: what a container or a Pod may ask for (validateResourceName and the core helpers behind it).
import type { FieldPath } from '../field-path.ts';
import { isQualifiedName } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

const containerResources = ['cpu', 'ephemeral-storage', 'memory'];
const countedResources = new Set(
  'configmaps persistentvolumeclaims pods replicationcontrollers resourcequotas secrets services services.loadbalancers services.nodeports'.split(
    ' ',
  ),
);
const standardResources = new Set([
  ...containerResources,
  ...containerResources.flatMap((name) => [`limits.${name}`, `requests.${name}`]),
  ...countedResources,
  'requests.storage',
  'storage',
]);
const podLevelResources = ['cpu', 'memory'];

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
/** IsNativeResource: without a domain, or in the kubernetes.io one. */
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');
/** IsExtendedResourceName */
const isExtended = (name: string) => !isNative(name) && !name.startsWith('requests.') && isQuotaName(name);
/** Of a name with a domain: as the name of a quota, `requests.` stands before it. */
const isQuotaName = (name: string) =>
  name.indexOf('/') <= 253 - 'requests.'.length && isQualifiedName(name).length === 0;
export const isIntegerResource = (name: string): boolean => countedResources.has(name) || isExtended(name);
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

function resourceNameProblems(name: string): string[] {
  const problems = isQualifiedName(name);
  if (problems.length > 0 || name.includes('/')) return problems;
  const standard = standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
  return standard ? [] : ['must be a standard resource or fully qualified (as example.com/device)'];
}

export function validateContainerResourceName(name: string, field: FieldPath, errors: RuleErrors): void {
  errors.invalidFor(resourceNameProblems(name), field, name);
  if (!name.includes('/')) {
    if (!containerResources.includes(name) && !isHugePages(name))
      errors.invalid(
        field,
        name,
        `must be a resource of containers: ${containerResources.join(', ')} or hugepages-<size>`,
      );
  } else if (!isNative(name) && !isExtended(name))
    errors.invalid(field, name, 'must be the name of an extended resource (as example.com/device)');
}

export function validatePodResourceName(name: string, field: FieldPath, errors: RuleErrors): void {
  const problems = resourceNameProblems(name);
  errors.invalidFor(problems, field, name);
  if (problems.length === 0 && !podLevelResources.includes(name) && !isHugePages(name))
    errors.unsupported(field, name, [...podLevelResources, 'hugepages-<size>']);
}
