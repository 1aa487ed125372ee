// A container of a static Pod -> what the engine is told (kuberuntime generateContainerConfig). Pure: whatever has to be
// looked up on the host or in the sandbox comes in as `around`.
import type { ContainerConfig, Mount } from '../../engine/engine.ts';
import { LABEL } from '../../engine/labels.ts';
import { expand } from '../../kubernetes/expansion.ts';
import type { NodeResources } from '../../kubernetes/node-resources.ts';
import type { Container } from '../../kubernetes/pod.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';
import type { StaticPod } from '../../manifest/static-pod.ts';
import type { Environment } from './environment.ts';
import { identityOf } from './identity.ts';
import { resourcesOf } from './resources.ts';
import { hostnameOf } from './sandbox-config.ts';

export type Around = {
  attempt: number;
  restartCount: number;
  sandboxId: string;
  environment: Environment;
  mounts: Mount[];
  node: NodeResources;
};

export function containerConfig(staticPod: StaticPod, container: Container, around: Around): ContainerConfig {
  const { pod } = staticPod;
  const { spec } = pod;
  const { environment } = around;
  return {
    identity: identityOf(staticPod),
    sandboxId: around.sandboxId,
    name: container.name,
    attempt: around.attempt,
    restartCount: around.restartCount,
    image: container.image ?? '',
    ...(container.command && { command: container.command.map((word) => expand(word, environment)) }),
    ...(container.args && { args: container.args.map((word) => expand(word, environment)) }),
    ...(container.workingDir && { workingDir: container.workingDir }),
    env: variables(environment, staticPod),
    mounts: around.mounts,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    pid: spec?.hostPID ? 'host' : spec?.shareProcessNamespace ? 'pod' : 'container',
    hostNetwork: spec?.hostNetwork ?? false,
    hostIpc: spec?.hostIPC ?? false,
    ...securityOf(staticPod, container),
    ...(container.lifecycle?.stopSignal && { stopSignal: container.lifecycle.stopSignal }),
    resources: resourcesOf(container, pod, quantityValue(around.node.capacity.memory ?? '0') ?? 0),
    // kuberuntime newContainerAnnotations: for who finds it when its manifest is lost.
    labels: { [LABEL.gracePeriod]: String(spec?.terminationGracePeriodSeconds ?? 30) },
  };
}

/** Every container of the Pod sees the Pod's host name, on the host network too the node's. */
function variables(environment: Environment, staticPod: StaticPod): ContainerConfig['env'] {
  const env = [...environment].map(([name, value]) => ({ name, value }));
  if (staticPod.pod.spec?.hostNetwork || environment.has('HOSTNAME')) return env;
  return [{ name: 'HOSTNAME', value: hostnameOf(staticPod) }, ...env];
}

/** securitycontext.DetermineEffectiveSecurityContext: the container's word wins over the Pod's. */
function securityOf({ pod }: StaticPod, container: Container) {
  const ofPod = pod.spec?.securityContext ?? {};
  const own = container.securityContext ?? {};
  const uid = own.runAsUser ?? ofPod.runAsUser;
  const gid = own.runAsGroup ?? ofPod.runAsGroup;
  const seccomp = own.seccompProfile ?? ofPod.seccompProfile;
  const fsGroup = ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup];
  return {
    ...(uid !== undefined && { user: gid === undefined ? String(uid) : `${uid}:${gid}` }),
    supplementalGroups: [...new Set([...(ofPod.supplementalGroups ?? []), ...fsGroup])],
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    capabilitiesAdd: own.capabilities?.add ?? [],
    capabilitiesDrop: own.capabilities?.drop ?? [],
    // The kubelet's default is Unconfined, the engine's own default is its profile.
    ...(seccomp?.type !== 'RuntimeDefault' && { seccomp: 'unconfined' }),
  };
}
