// The effect `create-container`: what has to be looked up on the host first, then the container's config, then the call.
import type { Engine } from '../engine/engine.ts';
import { fail, type Result } from '../errors.ts';
import type { PodHost } from '../host/pod-host.ts';
import type { Container } from '../kubernetes/pod.ts';
import { containerConfig } from './config/container-config.ts';
import { environmentOf, type Facts } from './config/environment.ts';
import type { Effect } from './events.ts';
import type { PodBoot } from './service.ts';
import type { Generation } from './state.ts';

export type Making = {
  boot: PodBoot;
  host: PodHost;
  engine: Engine;
  facts: Facts;
  generation: Generation;
  spec: Container;
};

export async function createContainer(
  { boot, host, engine, facts, generation, spec }: Making,
  { attempt, restartCount, sandboxId }: Extract<Effect, { type: 'create-container' }>,
): Promise<Result<string>> {
  const { staticPod } = generation;
  const seccomp = spec.securityContext?.seccompProfile ?? staticPod.pod.spec?.securityContext?.seccompProfile;
  // Rather not at all than unconfined.
  if (seccomp?.type === 'Localhost')
    return fail('ContainerConfigInvalid', 'seccomp profiles of type Localhost are not supported');
  const environment = environmentOf(spec, staticPod.pod, facts);
  if (!environment.ok) return environment;
  const mounts = await host.mounts(staticPod.uid, staticPod.pod, spec, attempt, environment.value);
  if (!mounts.ok) return mounts;
  return engine.createContainer(
    containerConfig(staticPod, spec, {
      attempt,
      restartCount,
      sandboxId,
      environment: environment.value,
      mounts: mounts.value,
      node: boot.node,
    }),
  );
}
