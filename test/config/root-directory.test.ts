import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { prepareRootDirectory } from '../../src/config/root-directory.ts';
import { StartupError } from '../../src/config/startup-error.ts';

const scratch = mkdtempSync(join(tmpdir(), 'monopod-root-'));
after(() => rmSync(scratch, { recursive: true }));

let number = 0;
const fresh = () => {
  number += 1;
  return join(scratch, String(number));
};
const mode = (path: string) => statSync(path).mode & 0o777;
const refused = (path: string, why: RegExp) =>
  assert.throws(
    () => prepareRootDirectory(path),
    (error) =>
      error instanceof StartupError &&
      error.message.startsWith(`--root-dir ${path}: `) &&
      why.test(error.message),
  );

/** Another process that takes the directory and holds it. */
async function holder(path: string): Promise<ChildProcess> {
  const module = join(import.meta.dirname, '../../src/config/root-directory.ts');
  // A collection of garbage must not give up the lock.
  const script = `
    import { prepareRootDirectory } from ${JSON.stringify(module)};
    prepareRootDirectory(${JSON.stringify(path)});
    gc(); setTimeout(() => { gc(); console.log('held'); }, 20); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('a directory that is not there is made with its parents, for its owner alone', () => {
  const path = join(fresh(), 'a/b');
  const before = process.umask(0o022);
  const { release } = prepareRootDirectory(path);
  process.umask(before);
  assert.equal(mode(path), 0o700);
  assert.deepEqual(readdirSync(path), ['lock', 'monopod.pid']);
  for (const name of readdirSync(path)) assert.equal(mode(join(path, name)), 0o600, name);
  assert.equal(readFileSync(join(path, 'monopod.pid'), 'utf8'), `${process.pid}\n`);
  release();
  assert.equal(existsSync(join(path, 'monopod.pid')), false);
});

test('one that was there, empty or used before, is closed to others', () => {
  const path = fresh();
  mkdirSync(path);
  chmodSync(path, 0o755);
  prepareRootDirectory(path).release();
  assert.equal(mode(path), 0o700);
  writeFileSync(join(path, 'checkpoint'), '');
  chmodSync(path, 0o777);
  prepareRootDirectory(path).release();
  assert.equal(mode(path), 0o700);
});

test("a directory of someone else's files is left as it is", () => {
  const path = fresh();
  mkdirSync(path);
  chmodSync(path, 0o755);
  writeFileSync(join(path, 'precious'), '');
  refused(path, /not of monopod/);
  assert.equal(mode(path), 0o755);
  assert.deepEqual(readdirSync(path), ['precious']);
});

test('a private directory may hold other files', () => {
  const path = fresh();
  mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(path, 'manifest.yaml'), '');
  prepareRootDirectory(path).release();
});

test('one monopod at a time, and the second is told which process has it', async () => {
  const path = fresh();
  const child = await holder(path);
  refused(path, new RegExp(`another monopod uses it \\(process ${child.pid}\\)`));
  assert.equal(readFileSync(join(path, 'monopod.pid'), 'utf8'), `${child.pid}\n`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { release } = prepareRootDirectory(path);
  assert.equal(readFileSync(join(path, 'monopod.pid'), 'utf8'), `${process.pid}\n`);
  release();
});

test('the same directory by another name is the same', async () => {
  const path = fresh();
  const alias = fresh();
  const child = await holder(path);
  symlinkSync(path, alias);
  refused(alias, /another monopod/);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('what is no directory, or cannot be made or written, is said in words', () => {
  const file = fresh();
  writeFileSync(file, '');
  refused(file, /it is not a directory/);
  refused(join(file, 'below'), /not a directory/);
  refused('/proc/monopod', /cannot create it: no such file or directory/);
  refused(`/tmp/${'x'.repeat(100)}`, /bytes too long/);
});

test('a full disk is said in words', () => {
  const path = fresh();
  mkdirSync(path, { mode: 0o700 });
  symlinkSync('/dev/full', join(path, 'monopod.pid'));
  refused(path, /cannot write to it: no space is left/);
});

test('a directory that this user may not write, or that is not theirs', () => {
  const path = fresh();
  const theirs = fresh();
  chmodSync(scratch, 0o755);
  mkdirSync(path);
  const root = process.geteuid?.() === 0;
  if (root) {
    mkdirSync(theirs);
    process.seteuid?.('nobody');
    try {
      refused(theirs, /belongs to user 0/);
      refused(join(theirs, 'below'), /permission denied/);
    } finally {
      process.seteuid?.(0);
    }
  } else {
    refused('/', /belongs to user 0/);
    chmodSync(path, 0o500);
    refused(join(path, 'below'), /permission denied/);
  }
});
