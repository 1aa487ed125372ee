// The security part of a container's or a sandbox's create body (dockershim modifyHostConfig, getSecurityOpts).
import type { HostConfig } from 'dockerode';
import type { ContainerConfig, SandboxConfig, SELinuxLabel } from '../engine.ts';
import { maskedPaths, readonlyPaths } from './masked-paths.ts';

/** No seccomp option: the engine's default profile is what the kubelet asks for (generatePodSandboxLinuxConfig). */
export const sandboxSecurityBody = ({ supplementalGroups = [], seLinux }: SandboxConfig): HostConfig => ({
  SecurityOpt: ['no-new-privileges', ...labels(seLinux)],
  ...groups(supplementalGroups),
});

export function containerSecurityBody(config: ContainerConfig): HostConfig {
  const options = [
    ...(config.noNewPrivileges ? ['no-new-privileges'] : []),
    ...(config.seccomp !== undefined ? [`seccomp=${config.seccomp}`] : []),
    ...(config.appArmor !== undefined ? [`apparmor=${config.appArmor}`] : []),
    ...labels(config.seLinux),
  ];
  return {
    Privileged: config.privileged,
    ReadonlyRootfs: config.readOnlyRootFilesystem,
    ...(config.capabilitiesAdd.length > 0 && { CapAdd: config.capabilitiesAdd }),
    ...(config.capabilitiesDrop.length > 0 && { CapDrop: config.capabilitiesDrop }),
    ...groups(config.supplementalGroups),
    ...(options.length > 0 && { SecurityOpt: options }),
    // A privileged one sees all: the engine masks nothing of its own accord then.
    ...(!config.privileged && { MaskedPaths: maskedPaths(), ReadonlyPaths: readonlyPaths }),
  };
}

const groups = (ids: number[]): HostConfig => (ids.length > 0 ? { GroupAdd: ids.map(String) } : {});

/** dockershim addSELinuxOptions */
const labels = (label: SELinuxLabel = {}): string[] =>
  (['user', 'role', 'type', 'level'] as const).flatMap((part) =>
    label[part] ? [`label=${part}:${label[part]}`] : [],
  );
