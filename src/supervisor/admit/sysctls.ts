// Only sysctls that are safe, or that the administrator allows, may be set (kubelet sysctl.patternAllowlist.Admit). Those
// of a namespace that the Pod shares with the host were refused when its manifest was read. Pure.
import { isAllowedSysctl } from '../../kubernetes/allowed-sysctls.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import { withDots } from '../../kubernetes/sysctl-names.ts';
import type { Refusal, Room } from './rule.ts';

export function forbiddenSysctl({ spec }: Pod, { node }: Room): Refusal | undefined {
  const { sysctls = [] } = spec?.securityContext ?? {};
  const forbidden = sysctls.find(({ name }) => !isAllowedSysctl(name, node.allowedSysctls));
  if (!forbidden) return undefined;
  return {
    reason: 'SysctlForbidden',
    message: `forbidden sysctl: "${withDots(forbidden.name)}" not allowlisted`,
  };
}
