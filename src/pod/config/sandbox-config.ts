// A static Pod -> the sandbox it needs (kuberuntime generatePodSandboxConfig). Pure.
import type { PortMapping, SandboxConfig } from '../../engine/engine.ts';
import { LABEL } from '../../engine/labels.ts';
import { publishedPorts } from '../../kubernetes/pod-requests.ts';
import type { StaticPod } from '../../manifest/static-pod.ts';
import { identityOf } from './identity.ts';

/** The sandbox gets the least CPU there is, and outlives what it holds (kubelet qos.PodInfraOOMAdj). */
const infraResources = { cpuShares: 2, oomScoreAdj: -998 };

/** `hostname`: what the kernel is told; undefined in the host's network. */
export function sandboxConfig(
  staticPod: StaticPod,
  attempt: number,
  image: string,
  hostname: string | undefined,
): SandboxConfig {
  const { spec } = staticPod.pod;
  const hostNetwork = spec?.hostNetwork ?? false;
  return {
    identity: identityOf(staticPod),
    attempt,
    image,
    ...(hostname !== undefined && { hostname }),
    hostNetwork,
    hostPid: spec?.hostPID ?? false,
    hostIpc: spec?.hostIPC ?? false,
    portMappings: hostNetwork ? [] : portMappings(staticPod),
    sysctls: Object.fromEntries(
      (spec?.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]),
    ),
    resources: infraResources,
    labels: { [LABEL.gracePeriod]: String(spec?.terminationGracePeriodSeconds ?? 30) },
  };
}

/** kubecontainer.MakePortMappings */
const portMappings = ({ pod }: StaticPod): PortMapping[] =>
  publishedPorts(pod).map(({ containerPort, hostPort, hostIP = '', protocol = 'TCP' }) => ({
    containerPort,
    hostPort,
    hostIP,
    protocol: protocol as PortMapping['protocol'],
  }));
