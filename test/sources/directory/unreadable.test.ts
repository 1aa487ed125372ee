// Permissions do not bind root, so as root this file's tests run as nobody.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { staticPod } from '../toy-decoder.ts';
import { temporary, watched } from './scene.ts';

const asRoot = process.geteuid?.() === 0;

describe('a directory source that may not read', { timeout: 20_000 }, () => {
  before(() => {
    if (asRoot) process.seteuid?.(65534);
  });
  after(() => {
    if (asRoot) process.seteuid?.(0);
  });

  it('keeps the last good version of a file that becomes unreadable', async (test) => {
    const dir = temporary(test);
    const [file, never] = [join(dir, 'web.yaml'), join(dir, 'never.yaml')];
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    chmodSync(file, 0);
    writeFileSync(never, 'pod never one', { mode: 0 });
    await table.until(() => table.state(file) === 'kept' && table.state(never) === 'rejected');
    assert.equal(table.image(file), 'one');
    assert.match(table.entries.get(file)?.reason ?? '', /permission denied/);
    chmodSync(file, 0o600);
    chmodSync(never, 0o600);
    await table.until(() => table.state(file) === 'accepted' && table.state(never) === 'accepted');
  });

  it('keeps the whole set while the directory is unreadable, and compares when it is readable again', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir);
    const [file, gone] = [join(dir, 'web.yaml'), join(dir, 'gone.yaml')];
    writeFileSync(file, 'pod web one');
    writeFileSync(gone, 'pod gone one');
    const { table } = await watched(test, dir);
    // What is removed while nobody may look.
    chmodSync(dir, 0o300);
    await table.until(() => table.unreadable !== undefined);
    assert.match(table.unreadable ?? '', /permission denied: give the user/);
    unlinkSync(gone);
    writeFileSync(file, 'pod web two');
    assert.equal(table.image(file), 'one');
    assert.equal(table.image(gone), 'one');
    chmodSync(dir, 0o700);
    await table.until(() => table.image(file) === 'two' && table.everRemoved(gone));
    assert.equal(table.unreadable, undefined);
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
  });

  it('keeps every Pod of a directory that may be listed but not entered', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table, source } = await watched(test, dir);
    chmodSync(dir, 0o600);
    await source.rescan();
    assert.equal(table.state(file), 'kept');
    chmodSync(dir, 0o700);
    await table.until(() => table.state(file) === 'accepted');
    assert.equal(table.everRemoved(file), false);
  });

  it('keeps everything when it starts so', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir, { mode: 0 });
    const file = join(dir, 'web.yaml');
    const { table } = await watched(test, dir, { lastGood: [staticPod(file, 'web', 'one')] });
    assert.equal(table.state(file), 'kept');
    assert.notEqual(table.updates[0]?.unreadable, undefined);
    rmdirSync(dir);
  });

  it('says that its links lead in a circle', async (test) => {
    const parent = temporary(test);
    symlinkSync('manifests', join(parent, 'manifests'));
    const { table } = await watched(test, join(parent, 'manifests'));
    assert.match(table.unreadable ?? '', /lead back to themselves/);
    unlinkSync(join(parent, 'manifests'));
    mkdirSync(join(parent, 'manifests'));
    await table.until(() => table.unreadable === undefined);
  });
});
