// A container's environment: values, $(NAME) expansion, and what the Pod and its files say (kubelet
// makeEnvironmentVariables). Pure: what stands in files was read before. There are no Services on one node.
import { fail, ok, type Result } from '../../errors.ts';
import { expand } from '../../kubernetes/expansion.ts';
import { type Facts, fieldValue, type Resolved } from '../../kubernetes/field-ref.ts';
import type { V1EnvVarSource, V1FileKeySelector } from '../../kubernetes/generated/shapes.ts';
import type { ResourceList } from '../../kubernetes/node-resources.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { resourceValue } from '../../kubernetes/resource-field-ref.ts';

/** By name, in the order in which they are first written. */
export type Environment = ReadonlyMap<string, string>;

export type Sources = {
  facts: Facts;
  /** What the node may give. */
  allocatable: ResourceList;
  /** By the reference in the container itself; an optional one that is not there is missing. */
  files: ReadonlyMap<V1FileKeySelector, string>;
};

/** A later variable sees the earlier ones, and replaces one of the same name. ContainerConfigInvalid. */
export function environmentOf(container: Container, pod: Pod, sources: Sources): Result<Environment> {
  const values = new Map<string, string>();
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    if (value !== '' || !valueFrom) {
      values.set(name, expand(value, values));
      continue;
    }
    if (valueFrom.fileKeyRef && !sources.files.has(valueFrom.fileKeyRef)) continue;
    const resolved = resolve(valueFrom, container, pod, sources);
    if ('problem' in resolved)
      return fail('ContainerConfigInvalid', `environment variable ${name}: ${resolved.problem}`);
    values.set(name, resolved.value);
  }
  return ok(values);
}

/** It is not expanded: what a label holds is not the manifest's to say. */
function resolve(from: V1EnvVarSource, container: Container, pod: Pod, sources: Sources): Resolved {
  const { fieldRef, resourceFieldRef, fileKeyRef } = from;
  if (fieldRef) return fieldValue(fieldRef, pod, sources.facts);
  if (resourceFieldRef) return resourceValue(resourceFieldRef, pod, container, sources.allocatable);
  if (fileKeyRef) return { value: sources.files.get(fileKeyRef) ?? '' };
  // Refused when the manifest was read.
  return { problem: `a static Pod has nobody to ask for ${Object.keys(from).join(' and ') || 'its value'}` };
}
