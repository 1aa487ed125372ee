// An emptyDir of huge pages: of which size, by what the Pod's containers ask for (emptydir.go getPageSizeMountOption).
import { fail, ok, type Result } from '../../errors.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';
import { stat } from '../files.ts';

const resourcePrefix = 'hugepages-';

/** Mount options of the hugetlbfs. HostPreparationFailed, also where this host has no pages of the size. */
export async function hugePagesOptions(medium: string, pod: Pod): Promise<Result<string[]>> {
  const size = pageSizeOf(medium, pod);
  if (!size.ok) return size;
  const directory = `/sys/kernel/mm/hugepages/hugepages-${size.value / 1024}kB`;
  if (!(await stat(directory).catch(() => undefined)))
    return fail('HostPreparationFailed', `medium ${medium}: this host has no huge pages of that size`);
  return ok([`pagesize=${size.value}`]);
}

/** Bytes a page. Pure. */
export function pageSizeOf(medium: string, pod: Pod): Result<number> {
  const asked = new Set(requestedSizes(pod));
  const [, named] = /^HugePages-(.+)$/.exec(medium) ?? [];
  if (named === undefined && asked.size > 1) {
    const message = `medium: ${medium} can't be used if container requests multiple huge page sizes`;
    return fail('HostPreparationFailed', message);
  }
  const [size] = named === undefined ? asked : [quantityValue(named)];
  if (size !== undefined && asked.has(size)) return ok(size);
  const message = `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`;
  return fail('HostPreparationFailed', message);
}

function requestedSizes({ spec }: Pod): number[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return [spec, ...containers]
    .flatMap((part) => Object.keys(part?.resources?.requests ?? {}))
    .filter((name) => name.startsWith(resourcePrefix))
    .map((name) => quantityValue(name.slice(resourcePrefix.length)))
    .filter((size) => size !== undefined);
}
