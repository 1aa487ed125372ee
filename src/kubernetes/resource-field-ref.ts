// What a `resourceFieldRef` names -> its value, for a container's environment and for files of a volume (kubelet
// defaultPodLimitsForDownwardAPI, resource.ExtractContainerResourceValue). Pure.
import type { Resolved } from './field-ref.ts';
import type { V1ResourceFieldSelector } from './generated/shapes.ts';
import type { ResourceList } from './node-resources.ts';
import type { Container, Pod } from './pod.ts';
import { parseQuantity, quantitySign } from './quantity.ts';

const int64Max = 2n ** 63n - 1n;

/** What a limit that is not written defaults to; huge pages are never overcommitted, so theirs is always written. */
const defaulted = ['cpu', 'memory', 'ephemeral-storage'];
/** resourcehelper.IsSupportedPodLevelResource, of those. */
const podLevel = ['cpu', 'memory'];

/**
 * In the environment of `container`. Without a limit of its own a container has the Pod's, and without that all that
 * the node may give. Another container that is named has the same if it is a main one; an init container that is named
 * has only what it says itself, as the kubelet fills in none for those.
 */
export function resourceValue(
  reference: V1ResourceFieldSelector,
  pod: Pod,
  container: Container,
  allocatable: ResourceList,
): Resolved {
  const most = withPodLimits(allocatable, pod);
  const { containerName } = reference;
  if (!containerName) return extract(reference, container, most);
  const found = findContainer(pod, containerName);
  if (!found) return { problem: `container ${containerName} not found` };
  return extract(reference, found, pod.spec?.containers.includes(found) ? most : {});
}

/**
 * In a volume (resource.ExtractResourceValueByContainerNameAndNodeAllocatable): the container is named, and the kubelet
 * asks the node only, not the Pod, for a limit that is not written.
 */
export function resourceValueByName(
  reference: V1ResourceFieldSelector,
  pod: Pod,
  allocatable: ResourceList,
): Resolved {
  const container = findContainer(pod, reference.containerName ?? '');
  return container
    ? extract(reference, container, allocatable)
    : { problem: `container ${reference.containerName ?? ''} not found` };
}

const findContainer = ({ spec }: Pod, containerName: string): Container | undefined =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(({ name }) => name === containerName);

function withPodLimits(allocatable: ResourceList, { spec }: Pod): ResourceList {
  const limits = spec?.resources?.limits ?? {};
  const most = { ...allocatable };
  for (const name of podLevel) {
    const limit = limits[name];
    if (limit !== undefined && most[name] !== undefined && quantitySign(limit) !== 0) most[name] = limit;
  }
  return most;
}

/** resource.ExtractContainerResourceValue, after resource.MergeContainerResourceLimits. */
function extract(
  { resource, divisor = '0' }: V1ResourceFieldSelector,
  { resources = {} }: Container,
  most: ResourceList,
): Resolved {
  const [, which, name = ''] = /^(limits|requests)\.(.+)$/.exec(resource) ?? [];
  if (which === undefined || !(defaulted.includes(name) || name.startsWith('hugepages-')))
    return { problem: `unsupported container resource : ${resource}` };
  const written = resources[which as 'limits' | 'requests']?.[name];
  const isWritten = written !== undefined && quantitySign(written) !== 0;
  const found = which === 'limits' && !isWritten && defaulted.includes(name) ? most[name] : written;
  return { value: dividedUp(found ?? '0', divisor) };
}

/** convertQuantityToString: in units of the divisor, rounded up. A divisor of 0 is one that is not written: 1. */
function dividedUp(quantity: string, divisor: string): string {
  const dividend = parseQuantity(quantity);
  const unit = parseQuantity(quantitySign(divisor) === 0 ? '1' : divisor);
  if (!dividend || !unit || dividend.unscaled <= 0n || unit.unscaled <= 0n) return '0';
  const scale = Math.min(dividend.scale, unit.scale);
  const numerator = dividend.unscaled * 10n ** BigInt(dividend.scale - scale);
  const denominator = unit.unscaled * 10n ** BigInt(unit.scale - scale);
  const quotient = (numerator + denominator - 1n) / denominator;
  return String(quotient > int64Max ? int64Max : quotient);
}
