// Where Pods can have cgroups of their own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasPodCgroups } from '../../src/host/has-pod-cgroups.ts';

test('with an engine on this host, and trees that no one else has to himself', (t) => {
  const mount = mkdtempSync(join(tmpdir(), 'kt-trees-'));
  t.after(() => rmSync(mount, { recursive: true }));
  const absent = join(mount, 'no-systemd');
  const local = 'unix:///run/docker.sock';
  assert.equal(hasPodCgroups(local, mount, absent), false, 'nothing is mounted');
  for (const controller of ['cpu', 'memory', 'pids']) mkdirSync(join(mount, controller));
  assert.equal(hasPodCgroups(local, mount, absent), true);
  assert.equal(hasPodCgroups(local, mount, mount), true, 'version 1 beside systemd');
  assert.equal(hasPodCgroups('tcp://127.0.0.1:2375', mount, absent), false);
  writeFileSync(join(mount, 'cgroup.controllers'), 'cpu');
  assert.equal(hasPodCgroups(local, mount, absent), true);
  assert.equal(hasPodCgroups(local, mount, mount), false);
});
