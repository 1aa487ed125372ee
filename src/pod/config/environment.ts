// A container's environment: values, $(NAME) expansion and what the Pod says of itself (kubelet makeEnvironmentVariables,
// third_party/forked/golang/expansion). Pure. References to API objects were refused when the manifest was read.
import { ok, type Result } from '../../errors.ts';
import { expand } from '../../kubernetes/expansion.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';

export type Facts = { nodeName: string; hostIps: string[]; podIps: string[] };

/** By name, in the order in which they are first written. */
export type Environment = ReadonlyMap<string, string>;

/** In the manifest's order; a later variable sees the earlier ones, and replaces one of the same name. */
export function environmentOf(container: Container, pod: Pod, facts: Facts): Result<Environment> {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    const fieldPath = valueFrom?.fieldRef?.fieldPath;
    values.set(name, fieldPath === undefined ? expand(value ?? '', values) : fieldOf(pod, facts, fieldPath));
  }
  return ok(values);
}

/** kubelet podFieldSelectorRuntimeValue and fieldpath.ExtractFieldPathAsString. */
function fieldOf(pod: Pod, facts: Facts, path: string): string {
  const { metadata = {}, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed?.[1] && keyed[2] !== undefined)
    return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': pairs(metadata.labels),
    'metadata.annotations': pairs(metadata.annotations),
    'spec.nodeName': facts.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.hostIP': facts.hostIps[0],
    'status.hostIPs': facts.hostIps.join(','),
    'status.podIP': facts.podIps[0],
    'status.podIPs': facts.podIps.join(','),
  };
  return fields[path] ?? '';
}

/** fieldpath.FormatMap: sorted `key="value"` lines. */
const pairs = (map: Record<string, string> = {}) =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
