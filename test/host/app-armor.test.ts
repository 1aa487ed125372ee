// Whether the kernel enforces AppArmor profiles, by what it shows under /sys.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasAppArmor } from '../../src/host/app-armor.ts';

test('it is there when its file system is, and it is enabled', (t) => {
  const sys = mkdtempSync(join(tmpdir(), 'monopod-sys-'));
  t.after(() => rmSync(sys, { recursive: true }));
  assert.equal(hasAppArmor(sys), false);
  mkdirSync(join(sys, 'kernel/security/apparmor'), { recursive: true });
  assert.equal(hasAppArmor(sys), false);
  mkdirSync(join(sys, 'module/apparmor/parameters'), { recursive: true });
  const enabled = join(sys, 'module/apparmor/parameters/enabled');
  writeFileSync(enabled, 'N\n');
  assert.equal(hasAppArmor(sys), false);
  writeFileSync(enabled, 'Y\n');
  assert.equal(hasAppArmor(sys), true);
});
