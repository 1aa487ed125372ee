// What a probe or hook needs around it in a test: servers on loopback, an engine that answers as told, the simulated
// clock, and the means to see what is left of it all afterwards.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, getEventListeners, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Clock } from '../../../src/clock.ts';
import type { Engine, ExecOptions } from '../../../src/engine/engine.ts';
import { ok } from '../../../src/errors.ts';
import type { Container } from '../../../src/kubernetes/pod.ts';
import type { Around } from '../../../src/pod/handlers/around.ts';
import type { Target } from '../../../src/pod/handlers/target.ts';
import { SimulatedClock } from '../../simulation/clock.ts';
import { randomFrom } from '../../simulation/draw.ts';
import { container } from '../pods.ts';

export type Exec = Engine['exec'];
export type ExecCall = { id: string; command: string[]; options: ExecOptions };

export class Scene {
  readonly #clock = new SimulatedClock(randomFrom(1));
  readonly #life = new AbortController();
  readonly around: Around;
  readonly execs: ExecCall[] = [];
  /** Timers that have neither fired nor been cancelled. */
  timers = 0;

  constructor(exec: Exec = async () => ok({ exitCode: 0, output: '' })) {
    const recorded: Exec = (id, command, options) => {
      this.execs.push({ id, command, options });
      return exec(id, command, options);
    };
    this.around = { engine: { exec: recorded }, clock: this.#counted(), signal: this.#life.signal };
  }

  #counted(): Clock {
    return {
      now: this.#clock.now,
      random: this.#clock.random,
      after: (delayMs, callback) => {
        this.timers += 1;
        let live = true;
        const over = () => {
          if (live) this.timers -= 1;
          live = false;
        };
        const timer = this.#clock.after(delayMs, () => {
          over();
          callback();
        });
        return {
          cancel() {
            over();
            timer.cancel();
          },
        };
      },
    };
  }

  pass = (ms: number): Promise<void> => this.#clock.run(this.#clock.now() + ms);

  endContainer(): void {
    this.#life.abort();
  }

  /** Timers and listeners that outlive what they were for. */
  leftovers(): { timers: number; listeners: number } {
    return { timers: this.timers, listeners: getEventListeners(this.#life.signal, 'abort').length };
  }
}

export const nothingLeft = { timers: 0, listeners: 0 };

export const targetWith = (more: Partial<Container> = {}, podIp = '127.0.0.1'): Target => ({
  containerId: 'c1',
  container: container('main', more),
  podIp,
  identity: { name: 'web-node', namespace: 'default', uid: 'u1' },
});

/** A server whose connections can be waited for, and seen to go. */
export class Listener {
  readonly port: number;
  readonly sockets: Socket[] = [];
  readonly #told = new EventEmitter();

  private constructor(server: Server) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      this.sockets.push(socket);
      this.#told.emit('connection');
    });
  }

  static async on(t: TestContext, server: Server, host = '127.0.0.1', port = 0): Promise<Listener> {
    server.listen(port, host);
    await once(server, 'listening');
    const listener = new Listener(server);
    t.after(() => {
      server.close();
      for (const socket of listener.sockets) socket.destroy();
    });
    return listener;
  }

  async connections(count: number): Promise<void> {
    while (this.sockets.length < count) await once(this.#told, 'connection');
  }

  /** All that ever connected has gone: waits for it, so that it fails by never ending. */
  async allGone(): Promise<void> {
    for (const socket of this.sockets)
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  }
}

export const rawServer = (t: TestContext, onConnection: (socket: Socket) => void): Promise<Listener> =>
  Listener.on(
    t,
    createServer((socket) => {
      onConnection(socket);
      // Or the end of the connection would wait for what came before it to be read.
      socket.resume();
    }),
  );

/** Answers every request with these bytes and closes. */
export const saying = (t: TestContext, bytes: string): Promise<Listener> =>
  rawServer(t, (socket) => void socket.once('data', () => socket.end(bytes)));

/** Calls `then` whenever the head of an answer has reached the client, which can be seen from nowhere else. */
export function onAnswer(t: TestContext, then: () => void): void {
  const told = () => void setImmediate(then);
  subscribe('http.client.response.finish', told);
  t.after(() => unsubscribe('http.client.response.finish', told));
}

export const httpServer = (t: TestContext, listener: RequestListener): Promise<Listener> =>
  Listener.on(t, createHttpServer(listener));

/** A port of loopback on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
