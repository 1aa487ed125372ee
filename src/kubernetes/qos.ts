// The QoS class of a Pod (qos.ComputePodQOS). Pure.
import { isPodLevelResource } from './default-resources.ts';
import type { Pod } from './pod.ts';
import { compareQuantities, parseQuantity, quantitySign } from './quantity.ts';

type Lists = { requests?: Record<string, string>; limits?: Record<string, string> };

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Neither absent nor zero: zero counts as not asked for. */
function asked(quantity: string | undefined): boolean {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed !== undefined && quantitySign(parsed) !== 0;
}

function equal(left: string, right: string): boolean {
  const [a, b] = [parseQuantity(left), parseQuantity(right)];
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

/** resourcehelper.IsPodLevelResourcesSet: an empty list of them says nothing. */
const hasPodLevelResources = ({ requests = {}, limits = {} }: Lists = {}): boolean =>
  [...Object.keys(requests), ...Object.keys(limits)].some(isPodLevelResource);

/** Guaranteed: every container limits cpu and memory and requests just that. BestEffort: none asks for either. */
export function qosClassOf({ spec }: Pod): QosClass {
  const counted = ['cpu', 'memory'] as const;
  const wanted = (list: Record<string, string> = {}) =>
    counted.flatMap((resource) => {
      const quantity = list[resource];
      return quantity !== undefined && asked(quantity) ? [[resource, quantity] as const] : [];
    });
  const parts = hasPodLevelResources(spec?.resources)
    ? [spec?.resources ?? {}]
    : [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ resources = {} }) => resources);
  if (parts.every(({ requests, limits }) => wanted(requests).length === 0 && wanted(limits).length === 0))
    return 'BestEffort';
  const guaranteed = parts.every(({ requests = {}, limits = {} }) => {
    const limited = wanted(limits);
    return (
      limited.length === counted.length &&
      limited.every(([resource, limit]) => equal(requests[resource] ?? limit, limit))
    );
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
