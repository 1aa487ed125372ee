// A push as main has it carried out: by the source's thread (the built bundle, the real decoder), which may end meanwhile.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ThreadGoneError } from '../../src/actors/call.ts';
import { systemClock } from '../../src/clock.ts';
import type { PutOptions } from '../../src/sources/push/calls.ts';
import { SourceLink } from '../../src/supervisor/source-link.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { Table, temporary } from '../sources/directory/scene.ts';

const plain: PutOptions = { dryRun: false, fieldValidation: 'Warn', describe: true };
const pod = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: main, image: '${image}'}\n`;

test('it is answered when main knows of it; without a thread it is not, and the next thread knows the rest', async (test) => {
  const directory = join(temporary(test), 'pushed');
  const table = new Table();
  let isFailing = false;
  const logged: string[] = [];
  const link = new SourceLink({
    data: { kind: 'push', directory, nodeName: 'node', lastGood: [] },
    lastGood: () => [...table.entries.values()].flatMap(({ staticPod }) => staticPod ?? []),
    clock: systemClock,
    log: createLog({ format: 'text', verbosity: 0, write: (line) => logged.push(line), now: () => 0 }),
    onSpans: () => undefined,
    onUpdate(update) {
      if (isFailing) throw new Error('main does not take it');
      table.take(update);
    },
  });
  test.after(() => link.close());
  const put = (image: string) => link.calls.put('web', new Uint8Array(Buffer.from(pod(image))), plain);

  const first = await put('busybox:1');
  assert.equal(first.outcome, 'created');
  assert.equal(table.image('push:web'), 'busybox:1');
  assert.ok('description' in first);
  assert.equal(first.description, 'web: accepted as Pod default/web-node\n');
  const before = table.entries.get('push:web')?.staticPod;
  assert.equal(before?.pod.metadata?.annotations?.['kubernetes.io/config.source'], 'api');

  isFailing = true;
  await assert.rejects(put('busybox:2'));
  while (!logged.some((line) => line.includes('a source thread has ended')))
    await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(put('busybox:3'), ThreadGoneError);
  isFailing = false;
  // What was written before the thread ended is what holds, although nobody was told.
  assert.match(readFileSync(join(directory, 'web'), 'utf8'), /busybox:2/);
  await table.until(() => table.image('push:web') === 'busybox:2');

  const got = await link.calls.get('web');
  assert.ok(got.outcome === 'found');
  assert.equal(Buffer.from(got.bytes).toString(), pod('busybox:2'));
  assert.equal((await link.calls.remove('web', { dryRun: false })).outcome, 'removed');
  assert.equal(table.entries.size, 0);
  assert.deepEqual(readdirSync(directory), []);
});
