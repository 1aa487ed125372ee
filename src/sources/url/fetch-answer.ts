// Asks the URL for its Pods: follows redirects, decompresses, and says what came of it. An answer is whole, or it is a
// failure with a reason for a person.
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { explainNetwork } from './explain-network.ts';
import type { Environment } from './proxy.ts';
import { publicUrl, withoutQuery } from './public-url.ts';
import { type Reply, request, type Tls, tooLarge } from './request.ts';

export type Question = {
  /** May hold a user and password. */
  url: string;
  headers: Record<string, string[]>;
  /** Of the answer that is known: it need not be sent again. */
  validators?: Validators;
  tls: Tls;
  env: Environment;
  clock: Clock;
  signal: AbortSignal;
};

/** `from`: the URL that gave them. To another, to which it redirects now, they mean nothing. */
export type Validators = { from?: string; etag?: string; lastModified?: string };

export type Limits = { bytes: number; wholeMs: number; silenceMs: number; redirects: number };

export type Answer =
  | { kind: 'body'; bytes: Buffer; validators: Validators }
  /** It is as `validators` say. */
  | { kind: 'unchanged' }
  | { kind: 'failed'; reason: string };

/** As many bytes as the kubelet reads; it gives up after 10 s of all, which is short for a slow network. */
export const defaultLimits: Limits = {
  bytes: 10 * 1024 * 1024,
  wholeMs: 30_000,
  silenceMs: 10_000,
  redirects: 10,
};

/** What was modified so shortly before the answer may be once more within that second, and look the same. */
const freshMs = 2_000;

const redirects = new Set([301, 302, 303, 307, 308]);

export async function fetchAnswer(question: Question, limits: Limits): Promise<Answer> {
  const { clock, signal } = question;
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  const tooLong = new Error(`its answer is not complete after ${limits.wholeMs / 1000} s`);
  const whole = clock.after(limits.wholeMs, () => stop.abort(tooLong));
  try {
    return await follow({ ...question, signal: stop.signal }, limits);
  } catch (error) {
    return { kind: 'failed', reason: explainNetwork(error) };
  } finally {
    whole.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

async function follow(question: Question, limits: Limits): Promise<Answer> {
  const first = new URL(publicUrl(question.url));
  let url = first;
  for (let redirected = 0; ; redirected++) {
    const via = url === first ? '' : ` (at ${withoutQuery(url)}, to which it redirects)`;
    const failed = (reason: string): Answer => ({ kind: 'failed', reason: `${reason}${via}` });
    const validators = question.validators?.from === url.href ? question.validators : {};
    const reply = await ask(url, trusts(first, url), { ...question, validators }, limits);
    if (reply.kind === 'failed') return failed(reply.reason);
    const { location = '' } = reply.headers;
    if (!redirects.has(reply.status) || location === '') {
      const answer = await understand(reply, { from: url.href, validators }, limits);
      return answer.kind === 'failed' ? failed(answer.reason) : answer;
    }
    if (redirected === limits.redirects) return failed(`it redirects more than ${limits.redirects} times`);
    const next = URL.parse(location, url);
    if (!next || !/^https?:$/.test(next.protocol)) return failed('it redirects to what is no http(s) URL');
    if (url.protocol === 'https:' && next.protocol === 'http:')
      return failed('it redirects from https to http, which is not followed');
    url = new URL(publicUrl(next.href));
  }
}

/** May it see what is secret? The very host, or the same in a safer way. */
const trusts = (first: URL, url: URL): boolean =>
  url.origin === first.origin ||
  (first.protocol === 'http:' && first.port === '' && url.origin === `https://${first.hostname}`);

function ask(url: URL, trusted: boolean, question: Question, limits: Limits): Promise<Reply> {
  const { headers, validators = {}, tls, env, clock, signal } = question;
  return request({
    url,
    headers: {
      accept: 'application/yaml, application/json;q=0.9, */*;q=0.8',
      'accept-encoding': 'gzip',
      'user-agent': 'monopod',
      ...(validators.etag && { 'if-none-match': validators.etag }),
      ...(validators.lastModified && { 'if-modified-since': validators.lastModified }),
      ...(trusted && { ...basicAuthorization(question.url), ...lowerCase(headers) }),
    },
    tls: trusted ? tls : { ca: tls.ca },
    env,
    clock,
    silenceMsMax: limits.silenceMs,
    bytesMax: limits.bytes,
    signal,
  });
}

/** So that one that is given takes the place of one of ours. */
function lowerCase(headers: Record<string, string[]>): Record<string, string[]> {
  const lower: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(headers))
    lower[name.toLowerCase()] = [...(lower[name.toLowerCase()] ?? []), ...values];
  return lower;
}

function basicAuthorization(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return {};
  const credentials = [username, password].map(decoded).join(':');
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function understand(
  { status, statusText, headers, body }: Extract<Reply, { kind: 'reply' }>,
  { from, validators }: { from: string; validators: Validators },
  limits: Limits,
): Promise<Answer> {
  if (status === 304 && (validators.etag || validators.lastModified)) return { kind: 'unchanged' };
  if (status !== 200) return { kind: 'failed', reason: `it answers ${status} ${statusText}`.trimEnd() };
  const unpacked = await unpack(body, headers['content-encoding'] ?? '', limits.bytes);
  if (typeof unpacked === 'string') return { kind: 'failed', reason: unpacked };
  if (unpacked.length === 0) return { kind: 'failed', reason: 'its answer is empty' };
  return { kind: 'body', bytes: unpacked, validators: { from, ...validatorsOf(headers) } };
}

/** Servers make an ETag of the second of the change as well: neither is taken while it is fresh. */
function validatorsOf({
  etag,
  date = '',
  'last-modified': lastModified = '',
}: IncomingHttpHeaders): Omit<Validators, 'from'> {
  const ageMs = Date.parse(date) - Date.parse(lastModified);
  if (ageMs < freshMs) return {};
  return Number.isNaN(ageMs) ? { etag } : { etag, lastModified };
}

/** A text is what is wrong. */
async function unpack(body: Buffer, encoding: string, bytesMax: number): Promise<Buffer | string> {
  if (encoding === '' || encoding === 'identity') return body;
  if (!/^(x-)?gzip$/i.test(encoding)) return 'its answer is compressed in a way that was not asked for';
  const { gunzip } = await import('node:zlib');
  try {
    return await promisify(gunzip)(body, { maxOutputLength: bytesMax });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(bytesMax)
      : `its answer is damaged: gzip says "${messageOf(error)}"`;
  }
}
