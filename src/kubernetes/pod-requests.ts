// What a Pod asks of its node: resources as whole numbers, and host ports. Pure.
import { aggregate, isPodLevelResource } from './default-resources.ts';
import type { Pod } from './pod.ts';
import { addQuantities, quantityMilliValue, quantityText, quantityValue } from './quantity.ts';

/** Resource name to amount: cpu in thousandths, everything else in whole units (scheduler framework.Resource). */
export type Amounts = Record<string, number>;

export type HostPort = { ip: string; protocol: string; port: number };

/** Who waits is asked about with every Pod that comes or goes: what does not change is worked out once. */
const known = new WeakMap<object, Amounts>();

/** resourcehelper.PodRequests: what the containers need at once, what the Pod itself says instead, and its overhead. */
export function podRequests(pod: Pod): Amounts {
  const requests = known.get(pod) ?? sumOf(pod);
  known.set(pod, requests);
  return requests;
}

function sumOf({ spec }: Pod): Amounts {
  if (!spec) return {};
  const requests: Record<string, string> = { ...aggregate(spec, 'requests') };
  for (const [name, quantity] of Object.entries(spec.resources?.requests ?? {}))
    if (isPodLevelResource(name)) requests[name] = quantity;
  for (const [name, quantity] of Object.entries(spec.overhead ?? {}))
    requests[name] = quantityText(addQuantities(requests[name] ?? '0', quantity));
  return amountsOf(requests);
}

export function amountsOf(list: Record<string, string>): Amounts {
  const amounts =
    known.get(list) ??
    Object.fromEntries(Object.entries(list).map(([name, quantity]) => [name, amountOf(name, quantity)]));
  known.set(list, amounts);
  return amounts;
}

const amountOf = (name: string, quantity: string): number =>
  (name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)) ?? 0;

/** Ports that ask for one of the host, of all that runs beside each other: an ordinary init container has none by then. */
export function publishedPorts({ spec }: Pod) {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...(spec?.containers ?? [])]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, ...port }) => (hostPort ? [{ ...port, hostPort }] : []));
}

/** schedutil.GetHostPorts */
export const hostPortsOf = (pod: Pod): HostPort[] =>
  publishedPorts(pod).map(({ hostPort, hostIP, protocol }) => ({
    ip: hostIP || anyIp,
    protocol: protocol || 'TCP',
    port: hostPort,
  }));

export const anyIp = '0.0.0.0';
