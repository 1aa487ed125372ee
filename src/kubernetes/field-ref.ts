// What a `fieldRef` names -> its value, for a container's environment and for files of a volume (kubelet
// podFieldSelectorRuntimeValue, fieldpath.ExtractFieldPathAsString). Pure.
import type { V1ObjectFieldSelector } from './generated/shapes.ts';
import { goQuote } from './go-quote.ts';
import type { Pod } from './pod.ts';

/** A value, or why there is none. */
export type Resolved = { value: string } | { problem: string };

/** What a Pod learns only where it runs. */
export type Facts = { nodeName: string; hostIps: string[]; podIps: string[] };

/** In the environment: of the Pod's metadata, spec and status. */
export function fieldValue(
  { apiVersion = 'v1', fieldPath }: V1ObjectFieldSelector,
  pod: Pod,
  { nodeName, hostIps, podIps }: Facts,
): Resolved {
  const unknown = unknownLabel(apiVersion, fieldPath);
  if (unknown !== undefined) return { problem: unknown };
  switch (fieldPath) {
    case 'spec.nodeName':
    case 'spec.host':
      return { value: nodeName };
    case 'spec.serviceAccountName':
      return { value: pod.spec?.serviceAccountName ?? '' };
    case 'status.hostIP':
      return { value: hostIps[0] ?? '' };
    case 'status.hostIPs':
      return { value: hostIps.join(',') };
    case 'status.podIP':
      return { value: podIps[0] ?? '' };
    case 'status.podIPs':
      return { value: podIps.join(',') };
    default:
      return metadataValue(fieldPath, pod);
  }
}

/** In a volume: of the Pod's metadata only. A label or annotation that is not there is empty. */
export function metadataValue(fieldPath: string, { metadata = {} }: Pod): Resolved {
  const subscripted = subscript(fieldPath);
  if (subscripted) {
    const { path, key } = subscripted;
    const map = keyed(path, metadata);
    if (!map) return { problem: `fieldPath ${goQuote(fieldPath)} does not support subscript` };
    return { value: (Object.hasOwn(map, key) ? map[key] : undefined) ?? '' };
  }
  const map = keyed(fieldPath, metadata);
  if (map) return { value: formatMap(map) };
  switch (fieldPath) {
    case 'metadata.name':
      return { value: metadata.name ?? '' };
    case 'metadata.namespace':
      return { value: metadata.namespace ?? '' };
    case 'metadata.uid':
      return { value: metadata.uid ?? '' };
    default:
      return { problem: `unsupported fieldPath: ${fieldPath}` };
  }
}

type Metadata = NonNullable<Pod['metadata']>;

function keyed(path: string, { labels = {}, annotations = {} }: Metadata) {
  if (path === 'metadata.labels') return labels;
  return path === 'metadata.annotations' ? annotations : undefined;
}

/** fieldpath.FormatMap: `key="value"` lines, sorted by key. */
const formatMap = (map: Record<string, string>): string =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .join('\n');

/** fieldpath.SplitMaybeSubscriptedPath: `metadata.labels['x']`. */
function subscript(fieldPath: string): { path: string; key: string } | undefined {
  const [, path, key] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  return path === undefined || key === undefined ? undefined : { path, key };
}

const labels = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
  // Of old clients; means spec.nodeName.
  'spec.host',
]);

/** podshelper.ConvertDownwardAPIFieldLabel: what stands in the way, if anything does. */
function unknownLabel(apiVersion: string, fieldPath: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  const subscripted = subscript(fieldPath);
  if (subscripted && !keyed(subscripted.path, {}))
    return `field label does not support subscript: ${fieldPath}`;
  return subscripted || labels.has(fieldPath) ? undefined : `field label not supported: ${fieldPath}`;
}
