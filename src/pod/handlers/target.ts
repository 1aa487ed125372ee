// Whom a probe or hook is for, and where it connects to. Pure.
import type { PodIdentity } from '../../engine/engine.ts';
import type { Container } from '../../kubernetes/pod.ts';

/** `podIp`: empty if unknown; the node's under hostNetwork. */
export type Target = { containerId: string; container: Container; podIp: string; identity: PodIdentity };

export type Endpoint = { host: string; port: number };

/** It cannot be tried at all, and why. */
export type Refused = { refused: string };

export function endpointOf(
  { host, port }: { host?: string; port: number | string },
  { container, podIp }: Target,
): Endpoint | Refused {
  const to = host || podIp;
  if (to === '') return { refused: 'the Pod has no IP address' };
  const number = typeof port === 'number' ? port : portNamed(port, container);
  if (number === undefined)
    return {
      refused: `container ${JSON.stringify(container.name)} has no port named ${JSON.stringify(port)}`,
    };
  if (!(number > 0 && number < 65536)) return { refused: `invalid port number: ${number}` };
  return { host: to, port: number };
}

/** probe.ResolveContainerPort: a name, or else a number that was written as a string. */
function portNamed(name: string, { ports = [] }: Container): number | undefined {
  const found = ports.find((port) => port.name === name)?.containerPort;
  return found ?? (/^[+-]?\d+$/.test(name) ? Number(name) : undefined);
}

/** net.JoinHostPort */
export const joinHostPort = ({ host, port }: Endpoint): string =>
  /[:%]/.test(host) ? `[${host}]:${port}` : `${host}:${port}`;
