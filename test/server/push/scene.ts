// A push endpoint on a real port, with its source on a real directory, certificates by openssl, and clients.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RunOptions } from '../../../src/config/options.ts';
import type { Bounds } from '../../../src/server/listen.ts';
import type { ManifestRecord } from '../../../src/server/node-view.ts';
import { Credentials } from '../../../src/server/push/credentials.ts';
import { type PushedManifests, pushRoutes } from '../../../src/server/push/push-routes.ts';
import { startPushServer } from '../../../src/server/push/push-server.ts';
import { listener } from '../../../src/server/routes.ts';
import { PushSource } from '../../../src/sources/push/push-source.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { Table } from '../../sources/directory/scene.ts';
import { FakeClock } from '../../sources/fake-clock.ts';
import { ToyDecoder } from '../../sources/toy-decoder.ts';

export const directory = mkdtempSync(join(tmpdir(), 'monopod-push-'));
export const removeDirectory = () => rmSync(directory, { recursive: true });
export const at = (name: string) => join(directory, name);
export const pem = (name: string) => readFileSync(at(name));

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });

/** `<name>.crt` and `<name>.key`, signed by itself or by another. */
export function certificate(name: string, by?: string): void {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(`${name}.key`),
  ];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'];
  const signed = by === undefined ? [] : ['-CA', at(`${by}.crt`), '-CAkey', at(`${by}.key`)];
  const usage = by === undefined ? [] : ['-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl('req', '-x509', ...key, ...subject, ...usage, ...signed, '-days', '2', '-out', at(`${name}.crt`));
}

export function secret(name: string, text: string): string {
  writeFileSync(at(name), text);
  chmodSync(at(name), 0o600);
  return at(name);
}

export const token = 'c2VjcmV0LXRva2Vu';

export type Files = Pick<
  RunOptions,
  'tlsCertFile' | 'tlsPrivateKeyFile' | 'clientCaFile' | 'manifestPushTokenFile'
>;

export type Endpoint = {
  port: number;
  pushed: string;
  table: Table;
  decoder: ToyDecoder;
  clock: FakeClock;
  logged: string[];
  /** Of other sources. */
  others: ManifestRecord[];
};

type Settings = {
  files?: Files;
  bounds?: Bounds;
  tlsMinVersion?: RunOptions['tlsMinVersion'];
  /** What is asked in the place of the source. */
  calls?: PushedManifests['calls'];
};

export async function endpoint(test: TestContext, settings: Settings = {}): Promise<Endpoint> {
  const { tlsMinVersion = 'VersionTLS12', bounds } = settings;
  const files = settings.files ?? { manifestPushTokenFile: at('tokens') };
  const root = mkdtempSync(join(directory, 'root-'));
  const pushed = join(root, 'pushed');
  const [table, decoder, clock] = [new Table(), new ToyDecoder(), new FakeClock()];
  const logged: string[] = [];
  const others: ManifestRecord[] = [];
  const log = createLog({ format: 'text', verbosity: 0, write: (line) => logged.push(line), now: () => 0 });
  const source = new PushSource({
    directory: pushed,
    nodeName: 'node',
    lastGood: [],
    clock,
    decoder,
    post: (update) => table.take(update),
  });
  await source.start();
  const records = () => [
    ...others,
    ...[...table.entries.values()].map(({ state, trace: _, ...entry }): ManifestRecord => {
      return { ...entry, sourceId: 'push', state: state === 'accepted' ? 'running' : state };
    }),
  ];
  const credentials = new Credentials(
    { tlsCertFile: at('server.crt'), tlsPrivateKeyFile: at('server.key'), ...files },
    { clock, log },
  );
  const { port, close } = await startPushServer({
    manifestPushAddress: '127.0.0.1',
    manifestPushPort: 0,
    tlsMinVersion,
    credentials,
    answer: listener(pushRoutes({ calls: settings.calls ?? source.calls, records }), log, { anyHost: true }),
    clock,
    log,
    ...(bounds && { bounds }),
  });
  test.after(async () => {
    await close();
    await source.stop();
  });
  return { port, pushed, table, decoder, clock, logged, others };
}

export type Asked = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Undefined: the right one; '': none. */
  token?: string;
  /** Name of a certificate to show. */
  client?: string;
  maxVersion?: 'TLSv1.2';
  /** Serves several requests on one connection. */
  agent?: Parameters<typeof request>[1]['agent'];
};

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export async function ask({ port }: Endpoint, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', body, client, maxVersion, agent = false } = asked;
  const given = asked.token ?? token;
  const sent = request({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    path,
    method,
    headers: { ...(given !== '' && { authorization: `Bearer ${given}` }), ...asked.headers },
    ca: pem('server.crt'),
    ...(client !== undefined && { cert: pem(`${client}.crt`), key: pem(`${client}.key`) }),
    ...(maxVersion && { maxVersion }),
    agent,
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}

export const put = (endpoint: Endpoint, name: string, body: string | Buffer, asked: Asked = {}) =>
  ask(endpoint, `/manifests/${name}`, { method: 'PUT', body, ...asked });
