// Whether the host has SELinux, by what it shows under /sys.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasSELinux } from '../../src/host/selinux.ts';

test('it is there when its file system is mounted', (t) => {
  const sys = mkdtempSync(join(tmpdir(), 'monopod-sys-'));
  t.after(() => rmSync(sys, { recursive: true }));
  mkdirSync(join(sys, 'fs/selinux'), { recursive: true });
  assert.equal(hasSELinux(sys), false);
  writeFileSync(join(sys, 'fs/selinux/enforce'), '0');
  assert.equal(hasSELinux(sys), true);
});
