// What the engine is asked to mount into a container for its volumes.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Volume, VolumeMount } from '../../../src/kubernetes/pod.ts';
import { code, message, value } from '../../contract/results.ts';
import { scratch } from '../scratch.ts';

const on = scratch();
const data = (): Volume => ({ name: 'v', hostPath: { path: on.at('data') } });
const mountOf = async (mount: Partial<VolumeMount>, volume = data()) =>
  value(await on.mountsFor(mount, volume))[0];

test('where it lies, read-only or not, and how mounts go through', async () => {
  mkdirSync(on.at('data'));
  const plain = { hostPath: on.at('data'), containerPath: '/m', readOnly: false, propagation: 'private' };
  assert.deepEqual(await mountOf({}), plain);
  assert.deepEqual(await mountOf({ readOnly: true }), { ...plain, readOnly: true });
  assert.deepEqual(await mountOf({ mountPath: 'relative' }), { ...plain, containerPath: '/relative' });
  assert.deepEqual(await mountOf({ readOnly: true, recursiveReadOnly: 'Disabled' }), {
    ...plain,
    readOnly: true,
  });
  for (const mode of ['IfPossible', 'Enabled'])
    assert.deepEqual(await mountOf({ readOnly: true, recursiveReadOnly: mode }), {
      ...plain,
      readOnly: true,
      recursiveReadOnly: { mode, volume: 'v' },
    });
  for (const [mountPropagation, propagation] of [
    ['None', 'private'],
    ['HostToContainer', 'rslave'],
    ['Bidirectional', 'rshared'],
  ] as const)
    assert.deepEqual(await mountOf({ mountPropagation }), { ...plain, propagation });
  assert.equal((await mountOf({}, { name: 'v', emptyDir: {} }))?.hostPath, on.emptyDir('v'));
});

test('what the Pod says of itself is read-only, whatever its mount says', async () => {
  const downward = { name: 'v', downwardAPI: { items: [] } };
  assert.equal((await mountOf({ readOnly: false }, downward))?.readOnly, true);
});

test('a volume that is not there is named', async () => {
  const result = await on.mountsFor({ name: 'other' }, data());
  assert.equal(code(result), 'ContainerConfigInvalid');
  assert.equal(message(result), 'cannot find volume "other" to mount into container "main"');
});
