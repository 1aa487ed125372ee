// An effect -> the call that carries it out, on the engine or on the host, and its answer. The configs that calls need
// are built here, from the state the effect came with.
import type { Engine, Mount, PodIdentity } from '../engine/engine.ts';
import { fail, messageOf, type Result } from '../errors.ts';
import { cleanHost, prepareHost } from '../host/prepare.ts';
import { mountsOf } from '../host/volumes.ts';
import { containerConfig } from './config/container-config.ts';
import { identityOf } from './config/identity.ts';
import { sandboxConfig } from './config/sandbox-config.ts';
import type { Effect } from './events.ts';
import type { PodBoot } from './service.ts';
import type { Generation, PodState } from './state.ts';

export type RunEffect = (effect: Effect, state: PodState) => Promise<Result<unknown>>;

/** `engine` is asked for anew at each call: its thread may have been replaced. */
export function effectRunner(boot: PodBoot, engine: () => Engine): RunEffect {
  return async (effect, state) => {
    try {
      return await run(boot, engine(), effect, state);
    } catch (error) {
      return fail('ThreadExited', 'the engine thread has ended', messageOf(error));
    }
  };
}

function run(boot: PodBoot, engine: Engine, effect: Effect, state: PodState): Promise<Result<unknown>> {
  switch (effect.type) {
    case 'list':
      return engine.listPod(boot.key);
    case 'ensure-image':
      return engine.ensureImage(effect.image, effect.policy);
    case 'prepare-host': {
      const { staticPod } = generationOf(state, effect.serial);
      return prepareHost(boot, identityOf(staticPod), staticPod.pod);
    }
    case 'clean-host':
      return cleanHost(boot, effect satisfies PodIdentity);
    case 'create-sandbox': {
      const { staticPod } = generationOf(state, effect.serial);
      return engine.createSandbox(sandboxConfig(staticPod, effect.attempt, boot.podInfraContainerImage));
    }
    case 'create-container':
      return createContainer(boot, engine, effect, generationOf(state, effect.serial));
    case 'start-sandbox':
    case 'start-container':
      return engine.start(effect.id);
    case 'kill':
      return engine.kill(effect.id, effect.signal);
    case 'remove':
      return engine.remove(effect.id, effect.force);
  }
}

/** The effect was issued for this generation in this very state. */
function generationOf(state: PodState, serial: number): Generation {
  const generation = [state.current, state.next].find((candidate) => candidate?.serial === serial);
  if (!generation)
    throw new Error(`broken invariant: an effect for generation ${serial}, which is not there`);
  return generation;
}

async function createContainer(
  boot: PodBoot,
  engine: Engine,
  effect: Extract<Effect, { type: 'create-container' }>,
  { staticPod, containers, ips }: Generation,
): Promise<Result<string>> {
  const spec = containers.find(({ name }) => name === effect.container)?.spec;
  if (!spec)
    throw new Error(`broken invariant: an effect for container ${effect.container}, which is not there`);
  const seccomp = spec.securityContext?.seccompProfile ?? staticPod.pod.spec?.securityContext?.seccompProfile;
  // Rather not at all than unconfined.
  if (seccomp?.type === 'Localhost')
    return fail('ContainerConfigInvalid', 'seccomp profiles of type Localhost are not supported');
  let mounts: Mount[] = [];
  if (spec.volumeMounts?.length) {
    const found = await mountsOf(boot.rootDir, staticPod.uid, staticPod.pod, spec);
    if (!found.ok) return found;
    mounts = found.value;
  }
  const { attempt, restartCount, sandboxId } = effect;
  const facts = {
    nodeName: boot.nodeName,
    hostIps: boot.hostIps,
    podIps: staticPod.pod.spec?.hostNetwork ? boot.hostIps : ips,
  };
  return engine.createContainer(
    containerConfig(staticPod, spec, {
      attempt,
      restartCount,
      sandboxId,
      facts,
      mounts,
      nodeMemoryBytes: boot.nodeMemoryBytes,
    }),
  );
}
