// The source thread as main runs it: the built bundle, the real decoder in its pool.
import assert from 'node:assert/strict';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { spawn } from '../../src/actors/thread.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { DirectorySourceData, SourceChild, SourceParent } from '../../src/sources/service.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { Table, temporary } from './directory/scene.ts';

const pod = (image: string) => `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: main
    image: ${image}
`;

function sourceThread(test: TestContext, path: string, lastGood: StaticPod[] = []) {
  const table = new Table();
  const spans: SpanRecord[] = [];
  const data: DirectorySourceData = {
    kind: 'directory',
    path,
    nodeName: 'node',
    fileCheckFrequencyMs: 20_000,
    lastGood,
  };
  const parent: SourceParent = { update: (update) => table.take(update) };
  const thread = spawn<SourceParent, SourceChild>('source', data, parent, (some) => spans.push(...some));
  test.after(() => thread.terminate());
  return { table, spans, thread };
}

describe('the source thread', { timeout: 30_000 }, () => {
  it('turns files into static Pods, and keeps the last good one', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    const { table } = sourceThread(test, dir);
    await table.until(() => table.updates[0]?.full === true);
    writeFileSync(file, pod('busybox:1.36'));
    await table.until(() => table.state(file) === 'accepted');
    const good = table.entries.get(file)?.staticPod;
    assert.equal(good?.key, 'default/web-node');
    writeFileSync(file, pod('busybox:1.37').replace('image', 'imagee').replace('- name', '- nam'));
    await table.until(() => table.state(file) === 'kept');
    assert.deepEqual(table.entries.get(file)?.staticPod, good);
    assert.ok((table.entries.get(file)?.errors[0]?.line ?? 0) > 0);
    writeFileSync(file, pod('busybox:1.37'));
    await table.until(() => table.image(file) === 'busybox:1.37');
    assert.notEqual(table.entries.get(file)?.staticPod?.uid, good?.uid);
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
  });

  it('tells the same Pod when it starts anew with what was last good', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, pod('busybox:1.36'));
    const first = sourceThread(test, dir);
    await first.table.until(() => first.table.state(file) === 'accepted');
    const before = first.table.entries.get(file)?.staticPod;
    assert.ok(before);
    await first.thread.terminate();
    writeFileSync(file, `# a remark\n${pod('busybox:1.36')}`);
    const second = sourceThread(test, dir, [before]);
    await second.table.until(() => second.table.state(file) === 'accepted');
    assert.deepEqual(second.table.entries.get(file)?.staticPod, before);
  });

  it('traces a change from its event', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    const { table, spans, thread } = sourceThread(test, dir);
    await table.until(() => table.updates[0]?.full === true);
    writeFileSync(file, pod('busybox:1.36'));
    await table.until(() => table.state(file) === 'accepted');
    // Stopping flushes what has been recorded.
    await thread.remote.stop();
    while (!spans.some(({ name }) => name === 'source.event'))
      await new Promise((resolve) => setImmediate(resolve));
    const root = spans.find(({ name }) => name === 'source.event');
    assert.equal(root?.parentSpanId, undefined);
    assert.deepEqual(root?.attributes, { path: file, kind: 'add' });
    for (const name of ['source.read', 'manifest.decode'])
      assert.equal(spans.find((span) => span.name === name)?.parentSpanId, root?.spanId);
    assert.match(
      table.entries.get(file)?.trace?.traceparent ?? '',
      new RegExp(`${root?.traceId}-${root?.spanId}`),
    );
  });
});
