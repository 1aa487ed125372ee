// An httpGet action -> the request it means, and the one that a redirect asks for (pkg/probe/http/request.go,
// net/http Client.do). Pure.
import type { V1HTTPGetAction, V1HTTPHeader } from '../../kubernetes/generated/shapes.ts';
import { endpointOf, joinHostPort, type Refused, type Target } from './target.ts';

export type HttpRequest = {
  /** As it stands in messages. */
  url: string;
  secure: boolean;
  host: string;
  port: number;
  /** Path and query as sent. */
  target: string;
  hostHeader: string;
  headers: V1HTTPHeader[];
};

/** Whose behaviour is followed. */
export const kubernetesVersion = '1.36';

/** NewRequestForHTTPGetAction; `purpose` is what its User-Agent says. */
export function httpRequestOf(
  action: V1HTTPGetAction,
  target: Target,
  purpose: 'probe' | 'lifecycle',
): HttpRequest | Refused {
  const endpoint = endpointOf(action, target);
  if ('refused' in endpoint) return endpoint;
  const secure = action.scheme?.toUpperCase() === 'HTTPS';
  const path = requestTarget(action.path ?? '');
  const url = `${secure ? 'https' : 'http'}://${joinHostPort(endpoint)}${path}`;
  if (!URL.canParse(url)) return { refused: `invalid URL ${JSON.stringify(url)}` };
  const given = action.httpHeaders ?? [];
  const hostHeader = headerValue(given, 'host') || joinHostPort(endpoint);
  return { url, secure, ...endpoint, target: path, hostHeader, headers: headersOf(given, purpose) };
}

/** formatURL: the path may be a whole URL, of which path and query count; one that is none is all path. */
function requestTarget(path: string): string {
  const [beforeQuery = ''] = path.split('?');
  const isNoUrl = /\p{Cc}/u.test(path) || /%(?![0-9a-f]{2})/i.test(beforeQuery);
  if (isNoUrl) return rooted(escaped(path.replace(/[%?#]/g, encodeURIComponent)));
  const [beforeFragment = ''] = path.split('#');
  return rooted(escaped(beforeFragment.replace(/^([a-z][a-z0-9+.-]*:)?\/\/(?!\/)[^/?]*/i, '')));
}

const rooted = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

/** What may not stand in a request line is sent percent-encoded; what is encoded already stays. */
const escaped = (path: string): string =>
  path.toWellFormed().replace(/[^!#-;=?-[\]_a-z~]/gu, encodeURIComponent);

const headerValue = (headers: V1HTTPHeader[], name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value;

/** Written from other parts of the request, whatever is given (net/http reqWriteExcludeHeader). */
const notForUs = ['host', 'content-length', 'transfer-encoding', 'trailer', 'connection'];

/** newProbeRequest: defaults for what is not given; one given as empty is not sent. */
function headersOf(given: V1HTTPHeader[], purpose: string): V1HTTPHeader[] {
  const defaults = { 'User-Agent': `kube-${purpose}/${kubernetesVersion}`, Accept: '*/*' };
  const dropped = [...notForUs];
  const added: V1HTTPHeader[] = [];
  for (const [name, value] of Object.entries(defaults)) {
    const own = headerValue(given, name.toLowerCase());
    if (own === undefined) added.push({ name, value });
    else if (own === '') dropped.push(name.toLowerCase());
  }
  return [...added, ...given.filter(({ name }) => !dropped.includes(name.toLowerCase()))];
}

/** Statuses that name another place (net/http redirectBehavior, for GET). */
const redirects = [301, 302, 303, 307, 308];

/**
 * The request that the answer redirects to; undefined if the answer stands for itself: it is no redirect, names no
 * place, or one on another host than the first request's (RedirectChecker).
 */
export function redirected(
  first: HttpRequest,
  request: HttpRequest,
  { status, location }: { status: number; location: string | undefined },
): HttpRequest | Refused | undefined {
  if (!redirects.includes(status) || !location) return undefined;
  if (!URL.canParse(location, request.url))
    return { refused: `failed to parse Location header ${JSON.stringify(location)}` };
  const to = new URL(location, request.url);
  if (to.hostname !== new URL(first.url).hostname) return undefined;
  if (!['http:', 'https:'].includes(to.protocol))
    return { refused: `unsupported protocol scheme ${JSON.stringify(to.protocol.slice(0, -1))}` };
  const secure = to.protocol === 'https:';
  const isRelative = !URL.canParse(location);
  const target = escaped(to.pathname + to.search);
  return {
    url: `${to.protocol}//${to.host}${target}`,
    secure,
    host: first.host,
    port: Number(to.port) || (secure ? 443 : 80),
    target,
    hostHeader: isRelative && first.hostHeader !== joinHostPort(first) ? first.hostHeader : to.host,
    headers: withReferer(first.headers, request, secure),
  };
}

/** refererForURL: not from https to http; one that was given stays. */
function withReferer(headers: V1HTTPHeader[], from: HttpRequest, secure: boolean): V1HTTPHeader[] {
  if (headerValue(headers, 'referer') !== undefined || (from.secure && !secure)) return headers;
  return [...headers, { name: 'Referer', value: from.url }];
}

/** The first header with a value that may not be sent (httpguts.ValidHeaderFieldValue), in net/http's words. */
export function invalidHeader({ headers, hostHeader }: HttpRequest): string | undefined {
  const isBad = (value: string) => /(?!\t)\p{Cc}/u.test(value);
  if (isBad(hostHeader)) return 'http: invalid Host header';
  const bad = headers.find(({ value }) => isBad(value));
  return bad && `net/http: invalid header field value for ${JSON.stringify(bad.name)}`;
}
