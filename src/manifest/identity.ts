// Who a static Pod is: uid and config.hash from the manifest as written, the node and the source; name, namespace and
// annotations as the kubelet gives them (applyDefaults). A comment, a reformat or another key order changes nothing.
import { createHash } from 'node:crypto';
import { rfc3339 } from '../clock.ts';
import type { DocumentValue } from '../kubernetes/decode.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { ConfigSource, PodKey } from './static-pod.ts';

export type ManifestOrigin = {
  /** Absolute path, URL or push name. */
  origin: string;
  source: ConfigSource;
  nodeName: string;
  seenAtMs: number;
};

/** Part of every hash: raise it only to have every Pod on every node restarted by an upgrade. */
const hashVersion = 'monopod/1';

/** 32 hexadecimal digits, as the kubelet's own. */
export function manifestHash(document: DocumentValue, where: ManifestOrigin): string {
  const parts = [hashVersion, where.nodeName, where.source, where.origin, canonicalJSON(document)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** JSON with keys in code unit order and nothing else left to choice. */
export function canonicalJSON(value: DocumentValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJSON).join(',')}]`;
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJSON(value[key] as DocumentValue)}`);
  return `{${entries.join(',')}}`;
}

/** Changes the Pod it is given. Answers with its key. */
export function identify(
  pod: Pod,
  document: DocumentValue,
  where: ManifestOrigin,
): { key: PodKey; uid: string } {
  const uid = manifestHash(document, where);
  const metadata = pod.metadata ?? {};
  const spec = pod.spec ?? { containers: [] };
  metadata.name = `${metadata.name}-${where.nodeName.toLowerCase()}`;
  metadata.namespace ||= 'default';
  metadata.uid = uid;
  metadata.annotations = {
    ...metadata.annotations,
    'kubernetes.io/config.hash': uid,
    'kubernetes.io/config.seen': rfc3339(where.seenAtMs),
    'kubernetes.io/config.source': where.source,
  };
  spec.nodeName = where.nodeName;
  tolerateNoExecute(spec);
  pod.status = { ...pod.status, phase: 'Pending' };
  return { key: `${metadata.namespace}/${metadata.name}`, uid };
}

/** helper.AddOrUpdateTolerationInPod with the toleration that keeps static Pods on a node in trouble. */
function tolerateNoExecute(spec: NonNullable<Pod['spec']>): void {
  const tolerations = spec.tolerations ?? [];
  const at = tolerations.findIndex(
    ({ key, operator, effect, value }) => !key && operator === 'Exists' && effect === 'NoExecute' && !value,
  );
  const wanted = { operator: 'Exists', effect: 'NoExecute' };
  spec.tolerations = at < 0 ? [...tolerations, wanted] : tolerations.with(at, wanted);
}
