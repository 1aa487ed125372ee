// A server that misbehaves, in one way after the other: the last good set stays, it shows, and it passes.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Limits } from '../../../src/sources/url/fetch-answer.ts';
import { documents, type Handler, opened, pod, podList, Site, says, site, started } from './scene.ts';

const good = documents(pod('a'), pod('b'));
const bytes = Buffer.from(good);

/** To the connection as it is, behind the back of Node's server. */
const raw =
  (text: string, end = true): Handler =>
  (_, response) => {
    response.socket?.write(text);
    if (end) response.socket?.end();
  };

const redirect =
  (location: string, status = 302): Handler =>
  (_, response) =>
    response.writeHead(status, { location }).end();

const ways: Record<string, { how: Handler; shows: RegExp; limits?: Partial<Limits> }> = {
  'answers 404': {
    how: (_, response) => response.writeHead(404, 'Secret words').end(good),
    shows: /^it answers 404 Not Found$/,
  },
  'answers 500': { how: (_, response) => response.writeHead(500).end(good), shows: /answers 500/ },
  'answers 204': { how: (_, response) => response.writeHead(204).end(), shows: /answers 204/ },
  'answers a part': { how: (_, response) => response.writeHead(206).end(good), shows: /answers 206/ },
  'says it is unchanged, unasked': {
    how: (_, response) => response.writeHead(304).end(),
    shows: /answers 304/,
  },
  'answers nothing': { how: says(''), shows: /its answer is empty/ },
  'answers a comment': { how: says('---\n# later\n'), shows: /no document/ },
  'answers no manifest': { how: says('<html>Sign in</html>'), shows: /not taken: 1: .*1, column 1/ },
  'answers a list without items': {
    how: says('{"apiVersion":"v1","kind":"PodList","item":[]}'),
    shows: /not taken: 1: .*items: must be given/,
  },
  'ends before the length that it said': {
    how: raw(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length + 10}\r\n\r\n${good}`),
    shows: /broke off/,
  },
  'ends without the last chunk': {
    how: raw(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n${good}\r\n`,
    ),
    shows: /broke off/,
  },
  'breaks the connection amid the answer': {
    how(_, response) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 50), () => response.socket?.resetAndDestroy());
    },
    shows: /broke off/,
  },
  'breaks the connection at once': { how: (request) => request.socket.destroy(), shows: /broke off/ },
  'announces too much': {
    how: (_, response) => response.writeHead(200, { 'content-length': 1e12 }).write('a'),
    shows: /larger than 10 MiB/,
  },
  'sends too much': {
    how: (_, response) => endless(response),
    shows: /larger than 10 MiB/,
  },
  'sends what unpacks to too much': {
    how: says(gzipSync(Buffer.alloc(11 * 1024 * 1024)), { 'content-encoding': 'gzip' }),
    shows: /larger than 10 MiB/,
  },
  'sends no gzip as gzip': { how: says(good, { 'content-encoding': 'gzip' }), shows: /damaged: gzip/ },
  'sends half of a gzip': {
    how: says(gzipSync(good).subarray(0, 60), { 'content-encoding': 'gzip' }),
    shows: /damaged: gzip/,
  },
  'compresses otherwise': { how: says(good, { 'content-encoding': 'br' }), shows: /compressed/ },
  'never answers': { how: () => undefined, shows: /nothing was heard of it for/, limits: { silenceMs: 40 } },
  'falls silent amid the answer': {
    how: (_, response) => response.writeHead(200).write(good),
    shows: /nothing was heard of it for/,
    limits: { silenceMs: 40 },
  },
  'takes too long in all': {
    how: (_, response) => endless(response, 1),
    shows: /not complete after/,
    limits: { wholeMs: 100 },
  },
  'redirects in a circle': { how: redirect('/pods'), shows: /redirects more than 10 times/ },
  'redirects to a file': { how: redirect('file:///etc/passwd'), shows: /no http\(s\) URL/ },
  'redirects nowhere': { how: redirect('http://['), shows: /no http\(s\) URL/ },
  'redirects without saying where': {
    how: (_, response) => response.writeHead(302).end(),
    shows: /answers 302/,
  },
  'speaks no HTTP': { how: raw('SSH-2.0-OpenSSH_9\r\n'), shows: /no proper HTTP/ },
  'sends headers without end': {
    how: raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, false),
    shows: /headers of its answer are too large/,
  },
};

