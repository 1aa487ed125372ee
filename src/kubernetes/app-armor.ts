// The AppArmor profile of a container (kubelet apparmor.GetProfile). Pure.
import type { V1AppArmorProfile } from './generated/shapes.ts';
import type { Container, Pod } from './pod.ts';

export type AppArmorProfile = V1AppArmorProfile;

/** Deprecated, but a static Pod's annotations still count: no API server turns them into fields. */
const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const localhostPrefix = 'localhost/';

/** The container's field, else its annotation, else the Pod's field; undefined is the engine's default. */
export const appArmorProfileOf = (pod: Pod, container: Container): AppArmorProfile | undefined =>
  container.securityContext?.appArmorProfile ??
  fromAnnotation(pod.metadata?.annotations?.[annotationPrefix + container.name]) ??
  pod.spec?.securityContext?.appArmorProfile;

/** getProfileFromPodAnnotations */
function fromAnnotation(value: string | undefined): AppArmorProfile | undefined {
  if (value === 'runtime/default') return { type: 'RuntimeDefault' };
  if (value === 'unconfined') return { type: 'Unconfined' };
  if (!value?.startsWith(localhostPrefix)) return undefined;
  return { type: 'Localhost', localhostProfile: value.slice(localhostPrefix.length) };
}

/** apparmor.isRequired: anything but Unconfined, wherever it stands, is to be enforced. */
export function requiresAppArmor(pod: Pod): boolean {
  const { spec, metadata } = pod;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const profiles = [spec, ...containers].map((holder) => holder?.securityContext?.appArmorProfile?.type);
  const annotated = Object.entries(metadata?.annotations ?? {})
    .filter(([key]) => key.startsWith(annotationPrefix))
    .map(([, value]) => (value === 'unconfined' ? 'Unconfined' : value));
  return [...profiles, ...annotated].some((type) => type !== undefined && type !== 'Unconfined');
}
