// resolv.conf as text, and what it says (kubelet parseResolvConf; containerd's parseDNSOptions for the way back). Pure.

export type DnsConfig = { servers: string[]; searches: string[]; options: string[] };

/** Go's strings.Fields, of bytes. */
const fieldsOf = (line: string): string[] => line.split(/[ \t\v\f\r]+/).filter((field) => field !== '');

/** Of several `search` or `options` lines the last one holds. `problem` as the kubelet words it. */
export function parseResolvConf(text: string): { config: DnsConfig } | { problem: string } {
  const config: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = fieldsOf(line);
    // A comment begins with `#`, and no keyword does.
    if (keyword === 'nameserver') {
      const [server] = values;
      if (server === undefined) return { problem: 'nameserver list is empty ' };
      config.servers.push(server);
    }
    // With and without the dot at its end it is the same domain; a dot alone is the root.
    if (keyword === 'search')
      config.searches = values.map((domain) => (domain === '.' ? domain : domain.replace(/\.$/, '')));
    if (keyword === 'options') config.options = values;
  }
  return { config };
}

export function resolvConfText({ servers, searches, options }: DnsConfig): string {
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
