// gRPC health servers over HTTP/2 without TLS, well-behaved and not.
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { TestContext } from 'node:test';
import { Listener } from './scene.ts';

/** A protobuf message in a gRPC frame. */
export function frame(message: number[] | Buffer, compressed = 0): Buffer {
  const head = Buffer.alloc(5, 0);
  head[0] = compressed;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, Buffer.from(message)]);
}

export type Call = { headers: IncomingHttpHeaders; body: Buffer };
type Answer = (stream: ServerHttp2Stream, call: Call) => void;

/** Answers each call once it has arrived whole. */
export async function grpcServer(
  t: TestContext,
  answer: Answer,
): Promise<{ listener: Listener; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer();
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    stream.on('end', () => {
      const call = { headers, body: Buffer.concat(chunks) };
      calls.push(call);
      answer(stream, call);
    });
  });
  return { listener: await Listener.on(t, server), calls };
}

/** Headers, one message, trailers: as every gRPC library answers a call. */
export function answered(stream: ServerHttp2Stream, body: Buffer, trailers: Record<string, string>): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

/** What a server says that knows of no such call. */
export const trailersOnly = (stream: ServerHttp2Stream, trailers: Record<string, string>): void =>
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
