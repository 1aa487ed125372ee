// A probe that asks the gRPC health service, without TLS (pkg/probe/grpc). Any trouble is a failure.
import type { ClientHttp2Session } from 'node:http2';
import type { Clock } from '../../clock.ts';
import { formatDuration } from '../../config/duration.ts';
import type { V1GRPCAction } from '../../kubernetes/generated/shapes.ts';
import { type Around, bounded, type Opened } from './around.ts';
import { codes, type GrpcAnswer, grpcErrorText, grpcResult } from './grpc-answer.ts';
import { healthCheckRequest, servingStatuses } from './health-message.ts';
import { kubernetesVersion } from './http-request.ts';
import { type Endpoint, endpointOf, joinHostPort, type Target } from './target.ts';
import { type Attempt, containerEnded, failure, success, unknown } from './verdict.ts';

/** The answer is a few bytes. */
const bodyBytesMax = 10 * 1024;

export async function grpcProbe(
  { port, service = '' }: V1GRPCAction,
  target: Target,
  timeoutMs: number,
  around: Around,
): Promise<Attempt> {
  const endpoint = endpointOf({ port }, target);
  if ('refused' in endpoint) return unknown(endpoint.refused);
  const within = formatDuration(timeoutMs);
  let connected = false;
  return bounded(
    around,
    timeoutMs,
    async (opened) => {
      const session = await connect(endpoint, around.clock, opened);
      connected = true;
      return judged(grpcResult(await check(session, service, timeoutMs)), within);
    },
    (cut) => {
      if (cut === 'aborted') return unknown(containerEnded);
      if (connected) return judged({ code: codes.DeadlineExceeded, message: '' }, within);
      const address = JSON.stringify(joinHostPort(endpoint));
      return failure(
        `timeout: failed to connect service ${address} within ${within}: context deadline exceeded`,
      );
    },
  );
}

function judged(result: ReturnType<typeof grpcResult>, within: string): Attempt {
  if ('status' in result) {
    const name = servingStatuses[result.status] ?? `${result.status}`;
    return name === 'SERVING' ? success() : failure(`service unhealthy (responded with "${name}")`);
  }
  if (result.code === codes.Unimplemented)
    return failure(
      `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${result.message}`,
    );
  if (result.code === codes.DeadlineExceeded)
    return failure(`timeout: health rpc did not complete within ${within}`);
  return failure(`error: health rpc probe failed: ${grpcErrorText(result)}`);
}

/** grpc.DialContext with WithBlock: until the server has spoken HTTP/2, with its back-off; the time ends it. */
async function connect(endpoint: Endpoint, clock: Clock, opened: Opened): Promise<ClientHttp2Session> {
  for (let pauseMs = 1000; ; pauseMs *= 1.6) {
    const session = await connectOnce(endpoint, opened);
    if (session) return session;
    await new Promise<void>((resolve) => {
      const timer = clock.after(pauseMs, resolve);
      opened(() => timer.cancel());
    });
  }
}

function connectOnce(endpoint: Endpoint, opened: Opened): Promise<ClientHttp2Session | undefined> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule('node:net').connect(endpoint);
    const session = process
      .getBuiltinModule('node:http2')
      .connect(`http://${joinHostPort(endpoint)}`, { createConnection: () => socket });
    opened(() => {
      session.destroy();
      socket.destroy();
    });
    session.on('error', () => undefined);
    session.once('remoteSettings', () => resolve(session));
    session.once('close', () => resolve(undefined));
  });
}

function check(session: ClientHttp2Session, service: string, timeoutMs: number): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    if (session.destroyed)
      return resolve({ headers: undefined, body: Buffer.alloc(0), tooLong: false, endedWith: undefined });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': `kube-probe/${kubernetesVersion}`,
      'grpc-timeout': `${timeoutMs}m`,
    });
    let headers: GrpcAnswer['headers'];
    let bytes = 0;
    const chunks: Buffer[] = [];
    const learn = (more: GrpcAnswer['headers']) => {
      headers = { ...headers, ...more };
    };
    const end = (endedWith: number | undefined) =>
      resolve({ headers, body: Buffer.concat(chunks), tooLong: bytes > bodyBytesMax, endedWith });
    stream.on('response', learn);
    stream.on('trailers', learn);
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > bodyBytesMax) end(undefined);
    });
    stream.on('error', () => undefined);
    stream.on('close', () => end(session.destroyed ? undefined : stream.rstCode));
    stream.end(healthCheckRequest(service));
  });
}
