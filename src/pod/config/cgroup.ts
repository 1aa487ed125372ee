// The cgroup that a Pod's sandbox and containers are in, if it has one of its own. Pure.
import { podCgroupOf } from '../../kubernetes/pod-cgroup.ts';
import type { StaticPod } from '../../manifest/static-pod.ts';
import type { PodBoot } from '../service.ts';

export function cgroupOf(
  { podCgroups }: Pick<PodBoot, 'podCgroups'>,
  { pod, uid }: StaticPod,
): { cgroupParent?: string } {
  const cgroup = podCgroups && podCgroupOf(pod, uid, podCgroups.pidsMax);
  return cgroup ? { cgroupParent: cgroup.parent } : {};
}
