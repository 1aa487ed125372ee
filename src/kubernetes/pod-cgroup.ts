// The cgroup that holds all containers of a Pod: which Pods have one, its name, and what it is limited to (kubelet cm
// GetPodContainerName, ResourceConfigForPod). Pure.
import { isPodLevelResource } from './default-resources.ts';
import { cpuPeriodUs, cpuQuotaUs, cpuShares } from './linux-cpu.ts';
import type { Pod } from './pod.ts';
import { podLimit } from './pod-limit.ts';
import { podRequests } from './pod-requests.ts';
import { qosClassOf } from './qos.ts';

/** Absent is unlimited. */
export type CgroupLimits = {
  cpuShares: number;
  cpu?: { periodUs: number; quotaUs: number };
  memoryBytes?: number;
  pids?: number;
};

export type PodCgroup = { parent: string; limits: CgroupLimits };

const qosDirectories = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' } as const;
export const podCgroupParents = Object.values(qosDirectories).map((directory) => `/kubepods${directory}`);

/**
 * Only a Pod that is limited as a whole has one: for the others the limits of their containers say it all.
 * `podPidsMax`: processes and threads that a Pod may have, 0 is any number.
 */
export function podCgroupOf(pod: Pod, uid: string, podPidsMax: number): PodCgroup | undefined {
  const limited = Object.keys(pod.spec?.resources?.limits ?? {}).some(isPodLevelResource);
  if (!limited && podPidsMax === 0) return undefined;
  const parent = `/kubepods${qosDirectories[qosClassOf(pod)]}/pod${uid}`;
  const cpu = podLimit(pod, 'cpu');
  const memoryBytes = podLimit(pod, 'memory');
  const limits = {
    cpuShares: cpuShares(podRequests(pod).cpu ?? 0),
    ...(cpu !== undefined && { cpu: { periodUs: cpuPeriodUs, quotaUs: cpuQuotaUs(cpu) } }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(podPidsMax > 0 && { pids: podPidsMax }),
  };
  return { parent, limits };
}
