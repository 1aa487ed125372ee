// An effect -> the call that carries it out, on the engine or on the host, and its answer. The configs that calls need
// are built here, from the state the effect came with.

import type { Clock } from '../clock.ts';
import type { Engine, PodIdentity } from '../engine/engine.ts';
import { BrokenInvariant, fail, invariant, messageOf, ok, type Result } from '../errors.ts';
import type { PodHost } from '../host/pod-host.ts';
import type { Container } from '../kubernetes/pod.ts';
import { podIpsOf } from '../kubernetes/pod-ips.ts';
import type { LogFields } from '../telemetry/log.ts';
import { identityOf } from './config/identity.ts';
import { createContainer } from './create-container.ts';
import { createSandbox } from './create-sandbox.ts';
import { type Effect, type HandlerEffect, isHandler } from './events.ts';
import type { Around } from './handlers/around.ts';
import { runHook } from './handlers/hook.ts';
import { runProbe } from './handlers/probe.ts';
import type { Target } from './handlers/target.ts';
import { writeHosts } from './network-files.ts';
import { sayOnce } from './say-once.ts';
import type { PodBoot } from './service.ts';
import type { Generation, PodState } from './state.ts';

/** `signal`: for a probe, a hook or a pull, gives it up. */
export type RunEffect = (effect: Effect, state: PodState, signal?: AbortSignal) => Promise<Result<unknown>>;

export type World = {
  boot: PodBoot;
  clock: Clock;
  host: PodHost;
  /** Asked for anew at each call: its thread may have been replaced. */
  engine(): Engine;
  warn(message: string, fields: LogFields): void;
};

export function effectRunner(around: World): RunEffect {
  const world = { ...around, warn: sayOnce(around.warn) };
  return async (effect, state, signal) => {
    try {
      if (isHandler(effect)) {
        invariant(signal, 'a probe or a hook can be given up');
        return await runHandler(world, effect, state, signal);
      }
      return await run(world, world.engine(), effect, state, signal);
    } catch (error) {
      if (error instanceof BrokenInvariant) throw error;
      return fail('ThreadExited', 'the engine thread has ended', messageOf(error));
    }
  };
}

async function runHandler(
  { boot, clock, engine }: World,
  effect: HandlerEffect,
  state: PodState,
  signal: AbortSignal,
): Promise<Result<unknown>> {
  const around: Around = { engine: engine(), clock, signal };
  const generation = generationOf(state, effect.serial);
  const container = specOf(generation, effect.container);
  const podIp = podIpsIn(boot, generation)[0] ?? '';
  const identity = identityOf(generation.staticPod);
  const target: Target = { containerId: effect.id, container, podIp, identity };
  if (effect.type === 'probe') {
    const probe = container[`${effect.kind}Probe`];
    invariant(probe, `a probe of container ${effect.container}, which has none`);
    return ok(await runProbe(probe, target, around));
  }
  const handler = container.lifecycle?.[effect.hook];
  invariant(handler, `a hook of container ${effect.container}, which has none`);
  return runHook(handler, target, effect.timeoutMs, around);
}

type EngineEffect = Exclude<Effect, HandlerEffect>;

async function run(
  world: World,
  engine: Engine,
  effect: EngineEffect,
  state: PodState,
  signal?: AbortSignal,
): Promise<Result<unknown>> {
  const { boot, host } = world;
  switch (effect.type) {
    case 'list':
      return engine.listPod(boot.key);
    case 'ensure-image': {
      const wait = { key: boot.key, ticket: effect.call };
      // The engine's thread may be gone by then, and with it the pull.
      signal?.addEventListener('abort', () => void engine.leaveImage(wait).catch(() => undefined));
      return engine.ensureImage(effect.image, effect.policy, wait);
    }
    case 'prepare-host': {
      const { staticPod } = generationOf(state, effect.serial);
      return host.prepare(identityOf(staticPod), staticPod.pod);
    }
    case 'clean-host':
      return host.clean(effect satisfies PodIdentity);
    case 'create-sandbox': {
      const { staticPod } = generationOf(state, effect.serial);
      const { attempt } = effect;
      return createSandbox(world, engine, staticPod, { image: boot.podInfraContainerImage, attempt });
    }
    case 'create-container': {
      const generation = generationOf(state, effect.serial);
      const spec = specOf(generation, effect.container);
      const facts = {
        nodeName: boot.nodeName,
        hostIps: boot.hostIps,
        podIps: podIpsIn(boot, generation),
      };
      return createContainer({ ...world, engine, facts, generation, spec }, effect);
    }
    case 'start-sandbox':
      return engine.start(effect.id);
    case 'start-container': {
      // It may have been created before its sandbox had an address.
      const { staticPod, ips } = generationOf(state, effect.serial);
      const hosts = staticPod.pod.spec?.hostNetwork ? ok(undefined) : await writeHosts(world, staticPod, ips);
      return hosts.ok ? engine.start(effect.id) : hosts;
    }
    case 'kill':
      return engine.kill(effect.id, effect.signal);
    case 'remove':
      return removeContainer(world, engine, effect, state);
    case 'read-message': {
      const generation = generationOf(state, effect.serial);
      const spec = specOf(generation, effect.container);
      return ok(await host.readMessage(generation.staticPod.uid, spec, effect.attempt, effect.ended));
    }
  }
}

/** What a Pod that stays loses, its log links lose as well; those of a Pod that goes are removed with its directories. */
async function removeContainer(
  { host }: World,
  engine: Engine,
  { id, force }: Extract<Effect, { type: 'remove' }>,
  { current, leftovers }: PodState,
): Promise<Result<void>> {
  const removed = await engine.remove(id, force);
  const left = leftovers.find((leftover) => leftover.id === id);
  const stays = current !== undefined && current.staticPod.uid === left?.uid && !left.sandbox;
  if (removed.ok && stays && current.host.at === 'ready')
    await host.dropDeadLogLinks(identityOf(current.staticPod)).catch(() => undefined);
  return removed;
}

/** The effect was issued for this generation in this very state. */
function generationOf(state: PodState, serial: number): Generation {
  const generation = [state.current, state.next].find((candidate) => candidate?.serial === serial);
  invariant(generation, `an effect for generation ${serial}, which is not there`);
  return generation;
}

function specOf({ containers }: Generation, container: string): Container {
  const spec = containers.find(({ name }) => name === container)?.spec;
  invariant(spec, `an effect for container ${container}, which is not there`);
  return spec;
}

const podIpsIn = ({ hostIps }: PodBoot, { staticPod, ips }: Generation) =>
  podIpsOf(staticPod.pod, ips, hostIps);
