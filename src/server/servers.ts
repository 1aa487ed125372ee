// All servers of a running monopod: read-only port, health port, push port, and the socket of the command line. Main thread.
import { loopback } from '../config/loopback.ts';
import type { RunOptions } from '../config/options.ts';
import { socketPath } from '../config/root-directory.ts';
import { invariant } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { commandRoutes, healthRoutes, readOnlyRoutes } from './endpoints.ts';
import { type Listening, listenOnPort, listenOnSocket } from './listen.ts';
import type { NodeOrders } from './node-orders.ts';
import type { NodeView } from './node-view.ts';
import { type PushedManifests, pushRoutes } from './push/push-routes.ts';
import { type PushServerOptions, startPushServer } from './push/push-server.ts';
import { listener } from './routes.ts';

/** What the endpoint that manifests are pushed to needs, if there is one. */
type PushEndpoint = Omit<PushServerOptions, 'answer' | 'log'> & { manifests: PushedManifests };

export type Servers = { close(): Promise<void> };

/** The root directory must be prepared and its lock held. Throws a StartupError; nothing listens then. */
export async function startServers(
  options: Pick<RunOptions, 'rootDir' | 'address' | 'readOnlyPort' | 'healthzPort'>,
  view: NodeView,
  orders: NodeOrders,
  log: Log,
  push?: PushEndpoint,
): Promise<Servers> {
  const { address, readOnlyPort, healthzPort } = options;
  const open: Listening[] = [];
  const servers: Servers = {
    async close() {
      await Promise.all(open.splice(0).map((server) => server.close()));
    },
  };
  try {
    open.push(await listenOnSocket(socketPath(options.rootDir), listener(commandRoutes(view, orders), log)));
    if (healthzPort !== 0) {
      const where = { host: '127.0.0.1', port: healthzPort, flag: '--healthz-port' };
      open.push(await listenOnPort(where, listener(healthRoutes(view), log)));
    }
    if (readOnlyPort !== 0) {
      invariant(loopback(address), 'what has no authentication listens on loopback only');
      const where = { host: address, port: readOnlyPort, flag: '--read-only-port' };
      open.push(await listenOnPort(where, listener(readOnlyRoutes(view), log)));
    }
    if (push) {
      const answer = listener(pushRoutes(push.manifests), log, { anyHost: true });
      open.push(await startPushServer({ ...push, answer, log }));
    }
  } catch (error) {
    await servers.close();
    throw error;
  }
  return servers;
}
