// The volume mounts of one container -> what the engine is to mount.
import type { Mount } from '../../engine/engine.ts';
import { fail, messageOf, ok, type Result } from '../../errors.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { subPathIn } from './sub-path.ts';
import { subPathOf } from './sub-path-expr.ts';
import { hostPathOf } from './volumes.ts';

const propagations = { None: 'private', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

/** The mounts of one container. A subPath that could lead out of its volume is refused, links included. */
export async function mountsOf(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
  environment: ReadonlyMap<string, string>,
): Promise<Result<Mount[]>> {
  try {
    return await findMounts(rootDir, uid, pod, container, environment);
  } catch (error) {
    return fail('ContainerConfigInvalid', 'a subPath cannot be prepared', messageOf(error));
  }
}

async function findMounts(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
  environment: ReadonlyMap<string, string>,
): Promise<Result<Mount[]>> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    const root = volume && hostPathOf(rootDir, uid, volume);
    if (root === undefined)
      return fail('ContainerConfigInvalid', `volume "${mount.name}" is not mounted on the host`);
    const subPath = subPathOf(mount, environment);
    if (!subPath.ok) return subPath;
    const within = subPath.value ? await subPathIn(root, subPath.value) : ok(root);
    if (!within.ok) return within;
    mounts.push({
      hostPath: within.value,
      containerPath: mount.mountPath,
      readOnly: mount.readOnly ?? false,
      propagation: propagations[(mount.mountPropagation ?? 'None') as keyof typeof propagations],
    });
  }
  return ok(mounts);
}
