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
import type { ContainerSecurity } from './security.ts';

export type Around = {
  attempt: number;
  restartCount: number;
  sandboxId: string;
  environment: Environment;
  security: ContainerSecurity;
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
    ...words('command', container, environment),
    ...words('args', container, environment),
    ...(container.workingDir && { workingDir: container.workingDir }),
    // HOSTNAME is the engine's to say, as with the kubelet.
    env: [...environment].map(([name, value]) => ({ name, value })),
    mounts: around.mounts,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    pid: spec?.hostPID ? 'host' : spec?.shareProcessNamespace ? 'pod' : 'container',
    hostNetwork: spec?.hostNetwork ?? false,
    hostIpc: spec?.hostIPC ?? false,
    ...around.security,
    ...(container.lifecycle?.stopSignal && { stopSignal: container.lifecycle.stopSignal }),
    resources: resourcesOf(container, pod, quantityValue(around.node.capacity.memory ?? '0') ?? 0),
    // kuberuntime newContainerAnnotations: for who finds it when its manifest is lost.
    labels: { [LABEL.gracePeriod]: String(spec?.terminationGracePeriodSeconds ?? 30) },
  };
}

/** kubecontainer.ExpandContainerCommandAndArgs: an empty list is none, and the image's own stays. */
function words(of: 'command' | 'args', container: Container, environment: Environment) {
  const written = container[of] ?? [];
  return written.length > 0 && { [of]: written.map((word) => expand(word, environment)) };
}
