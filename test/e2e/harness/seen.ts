// What a person reads of a Pod: one container's status in /pods, and a line of `monopod get pods`.
import type { ContainerStatus, Pod } from '../../../src/kubernetes/pod.ts';
import type { TestNode } from './node.ts';
import { until } from './until.ts';

/** Init containers and main ones alike. */
export function statusOf({ status }: Pod, name: string): ContainerStatus {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`no status of container ${name}: ${JSON.stringify(status)}`);
  return found;
}

export const waitingFor = (pod: Pod, name: string): string | undefined =>
  statusOf(pod, name).state?.waiting?.reason;

export const conditionOf = ({ status }: Pod, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

export type Printed = { ready?: string; status?: string; restarts?: string };

export async function printed(node: TestNode, name: string): Promise<Printed> {
  const { stdout } = await node.cli('get', 'pods');
  const line = stdout.split('\n').find((text) => text.startsWith(`${name}-${node.name} `));
  const [, ready, status, restarts] = line?.split(/\s+/) ?? [];
  return { ready, status, restarts };
}

/** Waits until `get pods` has this under STATUS. */
export async function prints(node: TestNode, name: string, status: string): Promise<Printed> {
  let last: Printed = {};
  return until(
    `get pods prints ${status} for ${name}`,
    async () => {
      last = await printed(node, name);
      return last.status === status && last;
    },
    { seen: () => last },
  );
}
