import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { linkPath } from '../../../src/sources/directory/links.ts';
import { staticPod } from '../toy-decoder.ts';
import { temporary, watched } from './scene.ts';

const limit = { timeout: 20_000 };

describe('linkPath', () => {
  it('names every link on the way, and the end', (test) => {
    const dir = temporary(test);
    mkdirSync(join(dir, 'v1'));
    writeFileSync(join(dir, 'v1/web.yaml'), '');
    symlinkSync('v1', join(dir, '..data'));
    symlinkSync('..data/web.yaml', join(dir, 'web.yaml'));
    assert.deepEqual(linkPath(dir, 'web.yaml'), {
      crossed: [join(dir, 'web.yaml'), join(dir, '..data')],
      end: join(dir, 'v1/web.yaml'),
      missing: false,
    });
  });

  it('crosses nothing where there are no links', (test) => {
    const dir = temporary(test);
    writeFileSync(join(dir, 'web.yaml'), '');
    assert.deepEqual(linkPath(dir, 'web.yaml'), { crossed: [], end: join(dir, 'web.yaml'), missing: false });
  });

  it('ends at the first path that is not there', (test) => {
    const dir = temporary(test);
    symlinkSync('../there/not/web.yaml', join(dir, 'web.yaml'));
    const { end, missing } = linkPath(dir, 'web.yaml');
    assert.deepEqual([end, missing], [join(dir, '../there'), true]);
  });

  it('gives a loop up', (test) => {
    const dir = temporary(test);
    symlinkSync('b', join(dir, 'a'));
    symlinkSync('a', join(dir, 'b'));
    assert.equal(linkPath(dir, 'a').missing, true);
  });
});

