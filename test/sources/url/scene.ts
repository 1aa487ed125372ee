// A real HTTP(S) server that does as it is told, a source that asks it, and what main would know of it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { type DocumentsVerdict, decodeDocuments } from '../../../src/manifest/decode-documents.ts';
import type { StaticPod } from '../../../src/manifest/static-pod.ts';
import type { Decoded, DecodeFile } from '../../../src/sources/decoding.ts';
import { defaultLimits, type Limits } from '../../../src/sources/url/fetch-answer.ts';
import { UrlSource, type UrlSourceOptions } from '../../../src/sources/url/url-source.ts';
import { Table } from '../directory/scene.ts';
import { ToyDecoder } from '../toy-decoder.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export class Site {
  /** What it answers with; may be changed at any time. */
  handler: Handler;
  readonly requests: { url: string; headers: IncomingMessage['headers'] }[] = [];
  readonly server: Server;
  readonly #scheme: string;

  constructor(handler: Handler, tls?: ServerOptions) {
    this.handler = handler;
    this.#scheme = tls ? 'https' : 'http';
    const listener: Handler = (request, response) => {
      this.requests.push({ url: request.url ?? '', headers: request.headers });
      this.handler(request, response);
    };
    this.server = tls ? createSecureServer(tls, listener) : createServer(listener);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}/pods`;
  }

  async listen(test: TestContext, port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    test.after(() => this.close());
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const says =
  (body: string | Buffer, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    response.writeHead(200, headers).end(body);

export const site = (test: TestContext, handler: Handler, tls?: ServerOptions): Promise<Site> =>
  new Site(handler, tls).listen(test);

/** The real decoder, in this thread. */
export class RealDecoder extends ToyDecoder {
  override async decodeDocuments(file: DecodeFile): Promise<Decoded<DocumentsVerdict>> {
    await this.gate;
    this.decoded.push(file.origin);
    const failure = this.failure(file);
    if (failure !== undefined) return { failure, fault: this.fault };
    return { verdict: structuredClone(decodeDocuments(file.bytes, file)) };
  }
}

export type Scene = { table: Table; source: UrlSource; decoder: RealDecoder };

type SceneOptions = Partial<
  Pick<UrlSourceOptions, 'headers' | 'files' | 'env' | 'checkFrequencyMs'> & {
    lastGood: StaticPod[];
    clock: Clock;
    limits: Partial<Limits>;
  }
>;

/** Asked by `rescan` alone, unless it is told how often. */
export function opened(test: TestContext, url: string, options: SceneOptions = {}): Scene {
  const table = new Table();
  const decoder = new RealDecoder();
  const source = new UrlSource({
    url,
    nodeName: 'node',
    headers: {},
    files: {},
    env: {},
    lastGood: [],
    checkFrequencyMs: 3_600_000,
    clock: systemClock,
    decoder,
    post: (update) => table.take(structuredClone(update)),
    ...options,
    limits: { ...defaultLimits, ...options.limits },
  });
  test.after(() => source.stop());
  return { table, source, decoder };
}

export async function started(test: TestContext, url: string, options: SceneOptions = {}): Promise<Scene> {
  const scene = opened(test, url, options);
  await scene.source.start();
  return scene;
}

export const pod = (name: string, image = 'nginx:1', more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n  - name: main\n    image: ${image}\n${more}`;

export const documents = (...texts: string[]): string => texts.join('---\n');

export const podList = (...names: string[]): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PodList',
    items: names.map((name) => ({
      metadata: { name },
      spec: { containers: [{ name: 'main', image: 'nginx:1' }] },
    })),
  });

/** Self-signed, for 127.0.0.1 and the given host; valid for a day. */
export function certificate(directory: string, name: string, host = 'localhost') {
  const cert = join(directory, `${name}.crt`);
  const key = join(directory, `${name}.key`);
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1,DNS:${host} -keyout ${key} -out ${cert}`.split(
      ' ',
    ),
    { stdio: 'pipe' },
  );
  return { files: { cert, key }, pem: { cert: readFileSync(cert), key: readFileSync(key) } };
}
