// What a container's security context leaves to the image (its user) and to the host (a seccomp profile), looked up where
// it is needed only: an ordinary container asks for nothing.
import type { Engine } from '../engine/engine.ts';
import { fail, ok, type Result } from '../errors.ts';
import type { PodHost } from '../host/pod-host.ts';
import type { Container, Pod } from '../kubernetes/pod.ts';
import { asksImageForUser } from './config/run-as.ts';
import { type ContainerSecurity, containerSecurity, seccompWanted } from './config/security.ts';

type Whence = { engine: Engine; host: PodHost; seccompDefault: boolean };

/** NoSuchImage, ContainerConfigInvalid, ContainerCreateFailed. */
export async function lookUpSecurity(
  { engine, host, seccompDefault }: Whence,
  pod: Pod,
  container: Container,
): Promise<Result<ContainerSecurity>> {
  const imageUser = asksImageForUser(pod, container) ? await userOfImage(engine, container) : ok('');
  if (!imageUser.ok) return imageUser;
  const seccomp = seccompWanted(pod, container, seccompDefault);
  const profile = typeof seccomp === 'object' ? await host.seccompProfile(seccomp.localhost) : undefined;
  if (profile && !profile.ok) return profile;
  return containerSecurity(pod, container, {
    imageUser: imageUser.value,
    seccompDefault,
    ...(profile && { seccompProfile: profile.value }),
  });
}

/** An image that is not there is what a create says of it too: it is pulled first. */
async function userOfImage(engine: Engine, { image = '' }: Container): Promise<Result<string>> {
  const status = await engine.ensureImage(image, 'Never');
  if (status.ok) return ok(status.value.user);
  return status.error.code === 'ImageNeverPull' ? fail('NoSuchImage', status.error.message) : status;
}
