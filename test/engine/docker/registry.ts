// A registry on loopback that serves any image it is asked for, one small layer each: as slowly, as brokenly and as
// guardedly as a test wants it.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { tar } from '../../setup/tar.ts';

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export async function startRegistry() {
  const blobs = new Map<string, Buffer>();
  const registry = {
    /** Repositories whose manifest was asked for, in order. */
    manifestRequests: [] as string[],
    /** Awaited before each manifest is served. */
    beforeManifest: (_repository: string): Promise<void> | void => {},
    /** Repositories whose tags were asked for. */
    tagLists: [] as string[],
    /** The status of every answer, if set. */
    failWith: undefined as number | undefined,
    /** Repositories whose layer arrives damaged: the engine finds out half-way. */
    damaged: new Set<string>(),
    /** Asked of each request, if set. */
    login: undefined as { username: string; password: string } | undefined,
    address: '',
    close: () => Promise.resolve(),
  };

  const manifestOf = (repository: string): Buffer => {
    const layer = tar([{ type: 'file', path: repository, mode: 0o644, content: Buffer.from(repository) }]);
    const packed = gzipSync(layer);
    const config = Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        config: { Cmd: ['/none'] },
        rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
        history: [{ created_by: repository }],
      }),
    );
    const put = (bytes: Buffer, served = bytes) => {
      blobs.set(digestOf(bytes), served);
      return { size: bytes.length, digest: digestOf(bytes) };
    };
    const arrives = registry.damaged.has(repository) ? Buffer.from(packed.map((byte) => byte ^ 1)) : packed;
    return Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...put(config) },
        layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...put(packed, arrives) }],
      }),
    );
  };

  const answer = async ({ method, url = '', headers }: IncomingMessage, response: ServerResponse) => {
    const { login, failWith } = registry;
    if (failWith !== undefined) return void response.writeHead(failWith).end();
    if (url.endsWith('/tags/list')) registry.tagLists.push(url);
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (basic !== undefined && headers.authorization !== basic) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const [, repository = '', kind = '', name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const blob = blobs.get(name);
    if (kind === 'manifests') {
      if (method === 'GET') registry.manifestRequests.push(repository);
      await registry.beforeManifest(repository);
      const manifest = manifestOf(repository);
      response.writeHead(200, {
        'Content-Type': 'application/vnd.docker.distribution.manifest.v2+json',
        'Content-Length': manifest.length,
        'Docker-Content-Digest': digestOf(manifest),
      });
      response.end(method === 'HEAD' ? undefined : manifest);
    } else if (kind === 'blobs' && blob) response.writeHead(200, { 'Content-Length': blob.length }).end(blob);
    else response.writeHead(url === '/v2/' ? 200 : 404).end();
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  registry.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return registry;
}
