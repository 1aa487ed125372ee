// That these tests and monopod itself leave nothing behind.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pod, shell } from './harness/manifest.ts';
import { makeNode } from './harness/node.ts';
import { until } from './harness/until.ts';

test('when the last manifest is gone, so are containers, Pod directories and logs', async (t) => {
  const node = await makeNode();
  t.after(() => node.dispose());
  const mounted = pod('web', {
    volumes: [
      { name: 'disk', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory' } },
    ],
    containers: [
      shell(undefined, {
        volumeMounts: [
          { name: 'disk', mountPath: '/disk' },
          { name: 'memory', mountPath: '/memory' },
        ],
      }),
    ],
  });
  await node.write('web.yaml', mounted);
  await node.start();
  const { metadata } = await node.running('web');
  await node.remove('web.yaml');
  await node.gone('web');
  const namesUid = (directory: string): string[] =>
    existsSync(directory)
      ? readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
          path.includes(`${metadata?.uid}`),
        )
      : [];
  await until(
    'no file is left of the Pod',
    () => [...namesUid(node.root), ...namesUid(node.logsDirectory)].length === 0,
  );
  const { code } = await node.stop();
  assert.equal(code, 0);
  assert.equal(existsSync(join(node.root, 'monopod.sock')), false);
});

test('a test node is removed whole, with monopod still running', async () => {
  const node = await makeNode();
  await node.write('web.yaml', pod('web'));
  await node.start();
  await node.running('web');
  const { pid } = node.process ?? {};
  await node.dispose();
  assert.equal((await node.containers()).length, 0);
  assert.equal(existsSync(node.root), false);
  assert.equal(existsSync(`/proc/${pid}`), false);
});
