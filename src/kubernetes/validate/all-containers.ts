// Every container of a Pod with its place, in the order of podutil.VisitContainers.
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1PodSpec } from '../generated/shapes.ts';

export type PlacedContainer = { container: V1Container; at: FieldPath };

export const containersOf = (spec: V1PodSpec, path: FieldPath): PlacedContainer[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((kind) =>
    (spec[kind] ?? []).map((container, index) => ({ container, at: path.child(kind).index(index) })),
  );
