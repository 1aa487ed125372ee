// What tests of probes share: a server in the Pod that a test answers for, and waiting for what was asked and what came
// of it.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Container, Pod } from '../../../src/kubernetes/pod.ts';
import { Answering } from './answering.ts';
import { startNode, type TestNode } from './node.ts';
import { statusOf } from './seen.ts';
import { until } from './until.ts';

/** Of the server. */
export const port = 8080;

type Probe = NonNullable<Container['readinessProbe']>;

/** Asks the server every second; that it has not begun to listen yet costs nobody a life. */
export const http = (name: string, more: Partial<Probe> = {}): Probe => ({
  httpGet: { port, path: `/${name}` },
  periodSeconds: 1,
  timeoutSeconds: 5,
  failureThreshold: 100,
  ...more,
});

/** Nobody listens there. */
export const refused: Probe = { tcpSocket: { port: 1 }, periodSeconds: 1 };

/** A node without Pods, and the server that one of its Pods will have. */
export async function startServed(t: TestContext, more: { gated?: boolean } = {}) {
  const node = await startNode(t);
  return { node, server: new Answering(node.scratch, [{ scheme: 'http', port }], more) };
}

/** On this host: takes connections, and never says anything. */
export async function deafServer(t: TestContext, host: string): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    // Its end would not be seen before what it has sent is read.
    socket.resume();
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

const isReady = (node: TestNode, name: string, container: string, ready: boolean): Promise<Pod> =>
  node.shows(
    name,
    `has ${container} ${ready ? '' : 'not '}ready`,
    (shown) => statusOf(shown, container).ready === ready,
  );

export const ready = (node: TestNode, name: string, container = 'main') =>
  isReady(node, name, container, true);
export const unready = (node: TestNode, name: string, container = 'main') =>
  isReady(node, name, container, false);

export const restarted = (node: TestNode, name: string, container = 'main') =>
  node.shows(name, `has restarted ${container}`, (shown) => {
    const { restartCount, state } = statusOf(shown, container);
    return restartCount === 1 && state?.running !== undefined;
  });

export const asked = (server: Answering, name: string, times: number) =>
  until(`${name} is asked ${times} times`, () => server.asked(name).length >= times, {
    seen: () => server.asked(name).length,
  });

/** So many times more than until now. */
export const askedAgain = (server: Answering, name: string, times: number) =>
  asked(server, name, server.asked(name).length + times);

/** Lines of the log that match. */
export const told = ({ log }: TestNode, words: RegExp): number =>
  log.split('\n').filter((line) => words.test(line)).length;

/** Waits for a line: the log may arrive after what it is about. */
export const logged = (node: TestNode, words: RegExp) =>
  until(`the log says ${words}`, () => told(node, words) > 0, { seen: node.logTail });
