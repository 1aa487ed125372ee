// Values of flags: text in, value out; a bad one throws an Error that says what a good one looks like. Pure.
import { isIP, isIPv6, SocketAddress } from 'node:net';
import { resolve } from 'node:path';
import { parseDuration } from './duration.ts';

export function path(text: string): string {
  if (text === '') throw new Error('A path is needed.');
  return resolve(text);
}

/** Milliseconds, at least 1: less would be a busy loop. */
export function positiveDuration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new Error('A duration has a unit, as in 20s, 1m30s or 500ms.');
  if (durationMs < 1) throw new Error('It must be at least 1ms.');
  return durationMs;
}

function integer(text: string, max: number, what: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= max)) throw new Error(`${what} is a whole number from 0 to ${max}.`);
  return number;
}

export const port = (text: string): number => integer(text, 65_535, 'A port');

export const count = (text: string): number => integer(text, 2_147_483_647, 'It');

export function positiveCount(text: string): number {
  const number = count(text);
  if (number === 0) throw new Error('It must be at least 1.');
  return number;
}

export const percent = (text: string): number => integer(text, 100, 'A percentage');

export const integerOrBelow = (text: string): number => (/^-\d+$/.test(text) ? -1 : count(text));

/** Milliseconds, from 0 on. */
export const duration = (text: string): number => (parseDuration(text) === 0 ? 0 : positiveDuration(text));

/** The `=` of `-v=2` reaches us: for a short flag, commander takes what follows the letter. */
export const verbosity = (text: string): number => integer(text.replace(/^=/, ''), 10, 'The level');

export function ip(text: string): string {
  if (isIP(text) === 0) throw new Error('It must be an IP address, such as 127.0.0.1.');
  return text;
}

/** IPv6 in its short form, as Go prints it. */
const canonicalIp = (text: string): string =>
  isIPv6(ip(text.trim())) ? new SocketAddress({ address: text.trim(), family: 'ipv6' }).address : text.trim();

export const ipList = (text: string, before: unknown): string[] => list(text, before).map(canonicalIp);

/** nodeutil.ParseNodeIPs */
export function nodeIps(text: string): string[] {
  const ips = (text === '' ? [] : text.split(',')).map(canonicalIp);
  const [first, second] = ips;
  if (ips.length > 2 || (first !== undefined && second !== undefined && isIPv6(first) === isIPv6(second)))
    throw new Error('It must be a single IP address, or one of each family.');
  if (second !== undefined && ips.some((one) => one === '0.0.0.0' || one === '::'))
    throw new Error("One of two cannot be '0.0.0.0' or '::'.");
  return ips;
}

export const pathOrNone = (text: string): string => (text === '' ? '' : path(text));

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** '' for none. */
export function domain(text: string): string {
  if (text !== '' && (text.length > 253 || !subdomain.test(text)))
    throw new Error('It must be a domain, such as cluster.local.');
  return text;
}

/** Trimmed and in lower case, as the kubelet does (nodeutil.GetHostname); it becomes part of each Pod's name. */
export function nodeName(text: string): string {
  const name = text.trim().toLowerCase();
  if (name.length > 253 || !subdomain.test(name))
    throw new Error('A node name has letters, digits, - and . and begins and ends with a letter or digit.');
  return name;
}

/** A bare path is taken for a Unix socket, as the kubelet does. */
export function endpoint(text: string): string {
  if (text.startsWith('/')) return `unix://${text}`;
  if (/^unix:\/\/\/./.test(text)) return text;
  if (/^tcp:\/\/([\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}\/?$/.test(text)) return text;
  throw new Error('It must be unix:///path/to.sock or tcp://host:port.');
}

export function image(text: string): string {
  if (!/^\S+$/.test(text)) throw new Error('An image name is needed.');
  return text;
}

/** strconv.ParseBool. A flag that comes without a value is true by commander's doing. */
export function boolean(text: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw new Error('It must be true or false.');
}

/** As pflag's StringSlice; the flag may also be given again. */
export const list = (text: string, before: unknown): string[] => [
  ...(before as string[]),
  ...(text === '' ? [] : text.split(',')),
];

export function logFormat(text: string): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') throw new Error('It must be text or json.');
  return text;
}

/** cliflag.TLSVersion, but for what is older than OpenSSL still speaks. */
export function tlsVersion(text: string): 'VersionTLS12' | 'VersionTLS13' {
  if (text !== 'VersionTLS12' && text !== 'VersionTLS13')
    throw new Error('It must be VersionTLS12 or VersionTLS13: older ones are not safe.');
  return text;
}
