// A volume that containers see read-only, and below which they mount others: where those are mounted must be there before,
// as nobody can make it any more (volume/util MakeNestedMountpoints). Pure.
import { posix } from 'node:path';
import type { Container, Pod } from '../../kubernetes/pod.ts';

/** Directories within the volume. */
export function nestedMountpoints(volume: string, { spec }: Pod): string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return [...new Set(containers.flatMap((container) => nestedIn(volume, container)))];
}

function nestedIn(volume: string, { volumeMounts = [] }: Container): string[] {
  const cleaned = volumeMounts.map(({ name, mountPath }) => ({ name, path: posix.resolve('/', mountPath) }));
  const paths = cleaned.map(({ path }) => path).sort();
  return cleaned
    .filter(({ name }) => name === volume)
    .flatMap(({ path: own }) => {
      const below = paths.filter((path) => path.startsWith(`${own}/`));
      // Of two of which one lies below the other, the lower one is the other's affair.
      const outermost = below.filter((path) => !below.some((other) => path.startsWith(`${other}/`)));
      return outermost.map((path) => path.slice(own.length + 1));
    });
}
