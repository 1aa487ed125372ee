// An engine that does as a test says: HTTP over a unix socket, with containers as plain data, an event stream that the
// test writes and cuts, and calls that it holds back, breaks or answers as it likes.
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { scratchDirectory } from '../../setup/scratch.ts';

export type Request = { method: string; path: string; query: URLSearchParams; body: string };
/** Answers by itself, or says that the usual answer shall follow. */
export type Handler = (
  request: Request,
  answer: ServerResponse,
) => Promise<'usual' | 'done'> | 'usual' | 'done';

export type ScriptedContainer = {
  id: string;
  state: string;
  labels: Record<string, string>;
  exitCode?: number;
};

/** `exitCode` is null before its end; `connection` the answer to its start, which carries its output. */
export type ScriptedExec = {
  id: string;
  containerId: string;
  running: boolean;
  exitCode: number | null;
  pid: number;
  connection?: ServerResponse;
};

let engines = 0;

export class ScriptedEngine {
  readonly path = join(scratchDirectory(), `scripted-${process.pid}-${++engines}.sock`);
  readonly endpoint = `unix://${this.path}`;
  readonly containers = new Map<string, ScriptedContainer>();
  readonly execs = new Map<string, ScriptedExec>();
  readonly requests: Request[] = [];
  /** Calls without an answer, and how many there ever were at once. */
  underWay = 0;
  underWayMax = 0;
  /** Looks at every request first. */
  handler: Handler = () => 'usual';
  #server: Server | undefined;
  readonly #streams = new Set<ServerResponse>();
  #created = 0;

  async up(): Promise<void> {
    rmSync(this.path, { force: true });
    const server = createServer((incoming, answer) => void this.#answer(incoming, answer));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  /** Gone at once, with every connection. */
  async down(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#streams.clear();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** To every stream that is open, whole or in part. */
  write(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  requestsTo(pattern: RegExp): Request[] {
    return this.requests.filter(({ method, path }) => pattern.test(`${method} ${path}`));
  }

  async #answer(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://engine');
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const request = { method: incoming.method ?? '', path: url.pathname, query: url.searchParams, body };
    this.requests.push(request);
    if (url.pathname !== '/events' && url.pathname !== '/_ping') {
      this.underWay++;
      this.underWayMax = Math.max(this.underWayMax, this.underWay);
      answer.once('close', () => this.underWay--);
    }
    if ((await this.handler(request, answer)) === 'usual') this.#usual(request, answer);
  }

  #usual({ method, path, query, body }: Request, answer: ServerResponse): void {
    const json = (status: number, value: unknown) => {
      answer.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    const [, , id = '', verb = ''] = path.split('/');
    const found = this.containers.get(id);
    if (path === '/_ping') answer.writeHead(200).end('OK');
    else if (path === '/events') this.#openStream(answer);
    else if (path === '/containers/json') json(200, [...this.containers.values()].map(summaryOf));
    else if (path === '/containers/create') json(201, { Id: this.#create(query.get('name') ?? '', body) });
    else if (path.startsWith('/exec/')) this.#exec(id, verb, answer, json);
    else if (!found) json(404, { message: `No such container: ${id}` });
    else if (verb === 'json') json(200, inspectOf(found));
    else if (verb === 'exec') this.#createExec(found, json);
    else {
      if (verb === 'start') found.state = 'running';
      if (method === 'DELETE') this.containers.delete(id);
      answer.writeHead(204).end();
    }
  }

  #createExec({ id: containerId, state }: ScriptedContainer, json: (status: number, value: unknown) => void) {
    if (state !== 'running') return json(409, { message: `Container ${containerId} is not running` });
    const id = `exec-${this.execs.size + 1}`;
    this.execs.set(id, { id, containerId, running: false, exitCode: null, pid: 0 });
    json(201, { Id: id });
  }

  /** Started, it runs until a test says otherwise. */
  #exec(id: string, verb: string, answer: ServerResponse, json: (status: number, value: unknown) => void) {
    const exec = this.execs.get(id);
    if (!exec) return json(404, { message: `No such exec instance: ${id}` });
    if (verb === 'json') {
      const { running, exitCode, pid, containerId } = exec;
      return json(200, { ID: id, Running: running, ExitCode: exitCode, Pid: pid, ContainerID: containerId });
    }
    exec.running = true;
    exec.connection = answer;
    answer.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' });
    answer.flushHeaders();
  }

  #openStream(answer: ServerResponse): void {
    answer.writeHead(200, { 'Content-Type': 'application/json' });
    answer.flushHeaders();
    this.#streams.add(answer);
    answer.once('close', () => this.#streams.delete(answer));
  }

  #create(_name: string, body: string): string {
    const id = `${++this.#created}`.padStart(64, '0');
    this.containers.set(id, { id, state: 'created', labels: JSON.parse(body).Labels ?? {} });
    return id;
  }
}

const summaryOf = ({ id, state, labels }: ScriptedContainer) => ({ Id: id, State: state, Labels: labels });

const inspectOf = ({ id, state, labels, exitCode = 0 }: ScriptedContainer) => ({
  Id: id,
  Created: '2030-01-01T00:00:00.5Z',
  Image: 'sha256:0',
  LogPath: '',
  State: {
    Status: state,
    Running: state === 'running',
    StartedAt: '0001-01-01T00:00:00Z',
    FinishedAt: '0001-01-01T00:00:00Z',
    ExitCode: exitCode,
    OOMKilled: false,
    Error: '',
    Pid: 0,
  },
  Config: { Labels: labels, Image: 'image' },
  NetworkSettings: { Networks: {} },
});

export function eventLine(
  action: string,
  { id, labels }: ScriptedContainer,
  timeMs: number,
  attributes: Record<string, string> = {},
): string {
  const timeNano = `${Math.floor(timeMs)}000000`;
  const actor = JSON.stringify({ ID: id, Attributes: { ...labels, ...attributes } });
  return `{"Type":"container","Action":"${action}","Actor":${actor},"time":${Math.floor(timeMs / 1000)},"timeNano":${timeNano}}\n`;
}

/** One frame of a command's output. */
export function frame(text: string | Uint8Array, stream = 1): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}
