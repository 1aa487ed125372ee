// Checkpoints on disk: whole, private, found again.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoints, removeCheckpoint, writeCheckpoint } from '../../src/host/checkpoint.ts';
import { freshDirectory } from '../fresh-directory.ts';

let root = '';
freshDirectory((path) => {
  root = path;
});

const files = () => readdirSync(join(root, 'checkpoints'));
const mode = (path: string) => statSync(path).mode & 0o777;

test('what is written is found by its key, in a file and a directory for nobody else', () => {
  assert.deepEqual([...readCheckpoints(root)], []);
  writeCheckpoint(root, 'default/web-node', 'one');
  writeCheckpoint(root, 'kube-system/web-node', 'other');
  writeCheckpoint(root, 'default/web-node', 'two');
  assert.deepEqual(Object.fromEntries(readCheckpoints(root)), {
    'default/web-node': 'two',
    'kube-system/web-node': 'other',
  });
  assert.equal(mode(join(root, 'checkpoints')), 0o700);
  for (const name of files()) assert.equal(mode(join(root, 'checkpoints', name)), 0o600, name);
  assert.equal(files().length, 2, 'nothing temporary stays');
});

test('a write that fails half way leaves the old one whole', () => {
  writeCheckpoint(root, 'default/web', 'old');
  const [name = ''] = files();
  // The temporary file cannot be written to: as on a full disk, the old one is not yet touched then.
  symlinkSync('/dev/full', join(root, 'checkpoints', `${name}.partial`));
  assert.throws(() => writeCheckpoint(root, 'default/web', 'new'), /ENOSPC/);
  assert.equal(readCheckpoints(root).get('default/web'), 'old');
});

test('a part that a crash left is not read', () => {
  writeCheckpoint(root, 'default/web', 'whole');
  const [name = ''] = files();
  writeFileSync(join(root, 'checkpoints', `${name}.partial`), 'par');
  assert.deepEqual(Object.fromEntries(readCheckpoints(root)), { 'default/web': 'whole' });
});

test('it is replaced by renaming: a reader that has it open reads on in the old one', () => {
  writeCheckpoint(root, 'default/web', 'old');
  const path = join(root, 'checkpoints', files()[0] ?? '');
  const inode = statSync(path).ino;
  writeCheckpoint(root, 'default/web', 'new');
  assert.notEqual(statSync(path).ino, inode);
  assert.equal(readFileSync(path, 'utf8'), 'new');
});

test('removing one leaves the others, and one that is not there is no error', () => {
  mkdirSync(join(root, 'checkpoints'));
  removeCheckpoint(root, 'default/none');
  writeCheckpoint(root, 'default/a', 'a');
  writeCheckpoint(root, 'default/b', 'b');
  removeCheckpoint(root, 'default/a');
  assert.deepEqual([...readCheckpoints(root).keys()], ['default/b']);
  assert.ok(existsSync(join(root, 'checkpoints')));
});
