// Which proxy a URL is asked through, by the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go's httpproxy package,
// and so the kubelet, reads them. Pure.
import { BlockList, isIP } from 'node:net';
import { loopback } from '../../config/loopback.ts';

export type Environment = Record<string, string | undefined>;

/** Undefined: none. `unsupported`: it cannot be used, and going around it would be worse. */
export type Proxy = { url: string } | { unsupported: string } | undefined;

export function proxyFor(url: URL, env: Environment): Proxy {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const written = either(env, name);
  if (written === '' || !isForProxy(url, either(env, 'NO_PROXY'))) return undefined;
  const proxy = URL.parse(written.includes('://') ? written : `http://${written}`);
  if (!proxy || proxy.hostname === '') return { unsupported: `the variable ${name} is no URL` };
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')
    return {
      unsupported: `the variable ${name} names a ${proxy.protocol}// proxy: only http:// and https:// are`,
    };
  return { url: proxy.href };
}

const either = (env: Environment, name: string): string => env[name] || env[name.toLowerCase()] || '';

function isForProxy(url: URL, noProxy: string): boolean {
  const host = bare(url.hostname).replace(/\.$/, '').toLowerCase();
  if (host === 'localhost' || (isIP(host) !== 0 && loopback(host))) return false;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return !noProxy.split(',').some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** `*`, an address, a range of them (CIDR), a domain with all below it, `.domain` for those below alone; each `:port`. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const range = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (range) return isIP(host) !== 0 && inRange(host, range[1] ?? '', Number(range[2]));
  const [, name = entry, onlyPort] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  const wanted = bare(name);
  if (isIP(wanted) !== 0 || isIP(host) !== 0) return wanted === host;
  const below = wanted.replace(/^\*\./, '.');
  return below.startsWith('.') ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
}

function inRange(host: string, net: string, prefix: number): boolean {
  const family = isIP(net);
  if (family === 0 || family !== isIP(host) || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(net, prefix, type);
  return list.check(host, type);
}
