// A Pod's cgroup, by the engine's cgroup driver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CgroupParents } from '../../../src/engine/docker/cgroup-parent.ts';
import { fail, ok, type Result } from '../../../src/errors.ts';

test('a path as it is, or a slice; the engine is asked for a Pod that has one, and once', async () => {
  const answers: Result<string>[] = [fail('EngineUnavailable', 'away'), ok('cgroupfs'), ok('systemd')];
  const parents = new CgroupParents(
    async () => answers.shift() ?? fail('EngineError', 'asked once too often'),
  );
  const parent = '/kubepods/burstable/pod1-2';
  assert.deepEqual(await parents.settle(undefined), ok(undefined));
  assert.equal((await parents.settle(parent)).ok, false);
  assert.deepEqual(await parents.settle(parent), ok(parent));
  assert.deepEqual(await parents.settle(parent), ok(parent));
  parents.forget();
  assert.deepEqual(await parents.settle(parent), ok('kubepods-burstable-pod1_2.slice'));
  assert.deepEqual(await parents.settle('/kubepods/pod1'), ok('kubepods-pod1.slice'));
});
