// The part of a static Pod that becomes names and labels on the engine. Pure.
import type { PodIdentity } from '../../engine/engine.ts';
import type { StaticPod } from '../../manifest/static-pod.ts';

export const identityOf = ({ uid, pod }: StaticPod): PodIdentity => ({
  name: pod.metadata?.name ?? '',
  namespace: pod.metadata?.namespace ?? '',
  uid,
});
