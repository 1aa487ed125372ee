// Paths to handlers, for node:http: GET and HEAD only, 404 for other paths, 405 for other methods, and a handler that
// fails is a 500 that says no more than that.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import findMyWay from 'find-my-way';
import { messageOf } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';

export type Request = {
  /** Decoded parts of the path. */
  params: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Ends with the client's connection. */
  response: ServerResponse;
};

export type Routes = Record<string, (request: Request) => void>;

export function text(response: ServerResponse, status: number, body: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  send(response, status, headers, body);
}

export function json(response: ServerResponse, status: number, body: string): void {
  send(response, status, { 'content-type': 'application/json' }, body);
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  const bytes = Buffer.from(body);
  // A HEAD has the length that the GET would have; node leaves out the body itself.
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}

const longestSegment = 1024;

export function listener(routes: Routes, log: Log): RequestListener {
  const router = findMyWay<findMyWay.HTTPVersion.V1>({
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    maxParamLength: longestSegment,
    defaultRoute: (_request, response) => text(response, 404, 'not found\n'),
    onBadUrl: (_path, _request, response) => text(response, 400, 'malformed path\n'),
  });
  for (const [path, handle] of Object.entries(routes))
    router.on(['GET', 'HEAD'], path, (_request, response, params, _store, query) =>
      handle({ params, query: query as Request['query'], response }),
    );
  return (request, response) => {
    // What a client sends along is of no use here: it is read away, and the connection closed after the answer.
    if (hasBody(request)) response.setHeader('connection', 'close');
    request.resume();
    try {
      if (!ofThisMachine(request.headers.host)) text(response, 403, 'the host name is not of this machine\n');
      else if (request.method === 'GET' || request.method === 'HEAD' || !known(router, request.url))
        router.lookup(request, response);
      else text(response.setHeader('allow', 'GET, HEAD'), 405, 'method not allowed\n');
    } catch (error) {
      log.error('cannot answer a request', { path: request.url, cause: messageOf(error) });
      if (response.headersSent) response.destroy();
      else text(response, 500, 'internal error\n');
    }
  };
}

const known = (router: findMyWay.Instance<findMyWay.HTTPVersion.V1>, url = '') =>
  router.find('GET', url.split('?', 1)[0] ?? '') !== null;

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
