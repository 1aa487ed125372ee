// Files that appear and change all at once.
import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeAtomically } from '../../../src/host/volumes/atomic-writer.ts';
import { freshDirectory } from '../../fresh-directory.ts';

let base = '';
let directory = '';
freshDirectory((path) => {
  base = path;
  directory = join(base, 'volume');
  mkdirSync(directory);
});

const nowMs = Date.UTC(2026, 1, 3, 4, 5, 6);
const write = (files: Record<string, string | [data: string, mode: number]>, fsGroup?: number) => {
  const entries = Object.entries(files).map(([path, file]) => {
    const [data, mode] = typeof file === 'string' ? [file, 0o644] : file;
    return [path, { data, mode }] as const;
  });
  return writeAtomically(directory, new Map(entries), fsGroup, nowMs);
};
const at = (path: string) => join(directory, path);
const read = (path: string) => readFileSync(at(path), 'utf8');
const mode = (path: string) => (statSync(at(path)).mode & 0o7777).toString(8);
const data = () => readlinkSync(at('..data'));
const names = () => readdirSync(directory).sort();

test('visible names are links through ..data into a directory with a timestamp', async () => {
  await write({ name: 'n', 'deep/down/file': 'd', 'deep/other': 'o', empty: '' });
  assert.match(data(), /^\.\.2026_02_03_04_05_06\.\w+$/);
  assert.deepEqual(names(), [data(), '..data', 'deep', 'empty', 'name'].sort());
  assert.equal(readlinkSync(at('name')), '..data/name');
  assert.equal(readlinkSync(at('deep')), '..data/deep');
  assert.deepEqual(['name', 'deep/down/file', 'deep/other', 'empty'].map(read), ['n', 'd', 'o', '']);
});

test('a name that is taken by what is no link, as by a mountpoint: said, not left out', async () => {
  mkdirSync(at('deep'));
  for (let times = 0; times < 2; times++)
    await assert.rejects(write({ 'deep/file': 'd', name: 'n' }), { message: 'deep: file exists' });
});

test('modes are as asked for, whatever the umask', async () => {
  const before = process.umask(0o077);
  try {
    await write({ open: ['', 0o666], closed: ['', 0o400], 'deep/file': ['', 0o644] });
  } finally {
    process.umask(before);
  }
  assert.deepEqual(['open', 'closed', 'deep/file', 'deep', '..data'].map(mode), [
    '666',
    '400',
    '644',
    '755',
    '755',
  ]);
  assert.equal(statSync(at('open')).gid, process.getgid?.());
});

test('with an fsGroup all of it is of that group, which may read it', async () => {
  await write({ closed: ['', 0o400], 'deep/file': ['', 0o604] }, 4321);
  assert.deepEqual(['closed', 'deep/file', 'deep', '..data'].map(mode), ['440', '644', '2755', '2755']);
  for (const path of ['closed', 'deep/file', 'deep', '..data']) {
    assert.equal(statSync(at(path)).gid, 4321, path);
    assert.equal(statSync(at(path)).uid, process.getuid?.(), path);
  }
});

test('what is right stays as it is', async () => {
  await write({ a: '1', 'd/b': '2' });
  const before = [data(), lstatSync(at('a')).ino, statSync(at('d/b')).ino];
  await write({ 'd/b': '2', a: '1' });
  assert.deepEqual([data(), lstatSync(at('a')).ino, statSync(at('d/b')).ino], before);
  rmSync(at('a'));
  await write({ a: '1', 'd/b': '2' });
  assert.equal(read('a'), '1', 'a visible name that was lost comes back');
  assert.equal(data(), before[0]);
});

for (const [what, files] of [
  ['another content', { a: '2', 'd/b': '2' }],
  ['another file', { a: '1', 'd/b': '2', c: '3' }],
  ['a file less', { 'd/b': '2' }],
  ['a directory less', { a: '1' }],
  ['other files altogether', { x: '1', 'y/z': '2' }],
  ['nothing', {}],
] as [string, Record<string, string>][]) {
  test(`changed as a whole: ${what}`, async () => {
    await write({ a: '1', 'd/b': '2' });
    const before = data();
    await write(files);
    assert.notEqual(data(), before);
    const visible = new Set(Object.keys(files).map((path) => path.split('/')[0]));
    assert.deepEqual(names(), [data(), '..data', ...visible].sort());
    for (const [path, content] of Object.entries(files)) assert.equal(read(path), content);
  });
}

test('one that died half-way leaves nothing in the way', async () => {
  symlinkSync('..2026_01_01_00_00_00.half', at('..data_tmp'));
  await write({ a: '1' });
  assert.equal(read('a'), '1');
  assert.ok(!existsSync(at('..data_tmp')));
});

for (const target of ['/etc', '..', '.', '../outside', 'name', '..2026_01_01_00_00_00.gone/../../outside']) {
  test(`a ..data that leads to ${target} is not one of ours: nothing there is removed`, async () => {
    mkdirSync(join(base, 'outside'));
    writeFileSync(join(base, 'outside/precious'), 'x');
    symlinkSync(target, at('..data'));
    await write({ a: '1' });
    assert.equal(read('a'), '1');
    assert.equal(readFileSync(join(base, 'outside/precious'), 'utf8'), 'x');
  });
}

for (const path of [
  '',
  '/abs',
  '..',
  '../x',
  'a/../b',
  'a/..',
  '..data',
  '..hidden/x',
  '...dots',
  './..x',
  'x'.repeat(256),
]) {
  test(`a path that is none within the volume is refused: ${path.slice(0, 20)}`, async () => {
    await assert.rejects(write({ [path]: 'x', fine: 'y' }), /invalid path/);
    assert.deepEqual(names(), []);
  });
}

test('what cannot be written leaves the old as it was', async () => {
  await write({ a: '1' });
  const before = names();
  // In words that are the same each time it is tried.
  await assert.rejects(write({ a: '2', b: '3', 'b/c': '4' }), { message: /^[^']*'b(\/c)?'$/ });
  assert.deepEqual(names(), before);
  assert.equal(read('a'), '1');
});

test('paths are cleaned: dots and double slashes say nothing', async () => {
  await write({ './a': '1', 'd//./b': '2' });
  assert.deepEqual([read('a'), read('d/b')], ['1', '2']);
});
