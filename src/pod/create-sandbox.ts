// The effect `create-sandbox`: what its containers will look up on the network, then its config, then the call.
import type { Engine } from '../engine/engine.ts';
import { ok, type Result } from '../errors.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import { cgroupOf } from './config/cgroup.ts';
import { hostNameOf } from './config/host-name.ts';
import { sandboxConfig } from './config/sandbox-config.ts';
import { sandboxSecurity } from './config/security.ts';
import { type Networking, writeResolvConf } from './network-files.ts';
import type { PodBoot } from './service.ts';

export async function createSandbox(
  networking: Networking & { boot: Pick<PodBoot, 'podCgroups'> },
  engine: Engine,
  staticPod: StaticPod,
  { image, attempt }: { image: string; attempt: number },
): Promise<Result<string>> {
  const security = sandboxSecurity(staticPod.pod);
  if (!security.ok) return security;
  const hostname = kernelName(staticPod.pod, networking.boot.dns.clusterDomain);
  if (!hostname.ok) return hostname;
  const resolvConf = await writeResolvConf(networking, staticPod);
  if (!resolvConf.ok) return resolvConf;
  const config = sandboxConfig(staticPod, attempt, image, hostname.value);
  const cgroup = cgroupOf(networking.boot, staticPod);
  return engine.createSandbox({ ...config, ...security.value, ...cgroup });
}

/** In the host's network a Pod has the host's name, and none of its own that could be wrong. */
function kernelName(pod: Pod, clusterDomain: string): Result<string | undefined> {
  if (pod.spec?.hostNetwork) return ok(undefined);
  const name = hostNameOf(pod, clusterDomain);
  return name.ok ? ok(name.value.kernel) : name;
}
