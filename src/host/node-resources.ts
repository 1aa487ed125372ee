// The host's own figures -> what the node has (kubelet cadvisor.CapacityFromMachineInfo).
import { availableParallelism, totalmem } from 'node:os';
import type { NodeResources } from '../kubernetes/node-resources.ts';

export function nodeResources(maxPods: number): NodeResources {
  const capacity = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(maxPods),
  };
  return { capacity, allocatable: capacity };
}
