// A probe that connects and closes (pkg/probe/tcp).
import type { V1TCPSocketAction } from '../../kubernetes/generated/shapes.ts';
import { type Around, bounded } from './around.ts';
import { networkError } from './network-words.ts';
import { endpointOf, joinHostPort, type Target } from './target.ts';
import { type Attempt, containerEnded, failure, success, unknown } from './verdict.ts';

export async function tcpProbe(
  action: V1TCPSocketAction,
  target: Target,
  timeoutMs: number,
  around: Around,
): Promise<Attempt> {
  const endpoint = endpointOf(action, target);
  if ('refused' in endpoint) return unknown(endpoint.refused);
  const address = joinHostPort(endpoint);
  return bounded(
    around,
    timeoutMs,
    (opened) =>
      new Promise<Attempt>((resolve) => {
        const socket = process.getBuiltinModule('node:net').connect(endpoint);
        opened(() => socket.destroy());
        socket.on('connect', () => resolve(success()));
        socket.on('error', (error) => resolve(failure(networkError(error, address))));
      }),
    (cut) => (cut === 'aborted' ? unknown(containerEnded) : failure(`dial tcp ${address}: i/o timeout`)),
  );
}
