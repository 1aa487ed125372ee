// Who a static Pod is: uid and config.hash from the manifest as written, the node and the source; name, namespace and
// annotations as the kubelet gives them (applyDefaults). A comment, a reformat or another key order changes nothing.
import { createHash } from 'node:crypto';
import { rfc3339 } from '../clock.ts';
import { type DocumentValue, WrittenNumber } from '../kubernetes/decode.ts';
import type { V1Toleration } from '../kubernetes/generated/shapes.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { CanonicalWriter, closeList, closeMap, colon, comma, openList, openMap } from './canonical-writer.ts';
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
function manifestHash(document: DocumentValue, where: ManifestOrigin): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([hashVersion, where.nodeName, where.source, where.origin]));
  const out = new CanonicalWriter((piece) => hash.update(piece));
  writeCanonical(document, out);
  out.flush();
  return hash.digest('hex').slice(0, 32);
}

/** JSON with keys in code unit order and nothing else left to choice. */
function writeCanonical(value: DocumentValue, out: CanonicalWriter): void {
  if (typeof value === 'string') return out.quoted(value);
  if (value instanceof WrittenNumber) return out.word(String(Number(value)));
  if (typeof value !== 'object' || value === null) return out.word(String(value));
  if (Array.isArray(value)) {
    out.code(openList);
    for (let at = 0; at < value.length; at++) {
      if (at > 0) out.code(comma);
      writeCanonical(value[at] as DocumentValue, out);
    }
    return out.code(closeList);
  }
  out.code(openMap);
  let first = true;
  for (const key of inOrder([...value.keys()])) {
    if (!first) out.code(comma);
    first = false;
    out.quoted(key);
    out.code(colon);
    writeCanonical(value.get(key) as DocumentValue, out);
  }
  out.code(closeMap);
}

/** Most maps are written in order, or are small. */
function inOrder(keys: string[]): string[] {
  for (let at = 1; at < keys.length; at++)
    if ((keys[at - 1] as string) > (keys[at] as string)) return keys.sort();
  return keys;
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
  metadata.annotations = { ...metadata.annotations, 'kubernetes.io/config.hash': uid };
  spec.nodeName = where.nodeName;
  if (where.source !== 'http') tolerateNoExecute(spec);
  pod.status = { ...pod.status, phase: 'Pending' };
  return { key: `${metadata.namespace}/${metadata.name}`, uid };
}

/** Annotations that come once a Pod is found valid: they do not count for what its annotations may weigh. */
export function markSeen(pod: Pod, where: ManifestOrigin): void {
  const annotations = pod.metadata?.annotations ?? {};
  annotations['kubernetes.io/config.seen'] = rfc3339(where.seenAtMs);
  annotations['kubernetes.io/config.source'] = where.source;
}

/**
 * helper.AddOrUpdateTolerationInPod with the toleration that keeps static Pods on a node in trouble: it takes the place
 * of each that matches it. The kubelet gives it to Pods of files only.
 */
function tolerateNoExecute(spec: NonNullable<Pod['spec']>): void {
  const tolerations = spec.tolerations ?? [];
  const wanted = { operator: 'Exists', effect: 'NoExecute' };
  const updated = tolerations.map((toleration) => (matchesNoExecute(toleration) ? wanted : toleration));
  spec.tolerations = tolerations.some(matchesNoExecute) ? updated : [...updated, wanted];
}

const matchesNoExecute = ({ key, operator, effect, value }: V1Toleration): boolean =>
  !key && operator === 'Exists' && effect === 'NoExecute' && !value;
