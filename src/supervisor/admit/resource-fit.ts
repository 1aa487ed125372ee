// Does what a Pod asks for fit into what is left of the node (scheduler noderesources.Fits)? Pure.

import type { Pod } from '../../kubernetes/pod.ts';
import { amountsOf, podRequests } from '../../kubernetes/pod-requests.ts';
import type { Room, Shortage } from './rule.ts';

/** The kubelet's order; of the others by name. */
const first = ['cpu', 'memory', 'ephemeral-storage'];

export function shortagesOf(pod: Pod, { node, occupied }: Room): Shortage[] {
  const allocatable = amountsOf(node.resources.allocatable);
  const capacityOf = (resource: string) => allocatable[resource] ?? 0;
  const requests = podRequests(pod);
  const others = Object.keys(requests).filter((resource) => !first.includes(resource));
  const wanted = [...first, ...others.sort()].flatMap((resource): Shortage[] => {
    const requested = requests[resource] ?? 0;
    // removeMissingExtendedResources: of what nobody counts there is always enough.
    if (isExtended(resource) && allocatable[resource] === undefined) return [];
    return [{ resource, requested, used: occupied.amount(resource), capacity: capacityOf(resource) }];
  });
  const pods = { resource: 'pods', requested: 1, used: occupied.pods, capacity: capacityOf('pods') };
  // Who asks for nothing fits, however much the others have taken.
  return [pods, ...wanted].filter(
    ({ requested, used, capacity }) => requested > 0 && requested > capacity - used,
  );
}

/** lifecycle.InsufficientResourceError */
export const refusalFor = ({ resource, requested, used, capacity }: Shortage) => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

/** v1helper.IsExtendedResourceName: of a domain other than kubernetes.io. */
function isExtended(resource: string): boolean {
  return resource.includes('/') && !resource.includes('kubernetes.io/') && !resource.startsWith('requests.');
}
