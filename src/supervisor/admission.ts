// May a Pod run on this node beside what is there already? Rules in order, the first that refuses is the answer
// (kubelet canAdmitPod, lifecycle.PodAdmitHandlers). Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { unenforceableAppArmor } from './admit/app-armor.ts';
import { generalPredicates } from './admit/general-predicates.ts';
import { strictGroups, wrongOperatingSystem } from './admit/pod-features.ts';
import type { Refusal, Room, Rule } from './admit/rule.ts';
import { forbiddenSysctl } from './admit/sysctls.ts';

/** In the kubelet's order: what room does not help with comes first, so that nothing is preempted for naught. */
const rules: Rule[] = [
  forbiddenSysctl,
  wrongOperatingSystem,
  strictGroups,
  unenforceableAppArmor,
  generalPredicates,
];

export function refusalOf(pod: Pod, room: Room): Refusal | undefined {
  for (const rule of rules) {
    const refusal = rule(pod, room);
    if (refusal) return refusal;
  }
  return undefined;
}
