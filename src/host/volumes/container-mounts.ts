// The volume mounts of one container -> what the engine is to mount (kubelet makeMounts).
import type { Mount } from '../../engine/engine.ts';
import { fail, ok, type Result } from '../../errors.ts';
import type { Container, Pod, VolumeMount } from '../../kubernetes/pod.ts';
import { messageWithoutDescriptors } from '../open-no-follow.ts';
import { subPathTarget } from '../paths.ts';
import { hasSELinux } from '../selinux.ts';
import { makeSubPath, mountSubPath } from './sub-path.ts';
import { subPathOf } from './sub-path-expr.ts';
import { hostPathOf, isReadOnly } from './volumes.ts';

const propagations = { None: 'private', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

/** In the manifest's order; each subPath is mounted on the host first. ContainerConfigInvalid. */
export async function mountsOf(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
  environment: ReadonlyMap<string, string>,
  onSELinux = hasSELinux(),
): Promise<Result<Mount[]>> {
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    const volumePath = volume && hostPathOf(rootDir, uid, volume);
    if (!volume || volumePath === undefined) {
      const message = `cannot find volume "${mount.name}" to mount into container "${container.name}"`;
      return fail('ContainerConfigInvalid', message);
    }
    const subPath = subPathOf(mount, environment);
    if (!subPath.ok) return subPath;
    const target = subPathTarget(rootDir, uid, mount.name, container.name, index);
    const hostPath = subPath.value
      ? await subPathMount(volumePath, subPath.value, target, mount, container)
      : ok(volumePath);
    if (!hostPath.ok) return hostPath;
    mounts.push({
      hostPath: hostPath.value,
      // MakeAbsolutePath.
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      readOnly: (mount.readOnly ?? false) || isReadOnly(volume),
      ...recursion(mount),
      propagation: propagations[(mount.mountPropagation ?? 'None') as keyof typeof propagations],
      // What is the host's own keeps its label (GetAttributes: hostPath is not managed).
      ...(onSELinux && !volume.hostPath && { relabel: true as const }),
    });
  }
  return ok(mounts);
}

/** What is mounted below as well, by the engine's leave. Its manifest is refused without readOnly. */
function recursion({ name, recursiveReadOnly }: VolumeMount): Pick<Mount, 'recursiveReadOnly'> {
  if (recursiveReadOnly !== 'IfPossible' && recursiveReadOnly !== 'Enabled') return {};
  return { recursiveReadOnly: { mode: recursiveReadOnly, volume: name } };
}

async function subPathMount(
  volumePath: string,
  subPath: string,
  target: string,
  { name }: VolumeMount,
  container: Container,
): Promise<Result<string>> {
  const failed = (what: string) => (error: unknown) => {
    const message = `failed to ${what} for volumeMount "${name}" of container "${container.name}"`;
    return fail('ContainerConfigInvalid', message, messageWithoutDescriptors(error));
  };
  const done = () => ok(target);
  const made = await makeSubPath(volumePath, subPath).then(done, failed('create subPath directory'));
  return made.ok ? mountSubPath(volumePath, subPath, target).then(done, failed('prepare subPath')) : made;
}
