// A Pod's cgroup, by the engine's cgroup driver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskedOnce } from '../../../src/engine/docker/asked-once.ts';
import { cgroupParentFor } from '../../../src/engine/docker/cgroup-parent.ts';
import { fail, ok } from '../../../src/errors.ts';

const parent = '/kubepods/burstable/pod1-2';
const answering = (driver: string) => new AskedOnce(async () => ok(driver));

test('a path as it is for cgroupfs, a slice for systemd', async () => {
  assert.deepEqual(await cgroupParentFor(parent, answering('cgroupfs')), ok(parent));
  const slice = 'kubepods-burstable-pod1_2.slice';
  assert.deepEqual(await cgroupParentFor(parent, answering('systemd')), ok(slice));
  assert.deepEqual(await cgroupParentFor('/kubepods/pod1', answering('systemd')), ok('kubepods-pod1.slice'));
});

test('a Pod without a cgroup of its own asks the engine nothing; one with, what the engine fails with', async () => {
  const away = new AskedOnce<string>(async () => fail('EngineUnavailable', 'away'));
  assert.deepEqual(await cgroupParentFor(undefined, away), ok(undefined));
  assert.deepEqual(await cgroupParentFor(parent, away), fail('EngineUnavailable', 'away'));
});
