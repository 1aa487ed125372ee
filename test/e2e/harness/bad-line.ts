// The line between the engine and a registry, as bad as a test wants it: what is large arrives half, and then the rest
// when the test says so, or never, or the connection is cut.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { onLoopback } from './on-loopback.ts';

const largeBytes = 1 << 20;
/** The engine reports what comes in one go, within 100 ms, by its beginning only. */
const restMs = 300;

export type Trouble = 'held' | 'cut once';

export type BadLine = {
  port: number;
  /** By repository. */
  troubles: Map<string, Trouble>;
  /** Lets what is held go on. */
  release(repository: string): void;
  /** Repositories of which half of something large has arrived, and the engine still listens. */
  halfWay(repository: string): boolean;
};

/** To `address`, on loopback. Goes with the test. */
export async function badLine(t: TestContext, address: string): Promise<BadLine> {
  const troubles = new Map<string, Trouble>();
  const halfWay = new Map<string, Set<() => void>>();
  const [host, port] = address.split(':');

  const half = (answer: ServerResponse, from: IncomingMessage, repository: string, trouble: Trouble) => {
    const total = Number(from.headers['content-length']);
    let sent = 0;
    let rested = false;
    from.on('data', (chunk: Buffer) => {
      if (sent >= total / 2) return;
      sent += chunk.length;
      answer.write(chunk);
      if (!rested && sent >= total / 4) {
        rested = true;
        from.pause();
        setTimeout(() => from.resume(), restMs);
      }
      if (sent < total / 2) return;
      from.pause();
      if (trouble === 'cut once') {
        troubles.delete(repository);
        answer.destroy();
        return;
      }
      const waiting = halfWay.get(repository) ?? new Set();
      halfWay.set(repository, waiting);
      const goOn = () => {
        from.removeAllListeners('data');
        from.pipe(answer);
      };
      waiting.add(goOn);
      answer.once('close', () => waiting.delete(goOn));
    });
  };

  const server = createServer((incoming, answer) => {
    const [, repository = ''] = /^\/v2\/(.+)\/blobs\//.exec(incoming.url ?? '') ?? [];
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host, port, method, path, headers, agent: false }, (from) => {
      answer.writeHead(from.statusCode ?? 500, from.headers);
      const trouble = troubles.get(repository);
      const isLarge = Number(from.headers['content-length']) > largeBytes;
      if (trouble && isLarge) half(answer, from, repository, trouble);
      else from.pipe(answer);
      answer.once('close', () => from.destroy());
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  return {
    port: await onLoopback(t, server),
    troubles,
    release(repository) {
      troubles.delete(repository);
      for (const goOn of halfWay.get(repository) ?? []) goOn();
    },
    halfWay: (repository) => (halfWay.get(repository)?.size ?? 0) > 0,
  };
}
