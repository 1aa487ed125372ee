// Which DNS a Pod's containers ask, by its policy and its own config (kubelet network/dns Configurer.GetPodDNS). Pure:
// the node's resolv.conf was read before.
import type { Pod } from '../../kubernetes/pod.ts';
import type { DnsConfig } from './resolv-conf.ts';

/** What the node has been told of DNS: `--cluster-dns`, `--cluster-domain`, and `--resolv-conf`, as it is now. */
export type NodeDns = {
  clusterDns: string[];
  /** '' for none. */
  clusterDomain: string;
  /** Undefined where `--resolv-conf` is empty. */
  ofNode: DnsConfig | undefined;
  hostIps: string[];
};

/** `warnings`: the kubelet's events, in its words. */
type PodDns = { config: DnsConfig; warnings: { reason: string; message: string }[] };

const serversMax = 3;
const searchesMax = 32;
const searchLengthMax = 253;
const searchListLengthMax = 2048;

export function podDns(pod: Pod, node: NodeDns): PodDns {
  const warnings: PodDns['warnings'] = [];
  const base = baseOf(pod, node, warnings);
  const { nameservers = [], searches = [], options = [] } = pod.spec?.dnsConfig ?? {};
  const merged = pod.spec?.dnsConfig
    ? {
        servers: unique([...base.servers, ...nameservers]),
        searches: unique([...base.searches, ...searches]),
        options: mergedOptions(base.options, options),
      }
    : base;
  const config = {
    servers: fittingServers(merged.servers, warnings),
    searches: fittingSearches(merged.searches, warnings),
    options: merged.options,
  };
  return { config, warnings };
}

/** getPodDNSType: in the host's network there is no way to the cluster's Services but by asking for it. */
function isOfCluster({ spec }: Pod): boolean {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = spec ?? {};
  return dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
}

function baseOf(pod: Pod, node: NodeDns, warnings: PodDns['warnings']): DnsConfig {
  if (pod.spec?.dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  const ofNode = node.ofNode ?? { servers: [], searches: [], options: [] };
  if (isOfCluster(pod)) {
    if (node.clusterDns.length > 0)
      return {
        servers: node.clusterDns,
        searches: clusterSearches(pod, node.clusterDomain, ofNode.searches),
        options: ['ndots:5'],
      };
    // `ClusterFirst` is what a Pod has that says nothing: on a node without a cluster there is nothing to warn of.
    if (pod.spec?.dnsPolicy === 'ClusterFirstWithHostNet')
      warnings.push({
        reason: 'MissingClusterDNS',
        message:
          'monopod does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirstWithHostNet" policy. Falling back to "Default" policy.',
      });
  }
  return node.ofNode ?? noDns(node.hostIps);
}

/** Without a resolv.conf there is to be no DNS, and a file without a server would mean the local machine: so it is said. */
function noDns(hostIps: string[]): DnsConfig {
  const local = hostIps.map((ip) => (ip.includes(':') ? '::1' : '127.0.0.1'));
  return { servers: local.length > 0 ? local : ['127.0.0.1'], searches: ['.'], options: [] };
}

/** generateSearchesForDNSClusterFirst */
function clusterSearches({ metadata }: Pod, domain: string, ofNode: string[]): string[] {
  if (domain === '') return ofNode;
  return unique([`${metadata?.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...ofNode]);
}

/** mergeDNSOptions: a later one of the same name wins. In the order in which they come; the kubelet's is random. */
function mergedOptions(base: string[], own: { name?: string; value?: string }[]): string[] {
  const values = new Map<string, string>();
  for (const option of base) {
    const [, name = '', value = ''] = /^([^:]*):?(.*)$/s.exec(option) ?? [];
    values.set(name, value);
  }
  for (const { name = '', value = '' } of own) values.set(name, value);
  return [...values].map(([name, value]) => (value === '' ? name : `${name}:${value}`));
}

/** formDNSNameserversFitsLimits */
function fittingServers(servers: string[], warnings: PodDns['warnings']): string[] {
  if (servers.length <= serversMax) return servers;
  const applied = servers.slice(0, serversMax);
  warnings.push({
    reason: 'DNSConfigForming',
    message: `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${applied.join(' ')}`,
  });
  return applied;
}

/** formDNSSearchFitsLimits: the first 32, of those what a resolver can bear, of those as many as fit on the line. */
function fittingSearches(searches: string[], warnings: PodDns['warnings']): string[] {
  const applied = searches.slice(0, searchesMax).filter(({ length }) => length <= searchLengthMax);
  while (applied.join(' ').length > searchListLengthMax) applied.pop();
  if (applied.length < searches.length)
    warnings.push({
      reason: 'DNSConfigForming',
      message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${applied.join(' ')}`,
    });
  return applied;
}

const unique = (words: string[]): string[] => [...new Set(words)];
