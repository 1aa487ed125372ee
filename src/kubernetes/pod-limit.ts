// What a Pod as a whole may use of a resource (kubelet cm.ResourceConfigForPod, resourcehelper.PodLimits). Pure.
import { aggregate } from './default-resources.ts';
import type { Pod } from './pod.ts';
import { quantityMilliValue, quantityValue } from './quantity.ts';

/**
 * cpu in thousandths, memory in bytes: the Pod's own word, else what its containers come to if every one of them has a
 * limit; and its overhead. Undefined is no limit.
 */
export function podLimit({ spec }: Pod, resource: 'cpu' | 'memory'): number | undefined {
  if (!spec) return undefined;
  const amountOf = (quantity = '0') =>
    (resource === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)) ?? 0;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const areLimited = containers.every(({ resources }) => amountOf(resources?.limits?.[resource]) > 0);
  const ofContainers = areLimited ? aggregate(spec, 'limits')[resource] : undefined;
  const limit = amountOf(spec.resources?.limits?.[resource] ?? ofContainers);
  return limit > 0 ? limit + amountOf(spec.overhead?.[resource]) : undefined;
}
