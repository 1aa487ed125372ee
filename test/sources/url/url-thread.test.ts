// The URL source's thread as main runs it: the built bundle, the real decoder in its pool.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { spawn } from '../../../src/actors/thread.ts';
import type { StaticPod } from '../../../src/manifest/static-pod.ts';
import type { SourceChild, SourceParent, UrlSourceData } from '../../../src/sources/service.ts';
import type { SpanRecord } from '../../../src/telemetry/span-record.ts';
import { Table } from '../directory/scene.ts';
import { documents, pod, podList, says, site } from './scene.ts';

function urlThread(test: TestContext, url: string, lastGood: StaticPod[] = []) {
  const table = new Table();
  const spans: SpanRecord[] = [];
  const data: UrlSourceData = {
    kind: 'url',
    url,
    nodeName: 'node',
    headers: {},
    files: {},
    checkFrequencyMs: 3_600_000,
    lastGood,
  };
  const parent: SourceParent = { update: (update) => table.take(update) };
  const thread = spawn<SourceParent, SourceChild>('source', data, parent, (some) => spans.push(...some));
  test.after(() => thread.terminate());
  return { table, spans, thread };
}

describe('the thread of a URL source', { timeout: 30_000 }, () => {
  it('turns an answer into static Pods, keeps the last good ones, and traces what changed', async (test) => {
    const server = await site(test, says(documents(pod('a'), pod('b'))));
    const { url } = server;
    const { table, spans, thread } = urlThread(test, url);
    await table.until(() => table.state(`${url}#default/b`) === 'accepted');
    const good = table.entries.get(`${url}#default/a`)?.staticPod;
    server.handler = says(documents(pod('a').replace('image', 'imagee'), pod('b')));
    await thread.remote.rescan();
    await table.until(() => table.state(`${url}#default/a`) === 'kept');
    assert.deepEqual(table.entries.get(`${url}#default/a`)?.staticPod, good);
    server.handler = says(podList());
    await thread.remote.rescan();
    await table.until(() => table.entries.size === 0);
    assert.equal(table.unreadable, undefined);
    await thread.remote.stop();
    const isRoot = ({ name }: SpanRecord) => name === 'source.event';
    while (spans.filter(isRoot).length < 3) await new Promise((resolve) => setImmediate(resolve));
    const [root] = spans.filter(isRoot);
    assert.deepEqual(root?.attributes, { path: url, kind: 'add' });
    for (const name of ['source.read', 'manifest.decode'])
      assert.ok(
        spans.some((span) => span.name === name && span.parentSpanId === root?.spanId),
        name,
      );
    const [first] = table.updates;
    assert.match(first?.changed[0]?.trace?.traceparent ?? '', new RegExp(`${root?.traceId}-${root?.spanId}`));
  });

  it('begins with what was last good while the server hangs, and tells the same Pods when it answers', async (test) => {
    const server = await site(test, says(podList('a', 'b')));
    const first = urlThread(test, server.url);
    await first.table.until(() => first.table.entries.size === 2);
    const before = [...first.table.entries.values()].flatMap(({ staticPod }) => staticPod ?? []);
    await first.thread.terminate();
    let answer: () => void = () => undefined;
    server.handler = (request, response) => {
      answer = () => says(podList('b', 'a'))(request, response);
    };
    const { table } = urlThread(test, server.url, before);
    await table.until(() => table.unreadable !== undefined);
    const pods = () => [...table.entries.values()].map(({ staticPod }) => staticPod);
    assert.deepEqual(pods(), before);
    assert.deepEqual(
      [...table.entries.values()].map(({ state }) => state),
      ['kept', 'kept'],
    );
    answer();
    await table.until(() => table.unreadable === undefined);
    assert.deepEqual(pods(), before);
    assert.deepEqual(
      [...table.entries.values()].map(({ state }) => state),
      ['accepted', 'accepted'],
    );
  });
});
