// The effect `create-container`: what has to be looked up on the host first, then the container's config, then the call.
import type { Engine } from '../engine/engine.ts';
import { ok, type Result } from '../errors.ts';
import { networkMounts } from '../host/network-files.ts';
import type { PodHost } from '../host/pod-host.ts';
import type { Facts } from '../kubernetes/field-ref.ts';
import type { Container } from '../kubernetes/pod.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import { cgroupOf } from './config/cgroup.ts';
import { containerConfig } from './config/container-config.ts';
import { environmentOf, type Sources } from './config/environment.ts';
import type { Effect } from './events.ts';
import { lookUpSecurity } from './look-up-security.ts';
import { ensureResolvConf, type Networking, writeHosts } from './network-files.ts';
import type { PodBoot } from './service.ts';
import type { Generation } from './state.ts';

export type Making = Networking & {
  boot: PodBoot;
  engine: Engine;
  facts: Facts;
  generation: Generation;
  spec: Container;
};

export async function createContainer(
  making: Making,
  { attempt, restartCount, sandboxId }: Extract<Effect, { type: 'create-container' }>,
): Promise<Result<string>> {
  const { boot, host, engine, facts, generation, spec } = making;
  const { staticPod } = generation;
  const files = await filesFor(host, staticPod, spec);
  if (!files.ok) return files;
  const { allocatable } = boot.node;
  const environment = environmentOf(spec, staticPod.pod, { facts, allocatable, files: files.value });
  if (!environment.ok) return environment;
  const whence = { engine, host, seccompDefault: boot.seccompDefault };
  const security = await lookUpSecurity(whence, staticPod.pod, spec);
  if (!security.ok) return security;
  const mounts = await host.mounts(staticPod.uid, staticPod.pod, spec, attempt, environment.value);
  if (!mounts.ok) return mounts;
  const networked = await writeNetworkFiles(making);
  if (!networked.ok) return networked;
  return engine.createContainer({
    ...containerConfig(staticPod, spec, {
      attempt,
      restartCount,
      sandboxId,
      environment: environment.value,
      security: security.value,
      mounts: [...mounts.value, ...networkMounts(boot.rootDir, staticPod.uid, spec)],
      node: boot.node,
    }),
    ...cgroupOf(boot, staticPod),
    ...(boot.logRotation && { logRotation: boot.logRotation }),
  });
}

async function writeNetworkFiles(making: Making): Promise<Result<undefined>> {
  const { staticPod, ips } = making.generation;
  const hosts = await writeHosts(making, staticPod, ips);
  return hosts.ok ? ensureResolvConf(making, staticPod) : hosts;
}

/** Most containers have none, and ask the host nothing. */
async function filesFor(
  host: PodHost,
  { uid, pod }: StaticPod,
  spec: Container,
): Promise<Result<Sources['files']>> {
  const hasFiles = spec.env?.some(({ valueFrom }) => valueFrom?.fileKeyRef);
  return hasFiles ? host.fileKeys(uid, pod, spec) : ok(new Map());
}
