// A container's volume mounts as its status shows them (kubelet convertToAPIContainerStatuses). Pure.
import type { ContainerStatus, VolumeMount } from '../kubernetes/pod.ts';

/** `recursively`: paths in the container at which the engine has mounted all that is below as read-only too. */
export const volumeMountStatuses = (
  mounts: readonly VolumeMount[],
  recursively: readonly string[],
): NonNullable<ContainerStatus['volumeMounts']> =>
  mounts.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly && {
      readOnly,
      recursiveReadOnly: recursively.includes(mountPath) ? 'Enabled' : 'Disabled',
    }),
  }));
