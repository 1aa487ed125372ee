// What a URL answers, and what becomes of it: documents and lists, changes, what is asked for again and when.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FakeClock } from '../fake-clock.ts';
import { documents, opened, pod, podList, type Scene, says, site, started } from './scene.ts';

const names = ({ table }: Scene, url: string) =>
  [...table.entries.values()].map(({ origin, state }) => `${origin.replace(`${url}#`, '')} ${state}`);
const uid = ({ table }: Scene, origin: string) => table.entries.get(origin)?.staticPod?.uid;

describe('what a URL answers', () => {
  it('is a Pod, a PodList or several documents', async (test) => {
    const server = await site(test, says(pod('a')));
    const { url } = server;
    const scene = await started(test, url);
    assert.deepEqual(names(scene, url), ['default/a accepted']);
    const { staticPod } = scene.table.entries.get(`${url}#default/a`) ?? {};
    assert.equal(staticPod?.key, 'default/a-node');
    assert.equal(staticPod?.origin, `${url}#default/a`);
    const { annotations = {}, uid: itsUid } = staticPod?.pod.metadata ?? {};
    assert.equal(annotations['kubernetes.io/config.source'], 'http');
    assert.equal(annotations['kubernetes.io/config.hash'], itsUid);
    server.handler = says(podList('b', 'a'));
    await scene.source.rescan();
    assert.deepEqual(names(scene, url).sort(), ['default/a accepted', 'default/b accepted']);
    server.handler = says(documents(pod('b'), podList('c')), { 'content-type': 'image/png' });
    await scene.source.rescan();
    assert.deepEqual(names(scene, url).sort(), ['default/b accepted', 'default/c accepted']);
    assert.equal(scene.table.unreadable, undefined);
  });

  it('may change its order, its comments and its format: the Pods stay', async (test) => {
    const server = await site(test, says(documents(pod('a'), pod('b'))));
    const scene = await started(test, server.url);
    const [a, b] = ['a', 'b'].map((name) => uid(scene, `${server.url}#default/${name}`));
    const said = scene.table.updates.length;
    server.handler = says(documents(`# moved\n${pod('b')}`, pod('a')));
    await scene.source.rescan();
    assert.equal(scene.table.updates.length, said);
    server.handler = says(documents(pod('b', 'nginx:2'), pod('a')));
    await scene.source.rescan();
    assert.equal(uid(scene, `${server.url}#default/a`), a);
    assert.notEqual(uid(scene, `${server.url}#default/b`), b);
    assert.deepEqual(
      scene.table.updates.at(-1)?.changed.map(({ origin }) => origin),
      [`${server.url}#default/b`],
    );
  });

  it('is taken as a whole or not at all', async (test) => {
    const server = await site(test, says(documents(pod('a'), pod('b'), pod('c'))));
    const { url } = server;
    const scene = await started(test, url);
    const uids = ['a', 'b', 'c'].map((name) => uid(scene, `${url}#default/${name}`));
    const bad = pod('b').replace('image:', 'imagee:');
    server.handler = says(documents(pod('a', 'nginx:2'), bad, pod('d'), 'text'));
    await scene.source.rescan();
    assert.deepEqual(names(scene, url).sort(), [
      '4 rejected',
      'default/a kept',
      'default/b kept',
      'default/c kept',
      'default/d rejected',
    ]);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => uid(scene, `${url}#default/${name}`)),
      uids,
    );
    const [error] = scene.table.entries.get(`${url}#default/b`)?.errors ?? [];
    assert.deepEqual([error?.field, error?.line, error?.column], ['spec.containers[0].image', 16, 5]);
    assert.match(
      scene.table.entries.get(`${url}#default/a`)?.reason ?? '',
      /^changed in the newest answer, which is not taken/,
    );
    assert.match(scene.table.entries.get(`${url}#default/c`)?.reason ?? '', /^not in the newest answer/);
    assert.match(scene.table.entries.get(`${url}#default/d`)?.reason ?? '', /^new in the newest answer/);
    assert.match(scene.table.unreadable ?? '', /2 of its 4 documents: default\/b: line 16, column 5: spec/);
    server.handler = says(documents(pod('a', 'nginx:2'), pod('b'), pod('d')));
    await scene.source.rescan();
    assert.deepEqual(names(scene, url).sort(), [
      'default/a accepted',
      'default/b accepted',
      'default/d accepted',
    ]);
    assert.equal(scene.table.unreadable, undefined);
  });

  it('has a name twice: the first has it', async (test) => {
    const server = await site(test, says(documents(pod('a'), pod('b'), pod('a', 'nginx:2'))));
    const { url } = server;
    const scene = await started(test, url);
    assert.deepEqual(names(scene, url).sort(), ['3 rejected', 'default/a accepted', 'default/b accepted']);
    assert.equal(scene.table.image(`${url}#default/a`), 'nginx:1');
    const [error] = scene.table.entries.get(`${url}#3`)?.errors ?? [];
    assert.deepEqual([error?.type, error?.field, error?.line], ['Duplicate value', 'metadata.name', 22]);
    assert.equal(scene.table.unreadable, undefined);
  });

  for (const empty of [podList(), '{"apiVersion":"v1","kind":"PodList","items":null}'])
    it(`is a list without Pods: ${empty}`, async (test) => {
      const server = await site(test, says(podList('a', 'b')));
      const { table, source } = await started(test, server.url);
      server.handler = says(empty);
      await source.rescan();
      assert.equal(table.entries.size, 0);
      assert.equal(table.unreadable, undefined);
      assert.equal(table.updates.at(-1)?.removed.length, 2);
    });

  it('may be compressed', async (test) => {
    const server = await site(test, says(gzipSync(podList('a')), { 'content-encoding': 'gzip' }));
    const { table } = await started(test, server.url);
    assert.equal(table.entries.size, 1);
    assert.equal(server.requests[0]?.headers['accept-encoding'], 'gzip');
  });
});

