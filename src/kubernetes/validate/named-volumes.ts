// The volumes of a Pod by name, valid ones and others; of equal names the first. Looked up for every mount, so made once.
import type { V1Volume } from '../generated/shapes.ts';

const known = new WeakMap<readonly V1Volume[], ReadonlyMap<string, V1Volume>>();

export function namedVolumes(volumes: readonly V1Volume[]): ReadonlyMap<string, V1Volume> {
  const made = known.get(volumes);
  if (made) return made;
  const named = new Map<string, V1Volume>();
  for (const volume of volumes) if (!named.has(volume.name)) named.set(volume.name, volume);
  known.set(volumes, named);
  return named;
}
