// A file within a directory in which somebody else does as he likes: links stay within it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openWithin } from '../../src/host/open-within.ts';

let base = '';
let root = '';
const at = (path: string) => join(root, path);
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kt open-'));
  root = join(base, 'root');
  mkdirSync(at('dir/deep'), { recursive: true });
  writeFileSync(at('file'), 'inside');
  writeFileSync(at('dir/deep/file'), 'deep inside');
  mkdirSync(join(base, 'dir'));
  writeFileSync(join(base, 'file'), 'outside');
  writeFileSync(join(base, 'dir/file'), 'outside');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function read(path: string): Promise<string> {
  const file = await openWithin(root, path);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

for (const [path, content] of [
  ['file', 'inside'],
  ['./dir//deep/./file', 'deep inside'],
  ['/file', 'inside'],
  ['dir/../file', 'inside'],
  ['../file', 'inside'],
  ['../../dir/../../file', 'inside'],
] as const) {
  test(`${path}: ${content}`, async () => assert.equal(await read(path), content));
}

test('a link is followed as if the directory were all there is', async () => {
  for (const [name, target, content] of [
    ['plain', 'file', 'inside'],
    ['down', 'dir/deep', 'deep inside'],
    ['absolute', '/file', 'inside'],
    ['up', '../../../../file', 'inside'],
    ['chain', 'dir/up/plain', 'inside'],
    ['to-itself', '.', 'inside'],
  ] as const) {
    symlinkSync(target, at(name));
    if (name === 'up') symlinkSync('..', at('dir/up'));
    const path = name === 'down' || name === 'to-itself' ? `${name}/file` : name;
    assert.equal(await read(path), content, name);
  }
});

test('a link to what is outside finds nothing', async () => {
  symlinkSync(join(base, 'file'), at('out'));
  symlinkSync(base, at('out-dir'));
  for (const path of ['out', 'out-dir/file']) await assert.rejects(read(path), { code: 'ENOENT' });
});

test('links that lead in a circle end', async () => {
  symlinkSync('b', at('a'));
  symlinkSync('a', at('b'));
  await assert.rejects(read('a'), /too many links/);
});

test('only a regular file is opened, and nobody waits for another kind', async () => {
  execFileSync('mkfifo', [at('fifo')]);
  for (const path of ['dir', 'fifo', '.', '', 'dir/deep/'])
    await assert.rejects(read(path), /is not a file/, path);
  await assert.rejects(read('file/x'), { code: 'ENOTDIR' });
  await assert.rejects(read('missing'), { code: 'ENOENT' });
});

test('nothing stays open', async () => {
  symlinkSync('dir/deep', at('link'));
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  await read('link/file');
  await assert.rejects(read('link/missing'));
  await assert.rejects(read('dir'));
  assert.equal(open(), before);
});
