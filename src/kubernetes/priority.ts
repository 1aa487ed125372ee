// A Pod's priority, and whether it is critical (scheduling.SystemCriticalPriority, kubelet types.IsCriticalPod). Pure.
import type { Pod } from './pod.ts';

/** Least priority of a critical Pod. */
const systemCritical = 2_000_000_000;

/** Without an API server no other class can be looked up. */
const systemClasses = new Map([
  ['system-node-critical', systemCritical + 1000],
  ['system-cluster-critical', systemCritical],
]);

export function priorityOf({ spec }: Pod): number {
  return spec?.priority ?? systemClasses.get(spec?.priorityClassName ?? '') ?? 0;
}

/** By priority alone: the kubelet takes every static Pod for critical, but here there are no others. */
export const isCritical = (pod: Pod): boolean => priorityOf(pod) >= systemCritical;
