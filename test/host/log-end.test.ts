// The end of a container's log as its termination message: when it is asked at all, and what is taken of it.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Ended,
  readTerminationMessage,
  terminationLogMount,
} from '../../src/host/termination-message.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { container } from '../pod/pods.ts';

let base = '';
let logPath = '';
freshDirectory((path) => {
  base = path;
  logPath = join(base, 'c-json.log');
});

const fallingBack = container('main', { terminationMessagePolicy: 'FallbackToLogsOnError' });

const entry = (log: string, more: object = {}) =>
  `${JSON.stringify({ log, stream: 'stdout', time: '2026-03-01T10:00:00.123456789Z', ...more })}\n`;
const entries = (...texts: string[]) => texts.map((text) => entry(text)).join('');

const read = (ended: Partial<Ended> = {}, of = fallingBack) =>
  readTerminationMessage(base, 'u1', of, 0, { exitCode: 1, reason: 'Error', logPath, ...ended });

async function logged(text: string | Buffer): Promise<string> {
  writeFileSync(logPath, text);
  return read();
}

test('the log speaks for a container that failed without a word, if the policy lets it', async () => {
  assert.equal(await logged(entries('one\n', 'two\n')), 'one\ntwo\n');
  assert.equal(await read({ exitCode: 137, reason: 'OOMKilled' }), 'one\ntwo\n');
  for (const [why, message] of [
    ['it ended well', await read({ exitCode: 0, reason: 'Completed' })],
    ['it could not be run', await read({ exitCode: 127, reason: 'ContainerCannotRun' })],
    ['it could not be started', await read({ exitCode: 128, reason: 'StartError' })],
    ['the policy is File', await read({}, container('main', { terminationMessagePolicy: 'File' }))],
    ['there is no policy', await read({}, container('main'))],
  ] as const)
    assert.equal(message, '', why);
});

test('a word in the file goes before the log; without a path for it, there is the log alone', async () => {
  await logged(entries('from the log\n'));
  const made = await terminationLogMount(base, 'u1', fallingBack, 0);
  assert.equal(await read(), 'from the log\n', 'an empty file is no word');
  assert.ok(made.ok && made.value);
  writeFileSync(made.value.hostPath, 'from the file');
  assert.equal(await read(), 'from the file');
  assert.equal(await read({ exitCode: 127, reason: 'ContainerCannotRun' }), 'from the file');
  const noPath = container('main', { ...fallingBack, terminationMessagePath: '' });
  assert.equal(await read({}, noPath), 'from the log\n');
});

test('no log, an empty one, none that is a file: no message', async () => {
  assert.equal(await read(), '');
  assert.equal(await logged(''), '');
  const { logPath: _, ...unknown } = { exitCode: 1, reason: 'Error', logPath };
  assert.equal(await readTerminationMessage(base, 'u1', fallingBack, 0, unknown), '');
  assert.equal(await read({ logPath: base }), '');
  await logged(entries('secret\n'));
  symlinkSync(logPath, join(base, 'link'));
  assert.equal(await read({ logPath: join(base, 'link') }), '');
});

test('the last 80 lines', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `${i}\n`);
  assert.equal(await logged(entries(...lines)), lines.slice(20).join(''));
  assert.equal(await logged(entries(...lines.slice(0, 80))), lines.slice(0, 80).join(''));
  assert.equal(await logged(entries(...lines, 'unended')), `${lines.slice(21).join('')}unended`);
  assert.equal(await logged(entries(...lines.map(() => '\n'))), '\n'.repeat(80));
});

test('a line in parts counts as one', async () => {
  const parts = Array.from({ length: 100 }, (_, i) => [`${i}:`, 'a', 'b\n']);
  const lines = parts.map((part) => part.join(''));
  assert.equal(await logged(entries(...parts.flat())), lines.slice(20).join(''));
});

test('of those, the last 2048 bytes, beginning with a whole character', async () => {
  const line = `${'x'.repeat(99)}\n`;
  const message = await logged(entries(...Array.from({ length: 60 }, () => line)));
  assert.equal(message, line.repeat(21).slice(-2048));
  // 682 characters of three bytes and the newline are 2047; one more byte of a character does not count.
  assert.equal(await logged(entries(`${'世'.repeat(1000)}\n`)), `${'世'.repeat(682)}\n`);
});

