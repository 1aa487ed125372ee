// What a Pod's containers find in /etc/hosts and /etc/resolv.conf, brought to where they look. In the Pod's thread.
import { systemReason } from '../config/startup-error.ts';
import { type FailureCode, fail, ok, type Result } from '../errors.ts';
import type { PodHost } from '../host/pod-host.ts';
import { podIpsOf } from '../kubernetes/pod-ips.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import type { LogFields } from '../telemetry/log.ts';
import { type NodeDns, podDns } from './config/dns.ts';
import { hostNameOf } from './config/host-name.ts';
import { managedHosts, nodeHosts } from './config/hosts-file.ts';
import { parseResolvConf, resolvConfText } from './config/resolv-conf.ts';
import type { PodBoot } from './service.ts';

export type Networking = {
  boot: Pick<PodBoot, 'dns' | 'hostIps'>;
  host: PodHost;
  warn(message: string, fields: LogFields): void;
};

/**
 * resolv.conf as the node's and the manifest make it now: once a sandbox, as the kubelet has it; it reads the node's for
 * a Pod that does not need it as well. SandboxCreateFailed.
 */
export async function writeResolvConf(
  networking: Networking,
  staticPod: StaticPod,
): Promise<Result<undefined>> {
  return attempt('SandboxCreateFailed', 'failed to generate sandbox config', () =>
    writeResolver(networking, staticPod),
  );
}

/**
 * For a container whose sandbox was made by a monopod that had no such file, or whose directory has been lost.
 * ContainerConfigInvalid.
 */
export async function ensureResolvConf(
  networking: Networking,
  staticPod: StaticPod,
): Promise<Result<undefined>> {
  if (await networking.host.hasNetworkFile(staticPod.uid, 'resolv.conf')) return ok(undefined);
  return attempt('ContainerConfigInvalid', 'cannot write /etc/resolv.conf', () =>
    writeResolver(networking, staticPod),
  );
}

/**
 * kubelet ensureHostsFile, at each container's creation; and again before it starts, as the address may not have been
 * known. ContainerConfigInvalid.
 */
export async function writeHosts(
  { boot, host }: Networking,
  { uid, pod }: StaticPod,
  sandboxIps: readonly string[],
): Promise<Result<undefined>> {
  const name = hostNameOf(pod, boot.dns.clusterDomain);
  return attempt('ContainerConfigInvalid', 'cannot write /etc/hosts', async () => {
    if (pod.spec?.hostNetwork)
      return host.writeNetworkFile(uid, 'etc-hosts', nodeHosts(pod, await host.nodeFile('/etc/hosts')));
    // What has no name that the kernel would take has no sandbox either.
    if (!name.ok) throw new Error(name.error.message);
    const ips = podIpsOf(pod, sandboxIps, boot.hostIps);
    return host.writeNetworkFile(uid, 'etc-hosts', managedHosts(pod, name.value, ips));
  });
}

async function writeResolver({ boot, host, warn }: Networking, { uid, pod }: StaticPod): Promise<void> {
  const { resolvConf, clusterDns, clusterDomain } = boot.dns;
  const ofNode = resolvConf === '' ? undefined : await nodeDns(host, resolvConf);
  const { config, warnings } = podDns(pod, { clusterDns, clusterDomain, ofNode, hostIps: boot.hostIps });
  for (const { reason, message } of warnings) warn(`${reason}: ${message}`, { uid });
  await host.writeNetworkFile(uid, 'resolv.conf', resolvConfText(config));
}

async function nodeDns(host: PodHost, path: string): Promise<NonNullable<NodeDns['ofNode']>> {
  const parsed = parseResolvConf(await host.nodeFile(path));
  if ('problem' in parsed) throw new Error(`${path}: ${parsed.problem}`);
  return parsed.config;
}

async function attempt(
  code: FailureCode,
  message: string,
  action: () => Promise<void>,
): Promise<Result<undefined>> {
  try {
    await action();
    return ok(undefined);
  } catch (error) {
    // The path in its words would be that of a descriptor.
    return fail(code, message, systemReason(error));
  }
}
