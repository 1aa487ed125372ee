// One request on a connection of its own -> its answer. No proxy, no keep-alive, no compression; certificates are not
// verified. All that was opened is handed to `opened`, which drops it.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Opened } from './around.ts';
import type { HttpRequest } from './http-request.ts';
import { headerBytesMax, networkError, plainHttpWords } from './network-words.ts';
import { joinHostPort } from './target.ts';

export type Answer = {
  status: number;
  location: string | undefined;
  /** Undefined: not announced. */
  contentLength: number | undefined;
  /** Once; as much as arrives, up to `bytesMax`. */
  readBody(bytesMax: number): Promise<Body>;
  drop(): void;
};

/** `broken`: it ended before its end, and why. */
export type Body = { text: string; broken?: string };

/** No answer, and why. `plainHttp`: HTTPS was asked for and HTTP answered. */
export type Lost = { lost: string; plainHttp: boolean };

export function exchange(request: HttpRequest, opened: Opened): Promise<Answer | Lost> {
  return new Promise((resolve) => {
    const socket = connect(request);
    const drop = () => socket.destroy();
    opened(drop);
    let trouble = 'EOF';
    const fail = (error: Error) => {
      trouble = networkError(error, joinHostPort(request));
      resolve({ lost: trouble, plainHttp: trouble === plainHttpWords });
    };
    const answer = (response: IncomingMessage, body: Answer['readBody']) =>
      resolve({
        status: response.statusCode ?? 0,
        location: response.headers.location,
        contentLength: Number(response.headers['content-length']) || undefined,
        readBody: body,
        drop,
      });
    socket.on('error', fail);
    // Not before: a request that waits for a handshake hides why that failed.
    socket.once(request.secure ? 'secureConnect' : 'connect', () => {
      const call = send(request, socket);
      call.on('error', fail);
      call.on('response', (response) => {
        // Before the body is read, and after, its errors have nobody to tell.
        response.on('error', () => undefined);
        const why = () => (trouble === 'EOF' ? 'unexpected EOF' : trouble);
        answer(response, (bytesMax) => new Promise((done) => readBody(response, bytesMax, why, done)));
      });
      // 101 is an answer as any other; what follows it is no body.
      call.on('upgrade', (response) => answer(response, () => Promise.resolve({ text: '' })));
    });
  });
}

function send(request: HttpRequest, socket: Socket): ClientRequest {
  const call = process.getBuiltinModule('node:http').request({
    createConnection: () => socket,
    path: request.target,
    headers: wireHeaders(request),
    maxHeaderSize: headerBytesMax,
    // What Go reads as well: lines that end in LF alone, both Content-Length and chunks.
    insecureHTTPParser: true,
  });
  call.end();
  return call;
}

function connect({ secure, host, port }: HttpRequest): Socket {
  const net = process.getBuiltinModule('node:net');
  if (!secure) return net.connect({ host, port });
  return process.getBuiltinModule('node:tls').connect({
    host,
    port,
    servername: net.isIP(host) ? '' : host,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // A short key is as good as any when nothing is verified.
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
}

/** Flat, so that repeated names are all sent; values as UTF-8, which Node takes as bytes only. */
const wireHeaders = ({ hostHeader, headers }: HttpRequest): string[] =>
  [{ name: 'Host', value: hostHeader }, ...headers].flatMap(({ name, value }) => [
    name,
    Buffer.from(value).toString('latin1'),
  ]);

function readBody(
  response: IncomingMessage,
  bytesMax: number,
  why: () => string,
  done: (body: Body) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const text = () => Buffer.concat(chunks).toString('utf8', 0, bytesMax);
  const broken = () => done({ text: text(), broken: why() });
  if (response.destroyed) return broken();
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < bytesMax) return;
    done({ text: text() });
    response.destroy();
  });
  response.on('end', () => done({ text: text() }));
  response.on('error', broken);
}
