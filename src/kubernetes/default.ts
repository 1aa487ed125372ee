// A decoded Pod -> the same Pod with what the API server would have filled in (pkg/apis/core/v1/defaults.go and the
// declared defaults of the API types). Changes the Pod it is given. Pure otherwise.
import { setPodResourceDefaults } from './default-resources.ts';
import { setVolumeDefaults } from './default-volume.ts';
import type {
  V1Container,
  V1EphemeralContainer,
  V1HTTPGetAction,
  V1LifecycleHandler,
  V1Pod,
  V1PodSpec,
  V1PodStatus,
  V1Probe,
} from './generated/shapes.ts';
import { defaultPullPolicy } from './image-name.ts';

/** SetObjectDefaults_Pod, and what the way through the internal version of the API changes. */
export function setPodDefaults(pod: V1Pod): void {
  for (const name of droppedAnnotations) delete pod.metadata?.annotations?.[name];
  if (pod.spec) setSpecDefaults(pod.spec);
  // Convert_v1_Pod_To_core_Pod: once a negative grace period was lawful.
  const grace = pod.spec?.terminationGracePeriodSeconds;
  if (pod.spec && grace !== undefined && grace < 0) pod.spec.terminationGracePeriodSeconds = 1;
  if (pod.status) setPodIPs(pod.status);
}

/** Convert_v1_PodStatus_To_core_PodStatus and back: the one address and the first of the list are one, and the one counts. */
function setPodIPs(status: V1PodStatus): void {
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (first) status.podIP = first;
}

/** dropInitContainerAnnotations: init containers were annotations once. */
const droppedAnnotations = ['alpha', 'beta'].flatMap((version) => [
  `pod.${version}.kubernetes.io/init-containers`,
  `pod.${version}.kubernetes.io/init-container-statuses`,
]);

function setSpecDefaults(spec: V1PodSpec): void {
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  const { initContainers = [], ephemeralContainers = [] } = spec;
  const containers = spec.containers ?? [];
  for (const container of [...initContainers, ...containers, ...ephemeralContainers])
    setContainerDefaults(container);
  setPodResourceDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) setHostPorts([...containers, ...initContainers]);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
}

function setContainerDefaults(container: V1Container | V1EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe) setProbeDefaults(probe);
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop]) setHookDefaults(hook);
}

function setProbeDefaults(probe: V1Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.grpc) probe.grpc.service ??= '';
  setHTTPGetDefaults(probe.httpGet);
}

const setHookDefaults = (hook: V1LifecycleHandler | undefined): void => setHTTPGetDefaults(hook?.httpGet);

function setHTTPGetDefaults(action: V1HTTPGetAction | undefined): void {
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

/** defaultHostNetworkPorts */
function setHostPorts(containers: V1Container[]): void {
  for (const { ports = [] } of containers) for (const port of ports) port.hostPort ||= port.containerPort;
}