function endless(response: ServerResponse, length = 64 * 1024): void {
  response.writeHead(200);
  function* chunks() {
    for (;;) yield 'a'.repeat(length);
  }
  Readable.from(chunks(), { highWaterMark: 1 }).pipe(response);
}

describe('a server that', () => {
  for (const [way, { how, shows, limits }] of Object.entries(ways))
    it(way, async (test) => {
      const server = await site(test, says(good));
      const { table, source, decoder } = await started(test, server.url, { limits });
      const before = new Map(table.entries);
      assert.deepEqual(
        [...before.values()].map(({ state }) => state),
        ['accepted', 'accepted'],
      );
      server.handler = how;
      await source.rescan();
      assert.match(table.unreadable ?? '', shows);
      for (const [origin, { staticPod, state }] of before) {
        assert.deepEqual(table.entries.get(origin)?.staticPod, staticPod);
        // What is not there any more in an answer that was whole, but cannot be taken.
        if (!shows.source.includes('not taken')) assert.equal(table.state(origin), state);
      }
      assert.ok(!table.updates.some(({ removed }) => removed.some((origin) => before.has(origin))));
      const since = table.updates.at(-1)?.unreadable?.sinceMs;
      const said = table.updates.length;
      await source.rescan();
      assert.equal(table.updates.length, said, 'the same is not said again');
      assert.equal(table.updates.at(-1)?.unreadable?.sinceMs, since);
      server.handler = says(good);
      await source.rescan();
      assert.equal(table.unreadable, undefined);
      assert.deepEqual([...table.entries.keys()].sort(), [...before.keys()].sort());
      for (const origin of before.keys()) assert.equal(table.state(origin), 'accepted');
      assert.ok(decoder.decoded.length <= 3);
    });

  it('is away, and comes back', async (test) => {
    const server = await site(test, says(podList('a')));
    const { table, source } = await started(test, server.url);
    const { port } = server;
    server.close();
    await source.rescan();
    assert.match(table.unreadable ?? '', /connection is refused/);
    assert.equal(table.entries.size, 1);
    await new Site(says(podList('a', 'b'))).listen(test, port);
    await source.rescan();
    assert.equal(table.unreadable, undefined);
    assert.equal(table.entries.size, 2);
  });

  it('never answers from the beginning: what ran goes on, and is told of soon', async (test) => {
    const answering = await site(test, says(podList('a')));
    const before = await started(test, answering.url);
    const lastGood = [...before.table.entries.values()].flatMap(({ staticPod }) => staticPod ?? []);
    assert.equal(lastGood.length, 1);
    await before.source.stop();
    answering.handler = () => undefined;
    const { table, source } = opened(test, answering.url, { lastGood });
    await source.start();
    assert.match(table.unreadable ?? '', /not answered yet/);
    assert.equal(table.updates[0]?.full, true);
    const [entry] = table.entries.values();
    assert.deepEqual([entry?.state, entry?.staticPod], ['kept', lastGood[0]]);
  });

  it('takes the connection and says nothing, not even TLS', async (test) => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    test.after(() => silent.close());
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const { table } = await started(test, url, { limits: { silenceMs: 40 } });
    assert.match(table.unreadable ?? '', /nothing was heard/);
  });

  it('answers when monopod stops: nothing is said any more', async (test: TestContext) => {
    let answer: () => void = () => undefined;
    const server = await site(test, says(podList('a')));
    const { table, source } = await started(test, server.url);
    const asked = new Promise<void>((resolve) => {
      server.handler = (_, response) => {
        answer = () => response.end(podList());
        resolve();
      };
    });
    const asking = source.rescan();
    await asked;
    await source.stop();
    answer();
    await asking;
    assert.equal(table.updates.length, 1);
  });
});
