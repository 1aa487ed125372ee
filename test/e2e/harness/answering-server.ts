// A server that runs in a container (by the host's Node, see answering.ts): what it is asked it writes to a file, a JSON
// line each, and what it answers stands in files that a test may change at any time.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createGrpcServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';

export type Listens = { scheme: 'http' | 'https' | 'grpc'; port: number; host?: string };

export type ServerConfig = {
  /** Has `answers/`, and gets `asked`. */
  directory: string;
  listens: Listens[];
  /** On SIGTERM it ends at once, or once there is a file `open`. */
  gated: boolean;
  tls?: { key: string; cert: string };
};

/** One request, or (`closed`) the end of the connection of one that was not answered. */
export type Asked = {
  atMs: number;
  /** Of the server: another container, another number. */
  life: number;
  scheme: Listens['scheme'];
  /** Path without its first slash and its query; of gRPC the service asked for. */
  name: string;
  /** As it came: path with query. */
  url: string;
  /** Flat: name, value, name, value, … */
  headers: string[];
  gave: string;
  closed?: true;
};

if (import.meta.main) serve(JSON.parse(process.argv[2] ?? ''));

function serve({ directory, listens, gated, tls }: ServerConfig): void {
  const life = Date.now();
  const times = new Map<string, number>();
  const tell = (asked: Omit<Asked, 'atMs' | 'life'>) =>
    appendFileSync(join(directory, 'asked'), `${JSON.stringify({ atMs: Date.now(), life, ...asked })}\n`);

  /** Of several lines, one after the other, again and again. */
  const answerTo = (name: string): string => {
    const file = join(directory, 'answers', name.replaceAll('/', '_'));
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : ['200'];
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    return lines[time % lines.length] ?? '';
  };

  const onRequest = (scheme: 'http' | 'https') => (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '';
    const name = (url.split('?')[0] ?? '').slice(1);
    const gave = answerTo(name);
    const asked = { scheme, name, url, headers: request.rawHeaders, gave };
    tell(asked);
    if (gave === 'hang') return void request.socket.once('close', () => tell({ ...asked, closed: true }));
    const [status, ...rest] = gave.split(' ');
    response.statusCode = Number(status);
    if (status?.startsWith('30')) response.setHeader('Location', rest.join(' '));
    response.end(rest.join(' '));
  };

  const onStream = (stream: ServerHttp2Stream, headers: Record<string, unknown>) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      // Five bytes of frame, and if there is a name, its tag and length.
      const name = Buffer.concat(chunks).toString('utf8', 7);
      const gave = answerTo(`grpc-${name}`);
      const flat = Object.entries(headers).flatMap(([key, value]) => [key, String(value)]);
      tell({ scheme: 'grpc', name, url: String(headers[':path']), headers: flat, gave });
      answerGrpc(stream, gave);
    });
  };

  for (const { scheme, port, host = '0.0.0.0' } of listens) {
    if (scheme === 'grpc') createGrpcServer().on('stream', onStream).listen(port, host);
    else if (scheme === 'https') createTlsServer({ ...tls }, onRequest('https')).listen(port, host);
    else createServer(onRequest('http')).listen(port, host);
  }
  process.on('SIGTERM', () => {
    const end = () => (!gated || existsSync(join(directory, 'open')) ? process.exit(0) : undefined);
    end();
    setInterval(end, 50);
  });
}

/** `serving N`: the answer of the health service; `status N words`: an error of gRPC. */
function answerGrpc(stream: ServerHttp2Stream, gave: string): void {
  const [what, number = '1', ...words] = gave.split(' ');
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (what === 'status') {
    return stream.respond(
      { ...head, 'grpc-status': number, 'grpc-message': words.join(' ') },
      { endStream: true },
    );
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, Number(number)]));
}
