// Directories along a path that a person has written.
import assert from 'node:assert/strict';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectories } from '../../src/host/make-directories.ts';
import { freshDirectory } from '../fresh-directory.ts';

let base = '';
freshDirectory((path) => {
  base = path;
});

const bounded = { timeout: 10_000 };
const modeOf = (path: string) => statSync(path).mode & 0o777;

test('what is missing is made, each with the mode; what is there stays', bounded, async () => {
  mkdirSync(join(base, 'old'), { mode: 0o700 });
  for (let times = 0; times < 2; times++) await makeDirectories(join(base, 'old/a/b'), 0o750);
  assert.deepEqual(
    ['old', 'old/a', 'old/a/b'].map((path) => modeOf(join(base, path))),
    [0o700, 0o750, 0o750],
  );
});

test('several may make the same at once', bounded, async () => {
  const path = join(base, 'x/y/z');
  await Promise.all(Array.from({ length: 8 }, () => makeDirectories(path, 0o755)));
  assert.ok(statSync(path).isDirectory());
});

test('a link to a directory is one; a file, or a link to nothing, is an error', bounded, async () => {
  mkdirSync(join(base, 'there'));
  symlinkSync('there', join(base, 'link'));
  await makeDirectories(join(base, 'link/in'), 0o755);
  assert.ok(statSync(join(base, 'there/in')).isDirectory());
  writeFileSync(join(base, 'file'), '');
  await assert.rejects(makeDirectories(join(base, 'file'), 0o755), { code: 'EEXIST' });
  await assert.rejects(makeDirectories(join(base, 'file/in'), 0o755), { code: 'ENOTDIR' });
  symlinkSync('nothing', join(base, 'dangling'));
  await assert.rejects(makeDirectories(join(base, 'dangling'), 0o755), { code: 'ENOENT' });
});

test('where the kernel takes no directory the answer comes all the same', bounded, async () => {
  await assert.rejects(makeDirectories('/proc/nope', 0o755), { code: 'ENOENT' });
  await assert.rejects(makeDirectories('/proc/nope/deeper', 0o755), { code: 'ENOENT' });
});
