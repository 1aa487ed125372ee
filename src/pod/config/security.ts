// The security part of a container (kuberuntime determineEffectiveSecurityContext, dockershim modifyHostConfig) and of a
// sandbox (generatePodSandboxLinuxConfig). Pure: what stands in the image or on the host comes in as `found`.
import type { ContainerConfig, SandboxConfig } from '../../engine/engine.ts';
import { fail, ok, type Result } from '../../errors.ts';
import { appArmorProfileOf } from '../../kubernetes/app-armor.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { userOf } from './run-as.ts';

export type ContainerSecurity = Pick<
  ContainerConfig,
  | 'user'
  | 'supplementalGroups'
  | 'privileged'
  | 'readOnlyRootFilesystem'
  | 'noNewPrivileges'
  | 'capabilitiesAdd'
  | 'capabilitiesDrop'
  | 'seccomp'
  | 'appArmor'
  | 'seLinux'
>;

export type SandboxSecurity = Pick<SandboxConfig, 'user' | 'supplementalGroups' | 'seLinux'>;

export type Found = {
  /** The image's `USER`; only looked up where `asksImageForUser`. */
  imageUser: string;
  /** The profile that `seccompWanted` names, as JSON; only there for one of type Localhost. */
  seccompProfile?: string;
  /** `--seccomp-default` */
  seccompDefault: boolean;
};

/** ContainerConfigInvalid. */
export function containerSecurity(pod: Pod, container: Container, found: Found): Result<ContainerSecurity> {
  const own = container.securityContext ?? {};
  const user = userOf(pod, container, found.imageUser);
  if (!user.ok) return user;
  const wanted = seccompWanted(pod, container, found.seccompDefault);
  const seccomp = wanted === 'unconfined' ? wanted : found.seccompProfile;
  const appArmor = appArmorOf(pod, container);
  const seLinux = own.seLinuxOptions ?? pod.spec?.securityContext?.seLinuxOptions;
  return ok({
    ...(user.value !== undefined && { user: user.value }),
    supplementalGroups: groupsOf(pod),
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    // securitycontext.AddNoNewPrivileges
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    capabilitiesAdd: own.capabilities?.add ?? [],
    capabilitiesDrop: own.capabilities?.drop ?? [],
    ...(seccomp !== undefined && { seccomp }),
    ...(appArmor !== undefined && { appArmor }),
    ...(seLinux && { seLinux }),
  });
}

/**
 * The kubelet asks for the engine's default seccomp profile for every sandbox, which is what saying nothing means, so
 * that of the Pod need only fit its containers. SandboxCreateFailed.
 */
export function sandboxSecurity({ spec }: Pod): Result<SandboxSecurity> {
  // UsernsManager.GetOrCreateUserNamespaceMappings. Docker maps users for the whole engine or not at all.
  if (spec?.hostUsers === false)
    return fail(
      'SandboxCreateFailed',
      "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    );
  const { runAsUser, runAsGroup, seLinuxOptions } = spec?.securityContext ?? {};
  const group = runAsGroup === undefined ? '' : `:${runAsGroup}`;
  return ok({
    ...(runAsUser !== undefined && { user: `${runAsUser}${group}` }),
    supplementalGroups: groupsOf({ spec }),
    ...(seLinuxOptions && { seLinux: seLinuxOptions }),
  });
}

/**
 * kuberuntime getSeccompProfile; `{ localhost }` is a file below `<root-dir>/seccomp`. A privileged container has none
 * whatever it asks for (as in the CRI runtimes).
 */
export function seccompWanted(
  pod: Pod,
  { securityContext: own }: Container,
  seccompDefault: boolean,
): 'unconfined' | 'runtime-default' | { localhost: string } {
  if (own?.privileged) return 'unconfined';
  const profile = own?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
  const type = profile?.type ?? (seccompDefault ? 'RuntimeDefault' : 'Unconfined');
  if (type === 'Localhost') return { localhost: profile?.localhostProfile ?? '' };
  return type === 'RuntimeDefault' ? 'runtime-default' : 'unconfined';
}

/** dockershim getAppArmorOpts */
function appArmorOf(pod: Pod, container: Container): string | undefined {
  const profile = appArmorProfileOf(pod, container);
  if (profile?.type === 'Unconfined') return 'unconfined';
  return profile?.type === 'Localhost' ? profile.localhostProfile : undefined;
}

function groupsOf({ spec }: Pick<Pod, 'spec'>): number[] {
  const { fsGroup, supplementalGroups = [] } = spec?.securityContext ?? {};
  return [...new Set([...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups])];
}
