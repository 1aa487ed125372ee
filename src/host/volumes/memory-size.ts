// How large an emptyDir in memory may grow (emptydir.go calculateEmptyDirMemorySize). Pure.
import { aggregate } from '../../kubernetes/default-resources.ts';
import type { ResourceList } from '../../kubernetes/node-resources.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';

/** Bytes: the least of what the node has for Pods, what the Pod may use and what the volume asks for. */
export function memorySizeOf(pod: Pod, sizeLimit: string | undefined, allocatable: ResourceList): number {
  const [node, own, volume] = [allocatable.memory, podMemoryLimit(pod), sizeLimit].map(bytesOf);
  let size = node ?? 0;
  for (const limit of [own, volume]) if (limit && limit <= size) size = limit;
  return size;
}

const bytesOf = (quantity: string | undefined): number | undefined =>
  quantity === undefined ? undefined : quantityValue(quantity);

/** cm.ResourceConfigForPod: it has one if it says so itself, or if each of its containers has one. */
function podMemoryLimit({ spec }: Pod): string | undefined {
  if (!spec) return undefined;
  const own = spec.resources?.limits?.memory;
  if (own !== undefined) return own;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  if (!containers.every(({ resources }) => bytesOf(resources?.limits?.memory))) return undefined;
  const limit = aggregate(spec, 'limits').memory;
  const overhead = spec.overhead?.memory;
  if (limit === undefined || overhead === undefined) return limit;
  return `${(bytesOf(limit) ?? 0) + (bytesOf(overhead) ?? 0)}`;
}
