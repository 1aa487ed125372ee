// What the engine is asked to mount into a container for its volumes.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { mountsOf } from '../../../src/host/volumes/container-mounts.ts';
import type { Volume, VolumeMount } from '../../../src/kubernetes/pod.ts';
import { code, message, value } from '../../contract/results.ts';
import { container, staticPod } from '../../pod/pods.ts';
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

test('on SELinux what is made for the Pod is labelled for it, and what is the host’s own is left alone', async () => {
  mkdirSync(on.at('data'));
  const main = container('main', { volumeMounts: [{ name: 'v', mountPath: '/m' }] });
  const relabelled = async (volume: Volume, onSELinux: boolean) => {
    const { pod } = staticPod('u1', { volumes: [volume] });
    const mounts = value(await mountsOf(on.rootDir, 'u1', pod, main, new Map(), onSELinux));
    return mounts[0]?.relabel ?? false;
  };
  for (const volume of [
    { name: 'v', emptyDir: {} },
    { name: 'v', projected: { sources: [] } },
  ]) {
    assert.equal(await relabelled(volume, true), true);
    assert.equal(await relabelled(volume, false), false);
  }
  assert.equal(await relabelled(data(), true), false);
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
