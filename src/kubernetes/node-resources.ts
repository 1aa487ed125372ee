// What a node has, and what of it Pods may have: resource lists as Kubernetes writes them. Pure.
import { addQuantities, parseQuantity, type Quantity, quantitySign, quantityText } from './quantity.ts';

/** Resource name to quantity: `{ cpu: '2', memory: '16308984Ki', … }`. */
export type ResourceList = Record<string, string>;

/** Node status' `capacity` and `allocatable` (kubelet nodestatus.MachineInfo). */
export type NodeResources = { capacity: ResourceList; allocatable: ResourceList };

/** What is kept from Pods. `evictionHard`: signal to threshold, `memory.available` to `100Mi` or `5%`. */
export type Reservations = {
  systemReserved: ResourceList;
  kubeReserved: ResourceList;
  evictionHard: Record<string, string>;
};

/** Of the hard eviction thresholds those that stand for a resource (hardEvictionReservation). */
const evictionSignals: Record<string, string> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
};

/** Capacity less what is reserved and never below zero; huge pages are memory that nobody else can have. */
export function withAllocatable(capacity: ResourceList, reservations: Reservations): NodeResources {
  const { systemReserved, kubeReserved, evictionHard } = reservations;
  const allocatable: ResourceList = {};
  for (const [resource, quantity] of Object.entries(capacity)) {
    const reserved = [
      systemReserved[resource],
      kubeReserved[resource],
      evictionReservation(resource, quantity, evictionHard),
    ];
    allocatable[resource] = reserved.reduce<string>(less, quantity);
  }
  for (const [resource, quantity] of Object.entries(capacity))
    if (resource.startsWith('hugepages-') && allocatable.memory !== undefined)
      allocatable.memory = less(allocatable.memory, quantity);
  return { capacity, allocatable };
}

/** Bytes as the API writes them: `16308984Ki`. */
export const bytesText = (bytes: number): string =>
  quantityText({ unscaled: BigInt(bytes), scale: 0, format: 'BinarySI' });

/** 0 at the least. */
function less(quantity: string, reserved: string | undefined): string {
  const minus = reserved === undefined ? undefined : parseQuantity(reserved);
  const from = parseQuantity(quantity);
  if (!minus || !from || quantitySign(minus) === 0) return quantity;
  const rest: Quantity = addQuantities(from, { ...minus, unscaled: -minus.unscaled, text: undefined });
  return quantitySign(rest) < 0 ? '0' : quantityText(rest);
}

function evictionReservation(
  resource: string,
  capacity: string,
  evictionHard: Record<string, string>,
): string | undefined {
  const signal = Object.keys(evictionSignals).find((name) => evictionSignals[name] === resource);
  const threshold = signal && evictionHard[signal];
  if (!threshold?.endsWith('%')) return threshold;
  // evictionapi.GetThresholdQuantity: a percentage is a float32 there, and so it is not quite what was written.
  const share = Math.fround(Math.fround(Number(threshold.slice(0, -1))) / 100);
  const quantity = parseQuantity(capacity);
  if (!quantity) return undefined;
  const whole = Number(quantity.unscaled) * 10 ** quantity.scale;
  return bytesText(Math.trunc(whole * share));
}
