// How large an emptyDir in memory may grow (emptydir.go calculateEmptyDirMemorySize). Pure.
import type { ResourceList } from '../../kubernetes/node-resources.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import { podLimit } from '../../kubernetes/pod-limit.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';

/** Bytes: the least of what the node has for Pods, what the Pod may use and what the volume asks for. */
export function memorySizeOf(pod: Pod, sizeLimit: string | undefined, allocatable: ResourceList): number {
  const volume = sizeLimit === undefined ? undefined : quantityValue(sizeLimit);
  let size = quantityValue(allocatable.memory ?? '0') ?? 0;
  for (const limit of [podLimit(pod, 'memory'), volume]) if (limit && limit <= size) size = limit;
  return size;
}
