// Every container of a Pod with its place, in the order of podutil.VisitContainers.
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1PodSpec } from '../generated/shapes.ts';

export type PlacedContainer = { container: V1Container; at: FieldPath };

const kinds = ['initContainers', 'containers', 'ephemeralContainers'] as const;

export function containersOf(spec: V1PodSpec, path: FieldPath): PlacedContainer[] {
  return kinds.flatMap((kind) => {
    const list = path.child(kind);
    return (spec[kind] ?? []).map((container, index) => ({ container, at: list.index(index) }));
  });
}
