// The addresses that a Pod shows (kubelet generateAPIPodStatus, sortPodIPs). Pure.
import type { Pod } from './pod.ts';

const isV6 = (ip: string) => ip.includes(':');

/**
 * In the host's network the host's first address, and its second if that is of the other family; else one of each family
 * of the sandbox's own, that of the host's first address first.
 */
export function podIpsOf({ spec }: Pod, ofSandbox: readonly string[], hostIps: readonly string[]): string[] {
  const [primary] = hostIps;
  const prefersV6 = primary !== undefined && isV6(primary);
  if (spec?.hostNetwork) {
    const [second] = hostIps.slice(1, 2);
    if (primary === undefined) return [];
    return second !== undefined && isV6(second) !== prefersV6 ? [primary, second] : [primary];
  }
  const first = (ofV6: boolean) => ofSandbox.find((ip) => isV6(ip) === ofV6);
  return [first(prefersV6), first(!prefersV6)].filter((ip) => ip !== undefined);
}