test('a line too long for one entry is joined from its parts', async () => {
  const part = 'p'.repeat(16 * 1024);
  assert.equal(await logged(entries('before\n', part, part, 'rest\n')), `${'p'.repeat(2043)}rest\n`);
  assert.equal(await logged(entries('before\n', 'a', 'b', 'c\n')), 'before\nabc\n');
});

test('the longest entry there can be is found, whatever it costs to write in JSON', async () => {
  const ugly = '\u0001'.repeat(16 * 1024);
  const log = entries('first\n', ugly, 'z\n');
  assert.ok(log.length > 96 * 1024);
  assert.equal(await logged(log), `${'\u0001'.repeat(2046)}z\n`);
});

test('of a long log only the end is read; what is cut off there is left out', async () => {
  const log = Buffer.from(Array.from({ length: 200_000 }, (_, i) => entry(`line ${i}\n`)).join(''));
  writeFileSync(logPath, log);
  const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  const before = bytesRead();
  const message = await read();
  assert.ok(bytesRead() - before < 2 ** 20);
  assert.equal(message, Array.from({ length: 80 }, (_, i) => `line ${199_920 + i}\n`).join(''));
  // Entries so long that fewer than 80 of them are in what is read.
  const labelled = Array.from({ length: 300 }, (_, i) =>
    entry(`${i}\n`, { attrs: { tag: 't'.repeat(4000) } }),
  );
  const found = (await logged(labelled.join(''))).split('\n').slice(0, -1).map(Number);
  assert.ok(found.length >= 20 && found.length < 80);
  assert.deepEqual(
    found,
    Array.from(found, (_, i) => 300 - found.length + i),
  );
});

test('wherever the cut falls in an entry, its rest is no entry, whatever it looks like', async () => {
  const decoy = entry(entry('decoy\n').repeat(2), { attrs: { log: '{"log":"decoy"}' } });
  const last = (tag: string) => entry('last\n', { attrs: { tag } });
  const read = 128 * 1024;
  for (let kept = 0; kept < decoy.length; kept++)
    assert.equal(await logged(decoy + last('t'.repeat(read - kept - last('').length))), 'last\n', `${kept}`);
  assert.notEqual(await logged(decoy + last('t'.repeat(read - decoy.length - last('').length))), 'last\n');
});

test('damaged lines are skipped: torn, empty, of another shape, NULs after a crash', async () => {
  const damaged = [
    'no json at all\n',
    '\n',
    'null\n',
    '5\n',
    '{"stream":"stdout"}\n',
    '{"log":5}\n',
    entry('torn\n').slice(0, 12),
    '\n',
    `${'\0'.repeat(512)}${entry('after NULs\n')}`,
  ];
  const log = `${entry('one\n')}${damaged.join('')}${entry('two\n')}${entry('half').slice(0, -9)}`;
  assert.equal(await logged(log), 'one\ntwo\n');
  assert.equal(await logged('\0'.repeat(300_000)), '');
});

test('both streams in their order, lines as they are: CRLF, colours, what is not Unicode', async () => {
  const log = `${entry('out\r\n')}${entry('\u001b[31merr\u001b[0m\n', { stream: 'stderr' })}${entry('<&>\n')}`;
  assert.equal(await logged(log), 'out\r\n\u001b[31merr\u001b[0m\n<&>\n');
  assert.equal(await logged(log.replaceAll('\n', '\r\n')), 'out\r\n\u001b[31merr\u001b[0m\n<&>\n');
  const raw = Buffer.concat([Buffer.from('{"log":"a'), Buffer.from([0xff]), Buffer.from('b\\ud800c\\n"}\n')]);
  assert.equal(await logged(raw), 'a\ufffdb\ufffdc\n');
});

test('a log that has just been rotated goes on in the file before', async () => {
  writeFileSync(`${logPath}.1`, entries('one\n', 'tw'));
  assert.equal(await logged(entries('o\n', 'three\n')), 'one\ntwo\nthree\n');
  assert.equal(await logged(''), 'one\ntw');
});
