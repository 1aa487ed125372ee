// Paths to handlers, for node:http: 404 for other paths, 405 for other methods, and a handler that fails is a 500 that
// says no more than that.
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import findMyWay from 'find-my-way';
import { messageOf } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

export type Request = {
  /** Decoded parts of the path. */
  params: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  headers: IncomingHttpHeaders;
  /**
   * What the client sends along, if it is no more than `bytesMax`. Undefined: it is, and 413 has been answered; or the
   * client went away in the middle of it.
   */
  body(bytesMax: number): Promise<Buffer | undefined>;
  /** Ends with the client's connection. */
  response: ServerResponse;
};

export type Handler = (request: Request) => void | Promise<void>;

/** One handler alone is for GET (and HEAD, which is answered as GET is, without the body). */
export type Routes = Record<string, Handler | Partial<Record<Method, Handler>>>;

export function text(response: ServerResponse, status: number, body: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  send(response, status, headers, body);
}

export function json(response: ServerResponse, status: number, body: string): void {
  send(response, status, { 'content-type': 'application/json' }, body);
}

export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  const bytes = Buffer.from(body);
  // A HEAD has the length that the GET would have; node leaves out the body itself.
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}

const longestSegment = 1024;
const methods: Method[] = ['GET', 'PUT', 'POST', 'DELETE'];

/** `anyHost`: whatever name the client knows us by; for a server that asks who the client is. */
export function listener(routes: Routes, log: Log, { anyHost = false } = {}): RequestListener {
  const router = findMyWay<findMyWay.HTTPVersion.V1>({
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    maxParamLength: longestSegment,
    defaultRoute: ({ url = '' }, response) => {
      const path = url.split('?', 1)[0] ?? '';
      const allowed = methods.filter((method) => router.find(method, path) !== null).flatMap(withHead);
      if (allowed.length === 0) text(response, 404, 'not found\n');
      else text(response.setHeader('allow', allowed.join(', ')), 405, 'method not allowed\n');
    },
    onBadUrl: (_path, _request, response) => text(response, 400, 'malformed path\n'),
  });
  const answer = async (request: IncomingMessage, response: ServerResponse, handle: () => unknown) => {
    try {
      await handle();
    } catch (error) {
      log.error('cannot answer a request', { path: request.url, cause: messageOf(error) });
      if (response.headersSent) response.destroy();
      else text(response, 500, 'internal error\n');
    }
  };
  for (const [path, route] of Object.entries(routes)) {
    const handlers = Object.entries(typeof route === 'function' ? { GET: route } : route) as [
      Method,
      Handler,
    ][];
    for (const [method, handle] of handlers)
      router.on(withHead(method), path, (request, response, params, _store, query) => {
        let isRead = false;
        const body = (bytesMax: number) => {
          isRead = true;
          return bodyOf(request, response, bytesMax);
        };
        void answer(request, response, () =>
          handle({ params, query: query as Request['query'], headers: request.headers, body, response }),
        );
        if (!isRead) request.resume();
      });
  }
  return (request, response) => {
    // What a client sends along and nobody wants is read away, and the connection closed after the answer.
    if (hasBody(request)) response.setHeader('connection', 'close');
    if (anyHost || ofThisMachine(request.headers.host)) router.lookup(request, response);
    else text(response, 403, 'the host name is not of this machine\n');
    if (response.headersSent) request.resume();
  };
}

const withHead = (method: Method): ('HEAD' | Method)[] => (method === 'GET' ? ['GET', 'HEAD'] : [method]);

async function bodyOf(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const tooLarge = () => {
    text(response, 413, `more than ${bytesMax} bytes\n`);
    request.resume();
    return undefined;
  };
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > bytesMax) return tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (request.complete) throw error;
    return undefined;
  }
  // It was read to its end: the connection may go on.
  response.removeHeader('connection');
  return Buffer.concat(chunks);
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * A web page that a browser on this machine shows can give its own host name the address 127.0.0.1 and then read what
 * we serve: its requests carry that name. Addresses and localhost cannot be given away.
 */
function ofThisMachine(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}
