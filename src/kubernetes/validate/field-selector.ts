// What a container may learn of its Pod: fieldRef and resourceFieldRef (validateObjectFieldSelector,
// validateContainerResourceFieldSelector).
import type { FieldPath } from '../field-path.ts';
import type { V1ObjectFieldSelector, V1ResourceFieldSelector } from '../generated/shapes.ts';
import { quantitySign } from '../quantity.ts';
import { isQualifiedName } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

export const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const volumeFieldPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** ConvertDownwardAPIFieldLabel: fields of a Pod that have such a name at all. */
const knownFieldPaths = new Set([
  ...envFieldPaths,
  ...volumeFieldPaths,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

export function validateFieldRef(
  { apiVersion = '', fieldPath }: V1ObjectFieldSelector,
  allowed: readonly string[],
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (apiVersion === '') return errors.required(path.child('apiVersion'));
  if (fieldPath === '') return errors.required(path.child('fieldPath'));
  const [, of, subscript] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  const known = of === undefined ? knownFieldPaths.has(field) : isSubscriptable(of);
  if (apiVersion !== 'v1' || !known) {
    const problem =
      apiVersion === 'v1' ? `must be one of ${allowed.join(', ')}` : 'only the fields of v1 are known';
    return errors.invalid(path.child('fieldPath'), fieldPath, problem);
  }
  if (of === 'metadata.annotations')
    errors.invalidFor(isQualifiedName((subscript ?? '').toLowerCase()), path, subscript);
  else if (of === 'metadata.labels') errors.invalidFor(isQualifiedName(subscript ?? ''), path, subscript);
  else if (!allowed.includes(field)) errors.unsupported(path.child('fieldPath'), field, allowed);
}

const isSubscriptable = (path: string) => path === 'metadata.annotations' || path === 'metadata.labels';

const resources = ['cpu', 'ephemeral-storage', 'memory']
  .flatMap((name) => [`limits.${name}`, `requests.${name}`])
  .sort();
const hugePages = /^(limits|requests)\.hugepages-/;
const cpuDivisors = ['1', '1m'];
const byteDivisors = '1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei'.split(' ');

export function validateResourceFieldRef(
  { containerName, resource, divisor = '0' }: V1ResourceFieldSelector,
  inVolume: boolean,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const isHugePages = hugePages.test(resource);
  if (inVolume && !containerName) errors.required(path.child('containerName'));
  else if (resource === '') errors.required(path.child('resource'));
  else if (!resources.includes(resource) && !isHugePages)
    errors.unsupported(path.child('resource'), resource, resources);
  if (quantitySign(divisor) === 0 || (!resources.includes(resource) && !isHugePages)) return;
  const allowed = !isHugePages && resource.endsWith('.cpu') ? cpuDivisors : byteDivisors;
  if (!allowed.includes(divisor))
    errors.invalid(path.child('divisor'), divisor, `must be one of ${allowed.join(', ')} for ${resource}`);
}
