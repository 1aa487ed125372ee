// Whose place a critical Pod takes: as few Pods as possible, and of those the ones that matter least (kubelet
// preemption.getPodsToPreempt). Pure.

import type { Pod } from '../../kubernetes/pod.ts';
import { type Amounts, podRequests } from '../../kubernetes/pod-requests.ts';
import { priorityOf } from '../../kubernetes/priority.ts';
import { type QosClass, qosClassOf } from '../../kubernetes/qos.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type { Shortage } from './rule.ts';

/** A Pod that holds room. `stopping`: it gives it back in any case. */
export type Holder = { key: PodKey; pod: Pod; stopping: boolean };

type Candidate = { key: PodKey; requests: Amounts };
type Requirement = { resource: string; amount: number };

/** `victims` may be empty, if those that stop already are enough; undefined: no set of Pods would do. */
export function victimsOf(pod: Pod, short: Shortage[], holders: Holder[]): PodKey[] | undefined {
  const required = short.map(({ resource, requested, used, capacity }) => ({
    resource,
    amount: requested - (capacity - used),
  }));
  const asCandidates = (those: Holder[]) =>
    those.map(({ key, pod: other }) => ({ key, requests: { ...podRequests(other), pods: 1 } }));
  const missing = without(required, asCandidates(holders.filter(({ stopping }) => stopping)));
  // types.Preemptable; of Pods that are alike the last one goes, which is to be that of the lowest priority.
  const lower = holders
    .filter(({ stopping, pod: other }) => !stopping && priorityOf(other) < priorityOf(pod))
    .sort((a, b) => priorityOf(b.pod) - priorityOf(a.pod));
  const ofClass = (wanted: QosClass) => asCandidates(lower.filter(({ pod: p }) => qosClassOf(p) === wanted));
  const [bestEffort, burstable, guaranteed] = [
    ofClass('BestEffort'),
    ofClass('Burstable'),
    ofClass('Guaranteed'),
  ];
  if (without(missing, [...bestEffort, ...burstable, ...guaranteed]).length > 0) return undefined;
  // Of each class only what is still missing if all of the lesser classes went.
  const fromGuaranteed = nearest(guaranteed, without(missing, [...bestEffort, ...burstable]));
  const fromBurstable = nearest(burstable, without(missing, [...bestEffort, ...fromGuaranteed]));
  const fromBestEffort = nearest(bestEffort, without(missing, [...fromBurstable, ...fromGuaranteed]));
  return [...fromBestEffort, ...fromBurstable, ...fromGuaranteed].map(({ key }) => key);
}

/** admissionRequirementList.subtract */
function without(required: Requirement[], those: Candidate[]): Requirement[] {
  return required
    .map(({ resource, amount }) => ({
      resource,
      amount: those.reduce((rest, { requests }) => rest - (requests[resource] ?? 0), amount),
    }))
    .filter(({ amount }) => amount > 0);
}

/** getPodsToPreemptByDistance: each round takes the one that leaves the least to be found. */
function nearest(candidates: Candidate[], required: Requirement[]): Candidate[] {
  const left = [...candidates];
  const taken: Candidate[] = [];
  for (let missing = required; missing.length > 0 && left.length > 0; ) {
    const best = left.reduce((chosen, candidate) => {
      const difference = distance(missing, candidate) - distance(missing, chosen);
      return difference < 0 || (difference === 0 && isSmaller(candidate, chosen)) ? candidate : chosen;
    });
    left.splice(left.indexOf(best), 1);
    taken.push(best);
    missing = without(missing, [best]);
  }
  return taken;
}

/** The share of each requirement that would still be missing, squared. */
function distance(required: Requirement[], { requests }: Candidate): number {
  return required.reduce((sum, { resource, amount }) => {
    const missing = Math.max(0, amount - (requests[resource] ?? 0));
    return sum + (missing / amount) ** 2;
  }, 0);
}

/** smallerResourceRequest */
function isSmaller(one: Candidate, other: Candidate): boolean {
  for (const resource of ['memory', 'cpu']) {
    const [a, b] = [one.requests[resource] ?? 0, other.requests[resource] ?? 0];
    if (a !== b) return a < b;
  }
  return true;
}
