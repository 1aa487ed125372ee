// One request and its answer, or why there is none: through a proxy if need be, within limits of size and silence. The
// only place that knows Node's networking; it is loaded with the first request, as other sources' threads do without.
import type { IncomingMessage } from 'node:http';
import type { Clock, Timer } from '../../clock.ts';
import { explainNetwork } from './explain-network.ts';
import type { Environment } from './proxy.ts';

export type Tls = { ca?: string; cert?: string; key?: string };

export type Request = {
  /** Without user, password and fragment. */
  url: URL;
  headers: Record<string, string | string[]>;
  tls: Tls;
  env: Environment;
  clock: Clock;
  silenceMsMax: number;
  bytesMax: number;
  signal: AbortSignal;
};

/** The body is read of an answer with status 200 alone. */
export type Reply =
  | {
      kind: 'reply';
      status: number;
      /** Of the standard, not of the server. */
      statusText: string;
      headers: IncomingMessage['headers'];
      body: Buffer;
    }
  | { kind: 'failed'; reason: string };

const failed = (reason: string): Reply => ({ kind: 'failed', reason });

export async function request(asked: Request): Promise<Reply> {
  const { url, tls, env, clock, silenceMsMax, signal } = asked;
  const { proxyFor } = await import('./proxy.ts');
  const proxy = proxyFor(url, env);
  if (proxy && 'unsupported' in proxy) return failed(proxy.unsupported);
  const proxyEnv = proxy && { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  const connections: ReturnType<InstanceType<typeof import('node:http').Agent>['createConnection']>[] = [];
  let silence: Timer | undefined;
  const heard = () => {
    silence?.cancel();
    silence = clock.after(silenceMsMax, () =>
      stop.abort(new Error(`nothing was heard of it for ${silenceMsMax / 1000} s`)),
    );
  };
  try {
    signal.throwIfAborted();
    heard();
    const secure = url.protocol === 'https:';
    const { Agent, get } = secure ? await import('node:https') : await import('node:http');
    const agent = new Agent({ proxyEnv, ...(secure && tls) });
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      const connection = connect(...args);
      connections.push(connection);
      return connection;
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // The request itself does not settle as long as a proxy says nothing.
      stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
      get(url, { agent, headers: asked.headers, signal: stop.signal }, resolve).on('error', reject);
    });
    heard();
    return await read(response, asked, heard);
  } catch (error) {
    return failed(explainNetwork(stop.signal.aborted ? stop.signal.reason : error));
  } finally {
    for (const connection of connections) connection?.destroy();
    silence?.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

async function read(response: IncomingMessage, { bytesMax }: Request, heard: () => void): Promise<Reply> {
  const { statusCode: status = 0, headers } = response;
  const statusText = (await import('node:http')).STATUS_CODES[status] ?? '';
  // Without a listener, what happens to an answer that nobody reads would be an uncaught error.
  response.on('error', () => undefined);
  const reply = (body: Buffer): Reply => ({ kind: 'reply', status, statusText, headers, body });
  if (status !== 200) {
    response.destroy();
    return reply(Buffer.alloc(0));
  }
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(headers['content-length'] ?? 0) > bytesMax) length = Number.POSITIVE_INFINITY;
  else
    for await (const chunk of response as AsyncIterable<Buffer>) {
      heard();
      chunks.push(chunk);
      length += chunk.length;
      if (length > bytesMax) break;
    }
  if (length > bytesMax) {
    response.destroy();
    return failed(tooLarge(bytesMax));
  }
  return reply(Buffer.concat(chunks));
}

export const tooLarge = (bytesMax: number): string =>
  `its answer is larger than ${bytesMax / 1024 / 1024} MiB`;
