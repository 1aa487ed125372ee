// SandboxConfig and ContainerConfig -> the body of Docker's POST /containers/create. Pure.
// Follows dockershim's docker_sandbox.go, docker_container.go and security_context.go.
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { ContainerConfig, PortMapping, Resources, SandboxConfig } from '../engine.ts';
import { type BoundMount, binds } from './binds.ts';
import { containerLabels, type Owner, sandboxLabels } from './container-name.ts';
import { containerSecurityBody, sandboxSecurityBody } from './security-body.ts';

type Body = Omit<ContainerCreateOptions, 'name'>;

/** Kubernetes runs probes of its own; the image's HEALTHCHECK would only burn CPU. */
const noHealthcheck = { Test: ['NONE'] };

export function sandboxBody(config: SandboxConfig, owner: Owner): Body {
  const { exposed, bindings } = ports(config.portMappings);
  return {
    Image: config.image,
    Labels: sandboxLabels(config, owner),
    ...(config.user !== undefined && { User: config.user }),
    // The host's own name under host networking: the UTS namespace is then the host's as well.
    ...(config.hostname !== undefined && !config.hostNetwork && { Hostname: config.hostname }),
    ...(exposed && { ExposedPorts: exposed }),
    Healthcheck: noHealthcheck,
    HostConfig: {
      NetworkMode: config.hostNetwork ? 'host' : 'default',
      IpcMode: config.hostIpc ? 'host' : 'shareable',
      ...(config.hostPid && { PidMode: 'host' }),
      ...(config.hostNetwork && { UTSMode: 'host' }),
      ...(bindings && !config.hostNetwork && { PortBindings: bindings }),
      ...(Object.keys(config.sysctls).length > 0 && { Sysctls: config.sysctls }),
      ...resources(config.resources),
      ...cgroup(config),
      ...sandboxSecurityBody(config),
    },
  };
}

export function containerBody(config: ContainerConfig & { mounts: BoundMount[] }, owner: Owner): Body {
  const sandbox = `container:${config.sandboxId}`;
  return {
    Image: config.image,
    Labels: containerLabels(config, owner),
    // Absent, not empty, is what keeps the image's own.
    ...(config.command && { Entrypoint: config.command }),
    ...(config.args && { Cmd: config.args }),
    ...(config.workingDir !== undefined && { WorkingDir: config.workingDir }),
    ...(config.user !== undefined && { User: config.user }),
    ...(config.stopSignal !== undefined && { StopSignal: config.stopSignal }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    Healthcheck: noHealthcheck,
    HostConfig: {
      // The host name follows from the network mode: the engine takes the sandbox's. /etc/hosts and /etc/resolv.conf are
      // mounts: what the engine would make of them it would alter (a server at 127.0.0.53 goes), and not on all hosts alike.
      NetworkMode: sandbox,
      IpcMode: config.hostIpc ? 'host' : sandbox,
      ...(config.pid === 'host' && { PidMode: 'host' }),
      ...(config.pid === 'pod' && { PidMode: sandbox }),
      ...(config.hostNetwork && { UTSMode: 'host' }),
      ...binds(config.mounts),
      ...containerSecurityBody(config),
      ...resources(config.resources),
      ...cgroup(config),
      // The kubelet's log layout links to this driver's file, whatever the engine's default is.
      LogConfig: { Type: 'json-file', Config: rotation(config) },
    },
  };
}

/** Said in full: what is left out comes from the engine's own configuration. Rotated files are read as they are. */
const rotation = ({ logRotation }: ContainerConfig): Record<string, string> =>
  logRotation === undefined
    ? {}
    : {
        'max-size': `${logRotation.maxBytes}`,
        'max-file': `${logRotation.filesMax}`,
        compress: 'false',
      };

const cgroup = ({ cgroupParent }: { cgroupParent?: string }): Partial<HostConfig> =>
  cgroupParent === undefined ? {} : { CgroupParent: cgroupParent };

function resources(wanted: Resources): Partial<HostConfig> {
  return {
    ...(wanted.cpuShares !== undefined && { CpuShares: wanted.cpuShares }),
    ...(wanted.cpuPeriodUs !== undefined && { CpuPeriod: wanted.cpuPeriodUs }),
    ...(wanted.cpuQuotaUs !== undefined && { CpuQuota: wanted.cpuQuotaUs }),
    // Swap counts into the limit: without this the engine would allow as much swap again.
    ...(wanted.memoryBytes !== undefined && { Memory: wanted.memoryBytes, MemorySwap: wanted.memoryBytes }),
    ...(wanted.oomScoreAdj !== undefined && { OomScoreAdj: wanted.oomScoreAdj }),
  };
}

type Bindings = Record<string, { HostIp: string; HostPort: string }[]>;

function ports(mappings: PortMapping[]): {
  exposed?: Record<string, Record<string, never>>;
  bindings?: Bindings;
} {
  if (mappings.length === 0) return {};
  const exposed: Record<string, Record<string, never>> = {};
  const bindings: Bindings = {};
  for (const { containerPort, hostPort, hostIP, protocol } of mappings) {
    const port = `${containerPort}/${protocol.toLowerCase()}`;
    exposed[port] = {};
    if (hostPort === 0) continue;
    bindings[port] ??= [];
    bindings[port].push({ HostIp: hostIP, HostPort: String(hostPort) });
  }
  return { exposed, bindings };
}