describe('a directory source follows links', limit, () => {
  it('to a file elsewhere: changed in place, renamed over, removed and back', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const [file, target] = [join(dir, 'web.yaml'), join(elsewhere, 'web')];
    writeFileSync(target, 'pod web one');
    symlinkSync(target, file);
    const { table } = await watched(test, dir);
    assert.equal(table.image(file), 'one');
    writeFileSync(target, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    writeFileSync(`${target}.new`, 'pod web three');
    renameSync(`${target}.new`, target);
    await table.until(() => table.image(file) === 'three');
    unlinkSync(target);
    await table.until(() => table.state(file) === 'kept');
    assert.match(table.entries.get(file)?.reason ?? '', /target does not exist/);
    assert.equal(table.image(file), 'three');
    writeFileSync(target, 'pod web four');
    await table.until(() => table.image(file) === 'four' && table.state(file) === 'accepted');
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
  });

  it('that are made to lead elsewhere', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const file = join(dir, 'web.yaml');
    for (const name of ['one', 'two']) writeFileSync(join(elsewhere, name), `pod web ${name}`);
    symlinkSync(join(elsewhere, 'one'), file);
    const { table } = await watched(test, dir);
    symlinkSync(join(elsewhere, 'two'), join(dir, '.next'));
    renameSync(join(dir, '.next'), file);
    await table.until(() => table.image(file) === 'two');
    writeFileSync(join(elsewhere, 'two'), 'pod web three');
    await table.until(() => table.image(file) === 'three');
    assert.equal(table.everRemoved(file), false);
  });

  it('through the swap of a ConfigMap volume', async (test) => {
    const dir = temporary(test);
    const publish = (version: string, images: Record<string, string>) => {
      mkdirSync(join(dir, `..${version}`));
      for (const [name, image] of Object.entries(images))
        writeFileSync(join(dir, `..${version}`, `${name}.yaml`), `pod ${name} ${image}`);
      symlinkSync(`..${version}`, join(dir, '..data_tmp'));
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    };
    publish('1', { web: 'one', other: 'one' });
    const [web, other] = [join(dir, 'web.yaml'), join(dir, 'other.yaml')];
    symlinkSync('..data/web.yaml', web);
    symlinkSync('..data/other.yaml', other);
    const { table, decoder } = await watched(test, dir);
    assert.deepEqual([...table.entries.keys()].sort(), [other, web]);
    publish('2', { web: 'two', other: 'one' });
    rmSync(join(dir, '..1'), { recursive: true });
    await table.until(() => table.image(web) === 'two');
    publish('3', { web: 'three', other: 'two' });
    await table.until(() => table.image(web) === 'three' && table.image(other) === 'two');
    assert.equal(table.everRemoved(web) || table.everRemoved(other), false);
    assert.equal(decoder.decoded.filter((origin) => origin === other).length, 2);
  });

  it('that dangle or lead in a circle, once they lead to a file', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const [dangling, loop] = [join(dir, 'dangling.yaml'), join(dir, 'loop.yaml')];
    symlinkSync(join(elsewhere, 'sub/web'), dangling);
    symlinkSync('loop.yaml', loop);
    const { table } = await watched(test, dir);
    assert.deepEqual([table.state(dangling), table.state(loop)], ['rejected', 'rejected']);
    assert.match(table.entries.get(loop)?.reason ?? '', /leads back to itself/);
    mkdirSync(join(elsewhere, 'sub'));
    writeFileSync(join(elsewhere, 'sub/web'), 'pod web one');
    await table.until(() => table.image(dangling) === 'one');
    unlinkSync(loop);
    writeFileSync(loop, 'pod loop one');
    await table.until(() => table.image(loop) === 'one');
  });

  it('to a directory only to say so', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    symlinkSync(elsewhere, join(dir, 'linked'));
    const { table } = await watched(test, dir);
    assert.match(table.entries.get(join(dir, 'linked'))?.reason ?? '', /a directory/);
  });

  it('on the way to the directory itself', async (test) => {
    const parent = temporary(test);
    const dir = join(parent, 'current');
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(parent, version));
      writeFileSync(join(parent, version, 'web.yaml'), `pod web ${version}`);
    }
    writeFileSync(join(parent, 'v1/old.yaml'), 'pod old v1');
    symlinkSync('v1', dir);
    const { table } = await watched(test, dir);
    const [web, old] = [join(dir, 'web.yaml'), join(dir, 'old.yaml')];
    assert.deepEqual([table.image(web), table.image(old)], ['v1', 'v1']);
    symlinkSync('v2', join(parent, 'next'));
    renameSync(join(parent, 'next'), dir);
    await table.until(() => table.image(web) === 'v2' && table.everRemoved(old));
    writeFileSync(join(parent, 'v2/web.yaml'), 'pod web v3');
    await table.until(() => table.image(web) === 'v3');
    assert.equal(table.everRemoved(web), false);
  });

  it('to one file, whose link is the path itself', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const file = join(dir, 'web.yaml');
    writeFileSync(join(elsewhere, 'web'), 'pod web one');
    symlinkSync(join(elsewhere, 'web'), file);
    const { table } = await watched(test, file);
    assert.equal(table.image(file), 'one');
    writeFileSync(join(elsewhere, 'web'), 'pod web two');
    await table.until(() => table.image(file) === 'two');
  });

  it('keeps a Pod over a restart while its link dangles', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    symlinkSync('nowhere', file);
    const { table } = await watched(test, dir, { lastGood: [staticPod(file, 'web', 'one')] });
    assert.equal(table.state(file), 'kept');
    assert.equal(table.image(file), 'one');
  });

  it('to more directories than are watched, by scanning more often, and says so', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const names = Array.from({ length: 300 }, (_, i) => `p${i}`);
    for (const name of names) {
      mkdirSync(join(elsewhere, name));
      writeFileSync(join(elsewhere, name, 'pod'), `pod ${name} one`);
      symlinkSync(join(elsewhere, name, 'pod'), join(dir, `${name}.yaml`));
    }
    const { table } = await watched(test, dir);
    await table.until(() => table.updates.some(({ unwatched }) => unwatched !== undefined));
    assert.equal(table.unreadable, undefined);
    for (const name of names) writeFileSync(join(elsewhere, name, 'pod'), `pod ${name} two`);
    await table.until(() => names.every((name) => table.image(join(dir, `${name}.yaml`)) === 'two'));
  });
});
