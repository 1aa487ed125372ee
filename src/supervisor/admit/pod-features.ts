// What a Pod may ask for that no Docker node has (kubelet predicateAdmitHandler.Admit). Pure.
import type { Pod } from '../../kubernetes/pod.ts';
import type { Refusal } from './rule.ts';

/** rejectPodAdmissionBasedOnOSField */
export function wrongOperatingSystem({ spec }: Pod): Refusal | undefined {
  if (!spec?.os || spec.os.name === 'linux') return undefined;
  return {
    reason: 'PodOSNotSupported',
    message: "Failed to admit pod as the OS field doesn't match node OS",
  };
}

/** rejectPodAdmissionBasedOnSupplementalGroupsPolicy: the engine always adds the groups that the image names. */
export function strictGroups({ spec }: Pod): Refusal | undefined {
  if (spec?.securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined;
  return {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  };
}
