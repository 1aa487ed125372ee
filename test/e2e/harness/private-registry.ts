// Debian's docker-registry on loopback, with a login, and images to pull from it: busybox with a layer of noise on top,
// another one for each, so that no pull finds it on the engine.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DockerApi, dockerApi } from '../../setup/docker-api.ts';
import { image } from '../../setup/images.ts';
import { canInstallPackages, installPackages, program } from '../../setup/packages.ts';
import { tar } from '../../setup/tar.ts';
import { freePort } from './node.ts';
import { until } from './until.ts';

export const login = { username: 'pod', password: 'only-for-tests' };
/** Of that password. */
const bcrypt = '$2b$04$abcdefghijklmnopqrstuuSOASZ5gFdIXxQU/MI4albXfVKBHc6R2';
const base = 'base';
export const noiseBytes = 4 << 20;

export type PrivateRegistry = {
  address: string;
  /** Makes `<address>/<repository>:1`; answers with its digest. */
  put(repository: string): Promise<string>;
};

/** `directory`: for what it keeps; goes with the test's own. */
export async function privateRegistry(t: TestContext, directory: string): Promise<PrivateRegistry> {
  if (program('docker-registry') === undefined) {
    if (!canInstallPackages()) throw new Error("Debian's docker-registry is needed: install it");
    installPackages(['docker-registry']);
  }
  const port = await freePort();
  mkdirSync(directory);
  const [config, users] = [join(directory, 'config.json'), join(directory, 'users')];
  writeFileSync(users, `${login.username}:${bcrypt}\n`);
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(directory, 'storage') } },
      http: { addr: `127.0.0.1:${port}`, relativeurls: true, secret: 'test' },
      auth: { htpasswd: { realm: 'test', path: users } },
    }),
  );
  const registry = spawn(program('docker-registry') ?? 'docker-registry', ['serve', config], {
    stdio: 'ignore',
  });
  t.after(() => registry.kill('SIGKILL'));
  const address = `127.0.0.1:${port}`;
  const client = clientOf(address);
  await until('the registry answers', async () => (await client.get('')).ok);
  const docker = dockerApi(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock');
  t.after(() => docker.removeImage(`${address}/${base}:1`));
  await pushBase(docker, address);
  return { address, put: (repository) => putNoisy(client, repository) };
}

async function pushBase(docker: DockerApi, address: string): Promise<void> {
  await docker.tagImage(image.busybox, `${address}/${base}`, '1');
  await docker.pushImage(`${address}/${base}`, '1', login);
  await docker.removeImage(`${address}/${base}:1`);
}

type Client = ReturnType<typeof clientOf>;

function clientOf(address: string) {
  const headers = {
    Authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
    Accept: manifestType,
  };
  const send = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, `http://${address}/v2/`), { ...init, headers: { ...headers, ...init.headers } });
  return {
    get: (path: string) => send(path),
    async upload(repository: string, blob: Buffer): Promise<{ digest: string; size: number }> {
      const digest = digestOf(blob);
      const begun = await send(`${repository}/blobs/uploads/`, { method: 'POST' });
      const place = `${begun.headers.get('Location')}&digest=${digest}`;
      const done = await send(place, { method: 'PUT', body: new Uint8Array(blob) });
      if (done.status !== 201) throw new Error(`upload: ${done.status} ${await done.text()}`);
      return { digest, size: blob.length };
    },
    mount: (repository: string, digest: string) =>
      send(`${repository}/blobs/uploads/?mount=${digest}&from=${base}`, { method: 'POST' }),
    manifest: (repository: string, body: string) =>
      send(`${repository}/manifests/1`, { method: 'PUT', body, headers: { 'Content-Type': manifestType } }),
  };
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

type Manifest = { config: { digest: string }; layers: { digest: string }[] };
type Config = { rootfs: { diff_ids: string[] }; history: unknown[] };

async function putNoisy(client: Client, repository: string): Promise<string> {
  const manifest = (await (await client.get(`${base}/manifests/1`)).json()) as Manifest;
  const config = (await (await client.get(`${base}/blobs/${manifest.config.digest}`)).json()) as Config;
  for (const { digest } of manifest.layers) await client.mount(repository, digest);
  const noise = tar([{ type: 'file', path: 'noise', content: randomBytes(noiseBytes) }]);
  const layer = await client.upload(repository, gzipSync(noise, { level: 0 }));
  const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
  config.rootfs.diff_ids.push(digestOf(noise));
  config.history = [];
  const body = JSON.stringify({
    ...manifest,
    config: {
      ...manifest.config,
      ...(await client.upload(repository, Buffer.from(JSON.stringify(config)))),
    },
    layers: [...manifest.layers, { mediaType: layerType, ...layer }],
  });
  const put = await client.manifest(repository, body);
  if (put.status !== 201) throw new Error(`manifest: ${put.status} ${await put.text()}`);
  return digestOf(Buffer.from(body));
}