describe('what is known', () => {
  it('is not sent again: ETag and Last-Modified', async (test) => {
    const validators = { etag: '"v1"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    const server = await site(test, says(podList('a'), validators));
    const { source, decoder, table } = await started(test, server.url);
    server.handler = (_, response) => response.writeHead(304).end();
    await source.rescan();
    const { headers } = server.requests[1] ?? {};
    assert.deepEqual([headers?.['if-none-match'], headers?.['if-modified-since']], Object.values(validators));
    assert.equal(server.requests[0]?.headers['if-none-match'], undefined);
    assert.deepEqual([decoder.decoded.length, table.updates.length, table.unreadable], [1, 1, undefined]);
  });

  it('is not judged again, and neither is what is at fault', async (test) => {
    const server = await site(test, says(podList('a')));
    const { source, decoder, table } = await started(test, server.url);
    await source.rescan();
    assert.equal(decoder.decoded.length, 1);
    server.handler = says('text', { etag: '"bad"' });
    await source.rescan();
    const { unreadable } = table;
    assert.match(unreadable ?? '', /not taken/);
    server.handler = (_, response) => response.writeHead(503).end();
    await source.rescan();
    assert.match(table.unreadable ?? '', /503/);
    server.handler = (_, response) => response.writeHead(304).end();
    await source.rescan();
    assert.equal(table.unreadable, unreadable, 'it is still what it was');
    assert.equal(decoder.decoded.length, 2);
  });

  it('is judged again if the decoder failed', async (test) => {
    const server = await site(test, says(podList('a'), { etag: '"v1"' }));
    const { source, decoder, table } = opened(test, server.url);
    decoder.fault = 'decoder';
    decoder.failure = () => 'there is no thread';
    await source.start();
    assert.match(table.unreadable ?? '', /no thread/);
    for (let at = 0; at < 5; at++) await source.rescan();
    assert.equal(decoder.decoded.length, 6);
    decoder.fault = 'file';
    for (let at = 0; at < 5; at++) await source.rescan();
    assert.equal(decoder.decoded.length, 9, 'what takes the decoder down does so three times');
    assert.equal(server.requests.at(-2)?.headers['if-none-match'], undefined);
    server.handler = says(podList('b'));
    decoder.failure = () => undefined;
    await source.rescan();
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
  });
});

describe('when it is asked', () => {
  /** Timers go by the clock, connections by the world. */
  const turns = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is at once, and then every --http-check-frequency after the answer', async (test) => {
    const server = await site(test, says(podList('a')));
    const clock = new FakeClock();
    const { source, table } = opened(test, server.url, { clock, checkFrequencyMs: 20_000 });
    await source.start();
    assert.equal(server.requests.length, 1);
    await turns(() => clock.isDueIn(20_000));
    clock.advance(19_999);
    assert.equal(server.requests.length, 1);
    server.handler = says(podList('a', 'b'));
    clock.advance(1);
    await turns(() => table.entries.size === 2);
    assert.equal(server.requests.length, 2);
  });

  it('is sooner at the start, as long as it has not answered', async (test) => {
    const server = await site(test, (_, response) => response.writeHead(503).end());
    const clock = new FakeClock();
    const { source, table } = opened(test, server.url, { clock, checkFrequencyMs: 5_000 });
    await source.start();
    for (const [at, delayMs] of [2_000, 4_000, 5_000, 5_000].entries()) {
      await turns(() => clock.isDueIn(delayMs));
      clock.advance(delayMs - 1);
      assert.equal(server.requests.length, at + 1);
      clock.advance(1);
      await turns(() => server.requests.length === at + 2);
    }
    server.handler = says(podList('a'));
    await turns(() => clock.isDueIn(5_000));
    clock.advance(5_000);
    await turns(() => table.unreadable === undefined);
  });
});
