// What a Pod looks like that there is no room for (kubelet's canAdmitPod and lifecycle predicates). Pure.
import { rfc3339 } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';

export function outOfPods(pod: Pod, maxPods: number, nowMs: number): Pod {
  const message = `Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: ${maxPods}, capacity: ${maxPods}`;
  return {
    ...pod,
    apiVersion: 'v1',
    kind: 'Pod',
    status: { phase: 'Failed', reason: 'OutOfpods', message, startTime: rfc3339(nowMs) },
  };
}
