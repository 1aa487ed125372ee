// The addresses by which others reach this host (kubelet nodestatus.NodeAddress): what Pods show as hostIPs. On the main
// thread, once.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

type Address = { address: string; family: 'IPv4' | 'IPv6'; internal: boolean };
export type Interfaces = NodeJS.Dict<Address[]>;

/** Names of the interfaces that default routes lead through, the best first. */
export type DefaultRoutes = { IPv4: string[]; IPv6: string[] };

export type HostAddresses = {
  ips: string[];
  /** Why an address that `--node-ip` names may not be one by which others reach this host. */
  warnings: string[];
};

export const hostAddresses = (nodeIps: readonly string[]): HostAddresses =>
  chooseHostAddresses(nodeIps, networkInterfaces(), {
    IPv4: ipv4DefaultRoutes(routesIn('/proc/net/route')),
    IPv6: ipv6DefaultRoutes(routesIn('/proc/net/ipv6_route')),
  });

const unspecified = new Set(['0.0.0.0', '::']);

/**
 * `--node-ip` as it stands; without it (or with 0.0.0.0, or :: to prefer IPv6) one of each family: of the interface with
 * the default route (ChooseHostInterface), else of any that is not a bridge of containers. Pure.
 */
export function chooseHostAddresses(
  nodeIps: readonly string[],
  interfaces: Interfaces,
  routes: DefaultRoutes,
): HostAddresses {
  const [wanted] = nodeIps;
  if (wanted !== undefined && !unspecified.has(wanted))
    return { ips: [...nodeIps], warnings: nodeIps.flatMap((ip) => whyNot(ip, interfaces) ?? []) };
  const families = wanted === '::' ? (['IPv6', 'IPv4'] as const) : (['IPv4', 'IPv6'] as const);
  const ips = families
    .map((family) => addressOf(family, interfaces, routes[family]))
    .filter((ip) => ip !== undefined);
  return { ips: ips.length > 0 ? ips : [wanted === '::' ? '::1' : '127.0.0.1'], warnings: [] };
}

const linkLocal = /^(fe[89ab][\da-f]:|169\.254\.)/i;
const ofContainers = /^(docker|br-|veth|cni|virbr|flannel|cali)/;

function addressOf(family: Address['family'], interfaces: Interfaces, routed: string[]): string | undefined {
  const names = [...routed, ...Object.keys(interfaces).filter((name) => !ofContainers.test(name))];
  return names
    .flatMap((name) => interfaces[name] ?? [])
    .find((found) => found.family === family && !found.internal && !linkLocal.test(found.address))?.address;
}

/** validateNodeIP */
function whyNot(ip: string, interfaces: Interfaces): string | undefined {
  if (/^127\.|^::1$/.test(ip)) return "nodeIP can't be loopback address";
  if (/^(22[4-9]|23\d)\.|^ff/i.test(ip)) return "nodeIP can't be a multicast address";
  if (linkLocal.test(ip)) return "nodeIP can't be a link-local unicast address";
  const addresses = Object.values(interfaces).flatMap((found = []) => found.map(({ address }) => address));
  return addresses.includes(ip) ? undefined : `node IP: "${ip}" not found in the host's network interfaces`;
}

type Route = { name: string; metric: number };

const byMetric = (routes: Route[]): string[] =>
  routes.toSorted((a, b) => a.metric - b.metric).map(({ name }) => name);

/** Lines of /proc/net/route: interface, destination, gateway, flags, …, metric (7th), mask (8th), in hex but for the metric. */
export const ipv4DefaultRoutes = (lines: string[][]): string[] =>
  byMetric(
    lines
      .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
      .map(([name = '', , , , , , metric]) => ({ name, metric: Number(metric) })),
  );

/** Lines of /proc/net/ipv6_route: destination, its length, …, metric (6th), …, interface (10th). `lo` has the rejecting one. */
export const ipv6DefaultRoutes = (lines: string[][]): string[] =>
  byMetric(
    lines
      .filter(
        ([destination = '', length, , , , , , , , name]) =>
          /^0{32}$/.test(destination) && length === '00' && name !== 'lo',
      )
      .map(([, , , , , metric = '', , , , name = '']) => ({ name, metric: Number.parseInt(metric, 16) })),
  );

function routesIn(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  } catch {
    // A kernel without IPv6 has no such file.
    return [];
  }
}
