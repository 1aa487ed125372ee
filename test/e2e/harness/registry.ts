// A registry of one image that never comes: its manifest is served, its blobs are promised and not sent.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { onLoopback } from './on-loopback.ts';

export type StuckRegistry = {
  /** Whose pull does not end. */
  image: string;
  /** Downloads that are waiting for their first byte. */
  waiting(): number;
};

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 1000,
    digest: digestOf('config'),
  },
  layers: [
    {
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size: 1000,
      digest: digestOf('layer'),
    },
  ],
});

/** On loopback, where the engine takes a registry without TLS. Goes with the test. */
export async function stuckRegistry(t: TestContext): Promise<StuckRegistry> {
  let waiting = 0;
  const server = createServer(({ url = '' }, answer) => {
    if (url.includes('/blobs/')) {
      waiting += 1;
      answer.on('close', () => {
        waiting -= 1;
      });
      return;
    }
    if (!url.includes('/manifests/')) return void answer.end('{}');
    answer.setHeader('Content-Type', 'application/vnd.docker.distribution.manifest.v2+json');
    // HEAD is answered without a body, but with its length.
    answer.setHeader('Content-Length', Buffer.byteLength(manifest));
    answer.setHeader('Docker-Content-Digest', digestOf(manifest));
    answer.end(manifest);
  });
  const port = await onLoopback(t, server);
  return {
    image: `127.0.0.1:${port}/never:1`,
    waiting: () => waiting,
  };
}
