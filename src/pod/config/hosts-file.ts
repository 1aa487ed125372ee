// A Pod's /etc/hosts (kubelet managedHostsFileContent, nodeHostsFileContent). Pure.
import type { Pod } from '../../kubernetes/pod.ts';
import type { HostName } from './host-name.ts';

/** The one that a Pod in a network of its own has; without `ips` while nobody knows them yet. */
export function managedHosts({ spec }: Pod, { name, domain }: HostName, ips: readonly string[]): string {
  const names = domain === '' ? name : `${name}.${domain}\t${name}`;
  return [
    '# Kubernetes-managed hosts file.\n',
    ...standardEntries,
    ...ips.map((ip) => `${ip}\t${names}\n`),
    aliases(spec),
  ].join('');
}

/** In the host's network: the host's own file, with the Pod's aliases. */
export const nodeHosts = ({ spec }: Pod, ofNode: string): string =>
  `# Kubernetes-managed hosts file (host network).\n${ofNode}${aliases(spec)}`;

/** The kubelet's, to the letter: `fe00::0` twice as well. */
const standardEntries = [
  '127.0.0.1\tlocalhost\n',
  '::1\tlocalhost ip6-localhost ip6-loopback\n',
  'fe00::0\tip6-localnet\n',
  'fe00::0\tip6-mcastprefix\n',
  'fe00::1\tip6-allnodes\n',
  'fe00::2\tip6-allrouters\n',
];

/** hostsEntriesFromHostAliases */
function aliases(spec: Pod['spec']): string {
  const { hostAliases = [] } = spec ?? {};
  if (hostAliases.length === 0) return '';
  const lines = hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
