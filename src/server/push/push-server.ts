// The endpoint that manifests are pushed to: HTTPS, for those alone who have a client certificate or a token. Who they are
// is settled before any of what they send is read. Main thread.
import { SSL_OP_NO_TICKET } from 'node:constants';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { RunOptions } from '../../config/options.ts';
import { manifestBytesMax } from '../../sources/directory/read-file.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Bounds, type Listening, listenWith } from '../listen.ts';
import { text } from '../routes.ts';
import type { Credentials } from './credentials.ts';
import { RefusalLog } from './refusal-log.ts';

export type PushServerOptions = Pick<
  RunOptions,
  'manifestPushAddress' | 'manifestPushPort' | 'tlsMinVersion'
> & {
  credentials: Credentials;
  /** For those that may push. */
  answer: RequestListener;
  clock: Clock;
  log: Log;
  /** What differs from other servers. */
  bounds?: Bounds;
};

const minVersions = { VersionTLS12: 'TLSv1.2', VersionTLS13: 'TLSv1.3' } as const;

/** Manifests may come over a slow line. */
const requestTimeout = 30_000;
const handshakeTimeout = 10_000;

/** Throws a StartupError. */
export function startPushServer(options: PushServerOptions): Promise<Listening> {
  const { manifestPushAddress: host, manifestPushPort: port } = options;
  return listenWith({ host, port, flag: '--manifest-push-port' }, (bounds) =>
    pushServer(options, { ...bounds, requestTimeout, ...options.bounds }),
  );
}

function pushServer(options: PushServerOptions, bounds: Bounds): Server {
  const { answer, credentials, clock, log } = options;
  const minVersion = minVersions[options.tlsMinVersion];
  const context = () => {
    const authorities = credentials.authorities();
    // Without tickets nobody goes on with a session of a certificate that is no longer accepted.
    const common = { ...credentials.identity(), minVersion, secureOptions: SSL_OP_NO_TICKET };
    return authorities === undefined ? common : { ...common, ca: authorities.pem };
  };
  let used = { identity: credentials.identity(), authorities: credentials.authorities() };
  const admission = new Admission(credentials);
  const refusals = new RefusalLog(clock, log);
  const refused = (request: IncomingMessage, response: ServerResponse): boolean => {
    const cause = admission.refusal(request);
    if (cause === undefined) return false;
    refusals.add(request.socket.remoteAddress, cause);
    response.setHeader('www-authenticate', 'Bearer realm="monopod"').setHeader('connection', 'close');
    text(response, 401, 'Unauthorized\n');
    return true;
  };
  const admitted: RequestListener = (request, response) => {
    if (request.method === 'PUT' || request.method === 'DELETE') {
      // Afterwards a client that has gone has no address.
      const asked = account(request);
      response.once('finish', () =>
        log.info('a push was answered', { ...asked, status: response.statusCode }),
      );
    }
    answer(request, response);
  };
  const server = createServer(
    {
      ...bounds,
      ...context(),
      handshakeTimeout,
      requestCert: used.authorities !== undefined,
      // Who has no certificate may have a token: 401 says more than an alert does.
      rejectUnauthorized: false,
    },
    (request, response) => {
      if (!refused(request, response)) admitted(request, response);
    },
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (refused(request, response)) return;
    if (Number(request.headers['content-length'] ?? 0) <= manifestBytesMax) response.writeContinue();
    admitted(request, response);
  });
  // Before the handshake begins: it is made with what the files say now.
  server.prependListener('connection', (socket: Socket) => {
    const [identity, authorities] = [credentials.identity(), credentials.authorities()];
    if (identity !== used.identity || authorities !== used.authorities) {
      server.setSecureContext(context());
      used = { identity, authorities };
    }
    admission.connected(socket);
  });
  return server;
}

/** Who may. */
class Admission {
  readonly #credentials: Credentials;
  /** With which authorities a connection was made, by the client's end of it. */
  readonly #generations = new Map<string, number>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  connected(socket: Socket): void {
    const generation = this.#credentials.authorities()?.generation;
    if (generation === undefined) return;
    const end = endOf(socket);
    this.#generations.set(end, generation);
    socket.once('close', () => this.#generations.delete(end));
  }

  /** Why it may not; never what it showed. Undefined: it may. */
  refusal({ socket, headers }: IncomingMessage): string | undefined {
    const authorities = this.#credentials.authorities();
    const tls = socket as TLSSocket;
    const isOfNow =
      authorities !== undefined && this.#generations.get(endOf(socket)) === authorities.generation;
    if (isOfNow && tls.authorized) return undefined;
    const token = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    if (token !== undefined && this.#credentials.acceptsToken(token)) return undefined;
    if (token !== undefined) return 'an unknown token';
    if (headers.authorization !== undefined) return 'an Authorization header without a bearer token';
    if (authorities === undefined || tls.getPeerCertificate().subject === undefined)
      return authorities === undefined ? 'no token' : 'neither a client certificate nor a token';
    return isOfNow
      ? `a client certificate that is not valid: ${tls.authorizationError}`
      : 'authorities that have changed';
  }
}

/** Who has done what: what a client shows is not told, but for the name in its certificate. */
const account = ({ method, url = '', socket }: IncomingMessage) => ({
  request: `${method} ${url.slice(0, 400)}`,
  client: socket.remoteAddress,
  certificate: nameOf(socket as TLSSocket),
});

function nameOf(socket: TLSSocket): string | undefined {
  const name = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
  return Array.isArray(name) ? name.join(' ') : name;
}

const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
