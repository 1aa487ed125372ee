// Requests and limits -> what Linux is told of one container (kuberuntime calculateLinuxResources). Pure.
import type { Resources } from '../../engine/engine.ts';
import { cpuPeriodUs, cpuQuotaUs, cpuShares } from '../../kubernetes/linux-cpu.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { quantityMilliValue, quantityValue } from '../../kubernetes/quantity.ts';
import { oomScoreAdj } from './oom-score-adj.ts';

const milliOf = (quantity: string | undefined) => quantityMilliValue(quantity ?? '0') ?? 0;
const bytesOf = (quantity: string | undefined) => quantityValue(quantity ?? '0') ?? 0;

export function resourcesOf(container: Container, pod: Pod, nodeMemoryBytes: number): Resources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const ofPod = pod.spec?.resources?.limits ?? {};
  // getCPULimit, getMemoryLimit: a container without a limit of its own is told the Pod's, which it cannot pass anyway.
  const cpuLimit = milliOf(limits.cpu) || milliOf(ofPod.cpu);
  const memoryBytes = bytesOf(limits.memory) || bytesOf(ofPod.memory);
  return {
    // A limit stands in for a request that is not written.
    cpuShares: cpuShares(requests.cpu === undefined ? cpuLimit : milliOf(requests.cpu)),
    oomScoreAdj: oomScoreAdj(container, pod, nodeMemoryBytes),
    ...(cpuLimit > 0 && { cpuPeriodUs, cpuQuotaUs: cpuQuotaUs(cpuLimit) }),
    ...(memoryBytes > 0 && { memoryBytes }),
  };
}
