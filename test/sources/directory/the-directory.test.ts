import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { staticPod } from '../toy-decoder.ts';
import { temporary, watched } from './scene.ts';

const limit = { timeout: 20_000 };

describe('the directory of a source', limit, () => {
  it('may be named with a slash at its end', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, `${dir}/`);
    assert.equal(table.image(file), 'one');
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
  });

  it('is seen to go while the decoder is stuck', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir);
    const { table, source, decoder } = await watched(test, dir);
    let open = () => {};
    decoder.gate = new Promise((resolve) => {
      open = resolve;
    });
    writeFileSync(join(dir, 'web.yaml'), 'pod web one');
    const judged = source.rescan();
    renameSync(dir, `${dir}.away`);
    await table.until(() => table.unreadable !== undefined);
    open();
    await judged;
  });

  it('is waited for', async (test) => {
    const dir = join(temporary(test), 'etc/kubernetes/manifests');
    const { table } = await watched(test, dir);
    assert.match(table.unreadable ?? '', /does not exist yet/);
    mkdirSync(dir, { recursive: true });
    await table.until(() => table.unreadable === undefined);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    await table.until(() => table.image(file) === 'one');
  });

  it('may be moved away and back: nothing is removed meanwhile', async (test) => {
    const parent = temporary(test);
    const [dir, away] = [join(parent, 'manifests'), join(parent, 'away')];
    mkdirSync(dir);
    const [file, other] = [join(dir, 'web.yaml'), join(dir, 'other.yaml')];
    writeFileSync(file, 'pod web one');
    writeFileSync(other, 'pod other one');
    const { table } = await watched(test, dir);
    renameSync(dir, away);
    await table.until(() => table.unreadable !== undefined);
    assert.match(table.unreadable ?? '', /is gone/);
    writeFileSync(join(away, 'web.yaml'), 'pod web two');
    unlinkSync(join(away, 'other.yaml'));
    renameSync(away, dir);
    await table.until(() => table.image(file) === 'two' && table.unreadable === undefined);
    assert.deepEqual(
      table.updates.filter(({ unreadable }) => unreadable).flatMap(({ removed }) => removed),
      [],
    );
    await table.until(() => table.everRemoved(other));
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
  });

  it('may be removed with all that is in it, and made anew: its Pods stay', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    rmSync(dir, { recursive: true });
    await table.until(() => table.unreadable !== undefined);
    mkdirSync(dir);
    await table.until(() => table.unreadable === undefined);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    assert.equal(table.everRemoved(file), false);
  });

  it('may be replaced by another in one step', async (test) => {
    const parent = temporary(test);
    const [dir, next] = [join(parent, 'manifests'), join(parent, 'next')];
    for (const directory of [dir, next]) mkdirSync(directory);
    writeFileSync(join(dir, 'web.yaml'), 'pod web one');
    writeFileSync(join(dir, 'old.yaml'), 'pod old one');
    writeFileSync(join(next, 'web.yaml'), 'pod web two');
    const { table, source } = await watched(test, dir);
    renameSync(dir, join(parent, 'previous'));
    renameSync(next, dir);
    await source.rescan();
    await table.until(() => table.image(join(dir, 'web.yaml')) === 'two');
    await table.until(() => table.everRemoved(join(dir, 'old.yaml')));
    writeFileSync(join(dir, 'web.yaml'), 'pod web three');
    await table.until(() => table.image(join(dir, 'web.yaml')) === 'three');
  });

  it('may be one file, by whatever name', async (test) => {
    const file = join(temporary(test), 'only.bak');
    writeFileSync(file, 'pod web one');
    writeFileSync(join(file, '../other.yaml'), 'pod other one');
    const { table } = await watched(test, file);
    assert.deepEqual([...table.entries.keys()], [file]);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
    writeFileSync(join(file, '../other.yaml'), 'pod other two');
    writeFileSync(file, 'pod web four');
    await table.until(() => table.image(file) === 'four');
    assert.deepEqual([...table.entries.keys()], [file]);
  });

  it('may be one file that went while monopod was down', async (test) => {
    const file = join(temporary(test), 'only.yaml');
    const { table } = await watched(test, file, { lastGood: [staticPod(file, 'web', 'one')] });
    assert.deepEqual(table.updates[0]?.removed, [file]);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
  });

  it('may be a file where a directory is needed on the way', async (test) => {
    const dir = temporary(test);
    writeFileSync(join(dir, 'etc'), '');
    const { table } = await watched(test, join(dir, 'etc/manifests'));
    assert.match(table.unreadable ?? '', /a part of the path is a file/);
    unlinkSync(join(dir, 'etc'));
    mkdirSync(join(dir, 'etc/manifests'), { recursive: true });
    await table.until(() => table.unreadable === undefined);
  });
});
