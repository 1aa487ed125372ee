// The file a container leaves its last words in: made, mounted, read and removed. Real files, as odd as they come.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Mount } from '../../src/engine/engine.ts';
import type { Result } from '../../src/errors.ts';
import {
  readTerminationMessage,
  removeTerminationMessage,
  terminationLogMount,
} from '../../src/host/termination-message.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { container } from '../pod/pods.ts';

let base = '';
let rootDir = '';
freshDirectory((path) => {
  base = path;
  rootDir = join(base, 'root');
  mkdirSync(rootDir);
});

const main = container('main');
const directory = () => join(rootDir, 'pods/u1/containers/main');
const fileOf = (attempt: number) => join(directory(), String(attempt));
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const make = (of: Container = main, attempt = 0) => terminationLogMount(rootDir, 'u1', of, attempt);
const read = (attempt = 0) =>
  readTerminationMessage(rootDir, 'u1', main, attempt, { exitCode: 1, reason: 'Error' });
const remove = (attempt = 0) => removeTerminationMessage(rootDir, 'u1', main, attempt);

function mountOf(result: Result<Mount | undefined>): Mount | undefined {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

async function written(text: string | Buffer): Promise<string> {
  assert.ok((await make()).ok);
  writeFileSync(fileOf(0), text);
  return read();
}

test('an empty file, mounted where the kubelet mounts it when nothing else is said', async () => {
  assert.deepEqual(mountOf(await make(main, 3)), {
    hostPath: fileOf(3),
    containerPath: '/dev/termination-log',
    readOnly: false,
    propagation: 'private',
    relabel: true,
  });
  assert.equal(readFileSync(fileOf(3), 'utf8'), '');
});

test('mounted where the container wants it; a relative path begins at the root', async () => {
  for (const [wanted, containerPath] of [
    ['/tmp/last-words', '/tmp/last-words'],
    ['last/words', '/last/words'],
  ]) {
    const mount = mountOf(await make(container('main', { terminationMessagePath: wanted })));
    assert.equal(mount?.containerPath, containerPath);
  }
});

test('no path: nothing is made, mounted or read', async () => {
  const none = container('main', { terminationMessagePath: '' });
  assert.equal(mountOf(await make(none)), undefined);
  assert.equal(existsSync(directory()), false);
  await written('of another');
  const ended = { exitCode: 1, reason: 'Error' };
  assert.equal(await readTerminationMessage(rootDir, 'u1', none, 0, ended), '');
});

test('a volume mounted at the very place keeps it', async () => {
  const at = (mountPath: string) => container('main', { volumeMounts: [{ name: 'v', mountPath }] });
  assert.equal(mountOf(await make(at('/dev/termination-log/'))), undefined);
  assert.notEqual(mountOf(await make(at('/dev'))), undefined);
});

for (const umask of ['000', '022', '077', '177'])
  test(`everybody may write into the file, and nobody else look around, under umask ${umask}`, () => {
    const module = join(import.meta.dirname, '../../src/host/termination-message.ts');
    const script = `
      const { terminationLogMount } = await import(${JSON.stringify(module)});
      const made = await terminationLogMount(${JSON.stringify(rootDir)}, 'u1', { name: 'main' }, 0);
      if (!made.ok) throw new Error(JSON.stringify(made));`;
    execFileSync('sh', [
      '-c',
      `umask ${umask}; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      script,
    ]);
    assert.equal(mode(fileOf(0)), '666');
    const allowed = 0o750 & ~Number.parseInt(umask, 8);
    for (const path of [directory(), join(directory(), '..'), join(rootDir, 'pods/u1')])
      assert.equal(mode(path), allowed.toString(8), path);
  });

test('each attempt has its own; an old one of the same attempt is replaced', async () => {
  await written('of the first');
  await make(main, 1);
  assert.deepEqual([await read(0), await read(1)], ['of the first', '']);
  appendFileSync(fileOf(1), 'of the second');
  await make(main, 0);
  assert.deepEqual([await read(0), await read(1)], ['', 'of the second']);
  assert.equal(readdirSync(directory()).length, 2);
});

test('what the engine made in place of a missing file is replaced as well', async () => {
  mkdirSync(join(fileOf(0), 'deep'), { recursive: true });
  assert.equal(await read(), '');
  mountOf(await make());
  assert.ok(statSync(fileOf(0)).isFile());
});

test('a link in place of the file is replaced, never written through or read through', async () => {
  const precious = join(base, 'precious');
  writeFileSync(precious, 'precious');
  mkdirSync(directory(), { recursive: true });
  symlinkSync(precious, fileOf(0));
  assert.equal(await read(), '');
  mountOf(await make());
  assert.ok(statSync(fileOf(0)).isFile());
  assert.deepEqual([readFileSync(fileOf(0), 'utf8'), readFileSync(precious, 'utf8')], ['', 'precious']);
});

for (const link of ['pods/u1', 'pods/u1/containers', 'pods/u1/containers/main'])
  test(`a link at ${link} is not followed`, async () => {
    const outside = join(base, 'outside');
    const target = join(outside, 'containers/main');
    mkdirSync(target, { recursive: true });
    // Whatever is walked to, there is a file for attempt 0.
    for (const path of [outside, join(outside, 'containers'), target])
      writeFileSync(join(path, '0'), 'secret');
    mkdirSync(join(outside, 'main'));
    writeFileSync(join(outside, 'main/0'), 'secret');
    mkdirSync(join(rootDir, link, '..'), { recursive: true });
    symlinkSync(outside, join(rootDir, link));
    const made = await make(main, 1);
    assert.equal(made.ok ? '' : made.error.code, 'ContainerConfigInvalid');
    assert.equal(await read(), '');
    assert.equal((await remove()).ok, false);
    const found = readdirSync(outside, { recursive: true }).map(String).sort();
    assert.deepEqual(found, [
      '0',
      'containers',
      'containers/0',
      'containers/main',
      'containers/main/0',
      'main',
      'main/0',
    ]);
  });

test('the root directory itself may be reached through a link', async () => {
  symlinkSync(rootDir, join(base, 'link'));
  mountOf(await terminationLogMount(join(base, 'link'), 'u1', main, 0));
  assert.ok(existsSync(fileOf(0)));
});

for (const name of ['', '.', '..', '../..', 'a/b', '../u2', 'a\0'])
  test(`a name that leads elsewhere (${JSON.stringify(name)}) is refused`, async () => {
    mkdirSync(join(rootDir, 'pods/u1/containers/a/b'), { recursive: true });
    mkdirSync(join(rootDir, 'pods/u2'), { recursive: true });
    for (const [uid, of] of [
      ['u1', container(name)],
      [name, main],
    ] as const) {
      const made = await terminationLogMount(rootDir, uid, of, 0);
      assert.equal(made.ok ? '' : made.error.code, 'ContainerConfigInvalid');
      const ended = { exitCode: 0, reason: 'Completed' };
      assert.equal(await readTerminationMessage(rootDir, uid, of, 0, ended), '');
      const removed = await removeTerminationMessage(rootDir, uid, of, 0);
      assert.equal(removed.ok ? '' : removed.error.code, 'HostPreparationFailed');
    }
    const found = readdirSync(rootDir, { recursive: true }).map(String).sort();
    assert.deepEqual(found, [
      'pods',
      'pods/u1',
      'pods/u1/containers',
      'pods/u1/containers/a',
      'pods/u1/containers/a/b',
      'pods/u2',
    ]);
  });

test('a file that cannot be made is an answer, not an exception', async () => {
  mkdirSync(join(rootDir, 'pods/u1'), { recursive: true });
  writeFileSync(join(rootDir, 'pods/u1/containers'), '');
  const made = await make();
  assert.equal(made.ok ? '' : made.error.code, 'ContainerConfigInvalid');
  assert.match(made.ok ? '' : (made.error.cause ?? ''), /ENOTDIR/);
  assert.equal(await read(), '');
});

test('a message is read as it is: lines of all kinds, blanks and NULs', async () => {
  for (const text of [
    'done',
    'two\nlines\n',
    'carriage\r\nreturn\r\n',
    ' \t\n',
    'nul\0nul',
    'grüße, 世界 🎉',
    '\ufeffmark',
  ])
    assert.equal(await written(text), text);
});

test('no file, an empty file, a Pod that is not there: no message', async () => {
  assert.equal(await read(), '');
  assert.equal(await written(''), '');
  assert.equal(await read(7), '');
});

test('of a long message, the last 4096 bytes', async () => {
  assert.equal(await written('x'.repeat(4096)), 'x'.repeat(4096));
  assert.equal(await written(`first${'x'.repeat(4090)}last!!`), `${'x'.repeat(4090)}last!!`);
});

test('what is not UTF-8 shows as such; what only we cut in two is left out', async () => {
  assert.equal(await written(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xc3])), 'a\ufffd\ufffdb\ufffd');
  // 1366 characters of three bytes are 4098: the first is cut.
  assert.equal(await written('世'.repeat(1366)), '世'.repeat(1365));
  const binary = Buffer.alloc(10_000, 0x80);
  assert.match(await written(binary), /^\ufffd{4093}$/);
});

test('of a file of 1 GiB, no more than its end is read', async () => {
  await make();
  truncateSync(fileOf(0), 2 ** 30);
  appendFileSync(fileOf(0), 'the end');
  const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  const before = bytesRead();
  const message = await read();
  assert.ok(bytesRead() - before < 2 ** 20);
  assert.equal(message, `${'\0'.repeat(4089)}the end`);
});

test('a fifo, a directory, a device behind a link: no message, and no waiting', async () => {
  await make();
  rmSync(fileOf(0));
  execFileSync('mkfifo', [fileOf(0)]);
  symlinkSync('/dev/zero', fileOf(1));
  mkdirSync(fileOf(2));
  for (const attempt of [0, 1, 2]) assert.equal(await read(attempt), '');
});

test('removing takes one attempt’s file, and is content when there is none', async () => {
  const gone = { ok: true, value: undefined };
  assert.deepEqual(await remove(), gone, 'no such Pod');
  await make(main, 0);
  await make(main, 1);
  assert.deepEqual(await remove(0), gone);
  assert.deepEqual(await remove(0), gone, 'a second time');
  assert.deepEqual(readdirSync(directory()), ['1']);
});
