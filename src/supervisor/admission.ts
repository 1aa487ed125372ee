// May a Pod run on this node beside what runs there already? Rules in order, the first that refuses is the answer
// (kubelet canAdmitPod, lifecycle.PodAdmitHandlers). Pure.
import { rfc3339 } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';

/** `reason` and `message` as the kubelet shows them: `OutOfpods`, … */
export type Refusal = { reason: string; message: string };

/** What is there besides the Pod that wants in. */
export type Room = { running: number; maxPods: number };

type Rule = (pod: Pod, room: Room) => Refusal | undefined;

const rules: Rule[] = [outOfPods];

export function refusalOf(pod: Pod, room: Room): Refusal | undefined {
  for (const rule of rules) {
    const refusal = rule(pod, room);
    if (refusal) return refusal;
  }
  return undefined;
}

/** What it looks like meanwhile (kubelet rejectPod). */
export function refusedPod(pod: Pod, { reason, message }: Refusal, nowMs: number): Pod {
  const status = {
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: rfc3339(nowMs),
  };
  return { ...pod, apiVersion: 'v1', kind: 'Pod', status };
}

function outOfPods(_pod: Pod, { running, maxPods }: Room): Refusal | undefined {
  if (running < maxPods) return undefined;
  const message = `Node didn't have enough resource: pods, requested: 1, used: ${running}, capacity: ${maxPods}`;
  return { reason: 'OutOfpods', message };
}
