// Names behind `describe pod` -> Pods, with the manifests that claim their names. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import type { Described } from './describe-pod.ts';
import { isSource } from './manifest-description.ts';
import { candidateOf, notFound, podMeant } from './pods-meant.ts';

/** Each once, as named. A Pod that is stopped or waits for room is as its manifest says. Throws a CommandError. */
export function podsToDescribe(
  names: string[],
  namespace: string | undefined,
  pods: Pod[],
  manifests: ManifestRecord[],
): Omit<Described, 'spans'>[] {
  const there = pods.map((pod) => ({ ...candidateOf(pod), isThere: true }));
  const keys = new Set(there.map(key));
  const onlyWritten = new Map(
    manifests
      .flatMap(({ state, staticPod }) =>
        staticPod && state !== 'conflict' ? [{ ...candidateOf(staticPod.pod), isThere: false }] : [],
      )
      .map((one) => [key(one), one]),
  );
  const candidates = [...there, ...[...onlyWritten.values()].filter((one) => !keys.has(key(one)))];
  const meant = new Set(
    names.map((typed) => {
      const found = podMeant(typed, namespace, candidates);
      if (!found) throw notFound(typed, candidates);
      return found;
    }),
  );
  return [...meant].map((one) => ({
    pod: one.pod,
    isThere: one.isThere,
    manifests: claiming(key(one), manifests),
  }));
}

/** With what is wrong with the sources that they are of. */
function claiming(key: string, records: ManifestRecord[]): ManifestRecord[] {
  const claims = records.filter(({ staticPod }) => staticPod?.key === key);
  const sourceIds = new Set(claims.map(({ sourceId }) => sourceId));
  return [...claims, ...records.filter((record) => isSource(record) && sourceIds.has(record.sourceId))];
}

const key = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;
