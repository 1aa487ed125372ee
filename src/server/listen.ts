// One HTTP server on a port or a Unix socket, with bounds on what a client can hold. Failures to bind are StartupErrors.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { ListenOptions } from 'node:net';
import { StartupError, systemReason } from '../config/startup-error.ts';

export type Listening = {
  /** 0 for a socket. */
  port: number;
  close(): Promise<void>;
};

export type Bounds = {
  headersTimeout?: number;
  requestTimeout?: number;
  keepAliveTimeout?: number;
  connectionsCheckingInterval?: number;
};

const requestBounds: Bounds = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 10_000,
};

/** How long a connection may go without a byte either way: longer than any request may take, which is answered (408). */
const idleTimeoutMs = 45_000;
const connectionsMax = 128;

/** `flag` is named when the port cannot be had. */
export type Where = { host: string; port: number; flag: string };

export const listenOnPort = (where: Where, handle: RequestListener): Promise<Listening> =>
  listenWith(where, (bounds) => createServer(bounds, handle));

/** With a server of the caller's making. */
export async function listenWith(
  { host, port, flag }: Where,
  make: (bounds: Bounds) => Server | HttpsServer,
): Promise<Listening> {
  const server = bounded(make(requestBounds));
  await bind(server, { host, port, exclusive: true }, (error) => {
    const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const advice =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? `; choose another ${flag}, or 0 for none` : '';
    return `${flag}: cannot listen on ${where}: ${systemReason(error)}${advice}`;
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => close(server),
  };
}

/** Takes the path over from a monopod that crashed: whoever calls holds the lock of the root directory. */
export async function listenOnSocket(path: string, handle: RequestListener): Promise<Listening> {
  rmSync(path, { force: true });
  const server = bounded(createServer(requestBounds, handle));
  // The socket's file is made, by bind(2), before listen() returns: there is no moment in which others may open it.
  const before = process.umask(0o177);
  let bound: Promise<void>;
  try {
    bound = bind(server, { path }, (error) => `cannot listen on ${path}: ${systemReason(error)}`);
  } finally {
    process.umask(before);
  }
  await bound;
  return { port: 0, close: () => close(server) };
}

function bounded<S extends Server | HttpsServer>(server: S): S {
  server.maxConnections = connectionsMax;
  server.timeout = idleTimeoutMs;
  return server;
}

async function bind(
  server: Server | HttpsServer,
  where: ListenOptions,
  explain: (error: unknown) => string,
): Promise<void> {
  server.listen(where);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartupError(explain(error), { cause: error });
  }
  // Later errors (too many open files) concern one connection that was not taken, not the server.
  server.on('error', () => undefined);
}

/** Ends open requests, those of watchers too. */
async function close(server: Server | HttpsServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
