// A probe in one line, as `kubectl describe pod` puts it. Pure.
import type { V1Probe } from '../kubernetes/generated/shapes.ts';

export function describeProbe(probe: V1Probe): string {
  // A field that says nothing has Kubernetes' default, which a decoded manifest carries.
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10 } = probe;
  const { successThreshold = 1, failureThreshold = 3 } = probe;
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s`;
  return `${action(probe)} ${times} #success=${successThreshold} #failure=${failureThreshold}`;
}

function action({ exec, httpGet, tcpSocket, grpc }: V1Probe): string {
  if (exec) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '' } = httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? '' : '/'}${path}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''}`.trimEnd();
  return 'unknown';
}
