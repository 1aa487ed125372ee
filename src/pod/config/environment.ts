// A container's environment: values, $(NAME) expansion and what the Pod says of itself (kubelet makeEnvironmentVariables,
// third_party/forked/golang/expansion). Pure. References to API objects were refused when the manifest was read.
import type { Container, Pod } from '../../kubernetes/pod.ts';

export type Facts = { nodeName: string; hostIps: string[]; podIps: string[] };

export type EnvironmentVariable = { name: string; value: string };

/** `$(NAME)` becomes NAME's value if it has one, `$$` becomes `$`, all else stays as written. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (written, what: string, name: string | undefined) =>
    what === '$' ? '$' : (values.get(name ?? '') ?? written),
  );
}

/** In the manifest's order; a later variable sees the earlier ones, and replaces one of the same name. */
export function environmentOf(container: Container, pod: Pod, facts: Facts): EnvironmentVariable[] {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    const fieldPath = valueFrom?.fieldRef?.fieldPath;
    values.set(name, fieldPath === undefined ? expand(value ?? '', values) : fieldOf(pod, facts, fieldPath));
  }
  return [...values].map(([name, value]) => ({ name, value }));
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
