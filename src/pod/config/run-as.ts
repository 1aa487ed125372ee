// Who a container's process runs as: the manifest's word, and the image's where the manifest leaves it open (kuberuntime
// getImageUser, verifyRunAsNonRoot; dockershim modifyContainerConfig). Pure.
import { fail, ok, type Result } from '../../errors.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';

/** The container's word wins over the Pod's (securitycontext.DetermineEffectiveSecurityContext). */
function wanted(pod: Pod, container: Container) {
  const ofPod = pod.spec?.securityContext ?? {};
  const own = container.securityContext ?? {};
  return {
    uid: own.runAsUser ?? ofPod.runAsUser,
    gid: own.runAsGroup ?? ofPod.runAsGroup,
    nonRoot: own.runAsNonRoot ?? ofPod.runAsNonRoot ?? false,
  };
}

/** Whether the image has to be asked for its user: not for an ordinary Pod, whose user the engine finds by itself. */
export function asksImageForUser(pod: Pod, container: Container): boolean {
  const { uid, gid, nonRoot } = wanted(pod, container);
  return uid === undefined && (nonRoot || gid !== undefined);
}

/**
 * The user as the engine takes it: `uid`, `uid:gid`, `name:gid`; undefined is the image's own. `imageUser` is the image's
 * `USER`, '' if it has none. ContainerConfigInvalid.
 */
export function userOf(pod: Pod, container: Container, imageUser: string): Result<string | undefined> {
  const { uid, gid, nonRoot } = wanted(pod, container);
  if (nonRoot) {
    const refusal = rootRefusal(uid, imageUser);
    if (refusal !== undefined)
      return fail(
        'ContainerConfigInvalid',
        `${refusal} (pod: "${podWord(pod)}", container: ${container.name})`,
      );
  }
  if (uid !== undefined) return ok(gid === undefined ? String(uid) : `${uid}:${gid}`);
  if (gid !== undefined) return ok(`${userPart(imageUser) || '0'}:${gid}`);
  // What was verified is what runs: the name may stand for another image by the time the container is made.
  return ok(nonRoot ? imageUser : undefined);
}

/** verifyRunAsNonRoot: a name may be root's under another, and only the image's files could tell. */
function rootRefusal(uid: number | undefined, imageUser: string): string | undefined {
  if (uid !== undefined) return uid === 0 ? "container's runAsUser breaks non-root policy" : undefined;
  const user = userPart(imageUser);
  if (user === '' || (isNumeric(user) && Number(user) === 0))
    return 'container has runAsNonRoot and image will run as root';
  if (isNumeric(user)) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`;
}

/** dockershim getUserFromImageUser: the group that an image names counts for nothing here. */
const userPart = (imageUser: string): string => imageUser.split(':')[0] ?? '';

const isNumeric = (user: string): boolean => /^[+-]?\d+$/.test(user);

/** kubelet format.Pod */
const podWord = ({ metadata = {} }: Pod): string =>
  `${metadata.name ?? ''}_${metadata.namespace ?? ''}(${metadata.uid ?? ''})`;
