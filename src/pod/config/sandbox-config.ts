// A static Pod -> the sandbox it needs (kuberuntime generatePodSandboxConfig). Pure.
import type { PortMapping, SandboxConfig } from '../../engine/engine.ts';
import { LABEL } from '../../engine/labels.ts';
import type { StaticPod } from '../../manifest/static-pod.ts';
import { identityOf } from './identity.ts';

/** The sandbox gets the least CPU there is, and outlives what it holds (kubelet qos.PodInfraOOMAdj). */
const infraResources = { cpuShares: 2, oomScoreAdj: -998 };

export function sandboxConfig(staticPod: StaticPod, attempt: number, image: string): SandboxConfig {
  const { spec } = staticPod.pod;
  const hostNetwork = spec?.hostNetwork ?? false;
  const { nameservers = [], searches = [], options = [] } = spec?.dnsConfig ?? {};
  return {
    identity: identityOf(staticPod),
    attempt,
    image,
    ...(!hostNetwork && { hostname: hostnameOf(staticPod) }),
    hostNetwork,
    hostPid: spec?.hostPID ?? false,
    hostIpc: spec?.hostIPC ?? false,
    portMappings: hostNetwork ? [] : portMappings(staticPod),
    ...(spec?.dnsConfig && {
      dns: {
        servers: nameservers,
        searches,
        options: options.map(({ name = '', value }) => (value ? `${name}:${value}` : name)),
      },
    }),
    extraHosts: (spec?.hostAliases ?? []).flatMap(({ ip, hostnames = [] }) =>
      hostnames.map((name) => `${name}:${ip}`),
    ),
    sysctls: Object.fromEntries(
      (spec?.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]),
    ),
    resources: infraResources,
    labels: { [LABEL.gracePeriod]: String(spec?.terminationGracePeriodSeconds ?? 30) },
  };
}

/** kubelet GeneratePodHostNameAndDomain: `spec.hostname`, else the Pod's name, cut to the 63 characters Linux allows. */
export function hostnameOf({ pod }: StaticPod): string {
  const name = pod.spec?.hostname ?? pod.metadata?.name ?? '';
  return name.slice(0, 63).replace(/[-.]+$/, '');
}

/** kubecontainer.MakePortMappings: only ports that ask for a host port. */
function portMappings({ pod }: StaticPod): PortMapping[] {
  const containers = [
    ...(pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
    ...(pod.spec?.containers ?? []),
  ];
  return containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ containerPort, hostPort, hostIP = '', protocol = 'TCP' }) =>
      hostPort ? [{ containerPort, hostPort, hostIP, protocol: protocol as PortMapping['protocol'] }] : [],
    );
}
