// Which containers the kernel ends first when memory runs out (kubelet qos.GetContainerOOMScoreAdjust). Pure.
import { aggregate } from '../../kubernetes/default-resources.ts';
import type { Container, Pod } from '../../kubernetes/pod.ts';
import { qosClassOf } from '../../kubernetes/qos.ts';
import { quantityValue } from '../../kubernetes/quantity.ts';

const [guaranteed, bestEffort] = [-997, 1000];

/**
 * Node-critical and Guaranteed Pods -997, BestEffort 1000, Burstable by its share of the node's memory. A static Pod is
 * node-critical by its class' name alone (kubelet types.IsNodeCriticalPod).
 */
export function oomScoreAdj(container: Container, pod: Pod, nodeMemoryBytes: number): number {
  const qosClass = qosClassOf(pod);
  if (pod.spec?.priorityClassName === 'system-node-critical' || qosClass === 'Guaranteed') return guaranteed;
  if (qosClass === 'BestEffort') return bestEffort;
  const spare = sparePerContainer(pod);
  const adjustFor = (requested: number) => 1000 - Math.trunc((1000 * (requested + spare)) / nodeMemoryBytes);
  const adjust = isSidecar(container, pod)
    ? // No sooner than any of the containers that need it.
      Math.min(adjustFor(memoryRequest(container)), adjustFor(leastOfMain(pod)))
    : adjustFor(memoryRequest(container));
  return Math.min(bestEffort - 1, Math.max(1000 + guaranteed, adjust));
}

const memoryRequest = ({ resources }: Container): number =>
  quantityValue(resources?.requests?.memory ?? resources?.limits?.memory ?? '0') ?? 0;

const leastOfMain = ({ spec }: Pod): number => Math.min(...(spec?.containers ?? []).map(memoryRequest));

const isSidecar = ({ name }: Container, { spec }: Pod): boolean =>
  (spec?.initContainers ?? []).some((init) => init.name === name && init.restartPolicy === 'Always');

/** remainingPodMemReqPerContainer: what the Pod asks for beyond its containers, shared evenly among them. */
function sparePerContainer({ spec }: Pod): number {
  const ofPod = quantityValue(spec?.resources?.requests?.memory ?? '0') ?? 0;
  if (!spec || ofPod === 0) return 0;
  const ofContainers = quantityValue(aggregate(spec, 'requests').memory ?? '0') ?? 0;
  const count = spec.containers.length + (spec.initContainers ?? []).length;
  return Math.trunc((ofPod - ofContainers) / count);
}
