// A Pod that asks for an AppArmor profile runs only where the kernel enforces it (kubelet appArmorAdmitHandler,
// apparmor.Validate). Pure.
import { appArmorProfileOf, requiresAppArmor } from '../../kubernetes/app-armor.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import type { Refusal, Room } from './rule.ts';

export function unenforceableAppArmor(pod: Pod, { node }: Room): Refusal | undefined {
  if (!requiresAppArmor(pod)) return undefined;
  if (!node.appArmor) return refused('AppArmor is not enabled on the host');
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  for (const container of containers) {
    const profile = appArmorProfileOf(pod, container);
    if (profile?.type === 'Localhost' && !profile.localhostProfile?.trim())
      return refused(`invalid empty AppArmor profile name: ""`);
  }
  return undefined;
}

const refused = (cause: string): Refusal => ({
  reason: 'AppArmor',
  message: `Cannot enforce AppArmor: ${cause}`,
});
