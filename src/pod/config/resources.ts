// Requests and limits -> what Linux is told (kubelet cm helpers, qos.GetContainerOOMScoreAdjust). Pure.
import type { Resources } from '../../engine/engine.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { qosClassOf } from '../../kubernetes/qos.ts';
import { quantityMilliValue, quantityValue } from '../../kubernetes/quantity.ts';

const milliOf = (quantity: string) => quantityMilliValue(quantity) ?? 0;
const bytesOf = (quantity: string) => quantityValue(quantity) ?? 0;

const cpuPeriodUs = 100_000;
const quotaUsMin = 1_000;

export function resourcesOf(container: Container, pod: Pod, nodeMemoryBytes: number): Resources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  // Limits stand in for requests that are not written (API defaulting does the same).
  const cpuRequest = requests.cpu ?? limits.cpu;
  const resources: Resources = {
    // MilliCPUToShares: 2 is the least the kernel takes.
    cpuShares:
      cpuRequest === undefined
        ? 2
        : Math.min(262_144, Math.max(2, Math.floor((milliOf(cpuRequest) * 1024) / 1000))),
    oomScoreAdj: oomScoreAdj(container, pod, nodeMemoryBytes),
  };
  if (limits.cpu !== undefined && milliOf(limits.cpu) > 0) {
    resources.cpuPeriodUs = cpuPeriodUs;
    resources.cpuQuotaUs = Math.max(quotaUsMin, Math.floor((milliOf(limits.cpu) * cpuPeriodUs) / 1000));
  }
  if (limits.memory !== undefined) resources.memoryBytes = bytesOf(limits.memory);
  return resources;
}

/**
 * Node-critical and Guaranteed Pods -997, BestEffort 1000, Burstable by its share of the node's memory. A static Pod is
 * node-critical by its class' name alone (kubelet types.IsNodeCriticalPod).
 */
function oomScoreAdj(container: Container, pod: Pod, nodeMemoryBytes: number): number {
  const qosClass = qosClassOf(pod);
  const isNodeCritical = pod.spec?.priorityClassName === 'system-node-critical';
  if (isNodeCritical || qosClass === 'Guaranteed') return -997;
  if (qosClass === 'BestEffort') return 1000;
  const request = container.resources?.requests?.memory ?? container.resources?.limits?.memory;
  const requested = request === undefined ? 0 : bytesOf(request);
  const adjust = 1000 - Math.floor((1000 * requested) / nodeMemoryBytes);
  return Math.min(999, Math.max(3, adjust));
}
