// A reader of a container's log, over real files that are written, rotated and removed as the engine does it.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { ContainerLog } from '../../src/host/container-log.ts';
import type { LogOptions } from '../../src/host/log-entries.ts';

let base: string;
let path: string;
let opened: ContainerLog[];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'monopod-log-'));
  mkdirSync(join(base, 'id'));
  path = join(base, 'id/id-json.log');
  writeFileSync(path, '');
  opened = [];
});
afterEach(() => {
  for (const log of opened) log.close();
  rmSync(base, { recursive: true });
});

const time = '2026-01-02T03:04:05Z';
const entry = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time })}\n`;
const write = (...logs: string[]) => appendFileSync(path, logs.map(entry).join(''));

/** loggerutils rotate, with three files. */
function rotate(): void {
  rmSync(`${path}.2`, { force: true });
  for (const [from, to] of [
    [`${path}.1`, `${path}.2`],
    [path, `${path}.1`],
  ] as const)
    try {
      renameSync(from, to);
    } catch {}
  writeFileSync(path, '');
}

async function open(options: Partial<LogOptions> = {}): Promise<ContainerLog> {
  const log = await ContainerLog.open(path, { follow: false, timestamps: false, ...options });
  opened.push(log);
  return log;
}

/** Until it has come to `text`, or to its end. */
async function readTo(log: ContainerLog, text?: string): Promise<string> {
  let read = '';
  while (text === undefined || read.length < text.length) {
    const piece = await log.next();
    if (piece === undefined) break;
    read += piece;
  }
  return read;
}

const all = async (options: Partial<LogOptions> = {}) => readTo(await open(options));

test('all that is there, rotated files first, the oldest before the others', async () => {
  write('1\n');
  rotate();
  write('2', '\n');
  rotate();
  write('3\n', 'no newline');
  writeFileSync(`${path}.gz`, 'x');
  writeFileSync(join(base, 'id/config.json'), 'x');
  assert.equal(await all(), '1\n2\n3\nno newline');
});

test('the last lines, as the container wrote them, across files', async () => {
  write('1\n', '2\n');
  rotate();
  write('long ', 'line\n');
  assert.equal(await all({ tailLines: 1 }), 'long line\n');
  assert.equal(await all({ tailLines: 2 }), '2\nlong line\n');
  assert.equal(await all({ tailLines: 9 }), '1\n2\nlong line\n');
  assert.equal(await all({ tailLines: 0 }), '');
  write('rest');
  assert.equal(await all({ tailLines: 1 }), 'rest');
  assert.equal(await all({ tailLines: 2 }), 'long line\nrest');
});

test('the last lines of what is more than one block long', async () => {
  const lines = Array.from({ length: 9000 }, (_, at) => `${at} ${'x'.repeat(at % 50)}\n`);
  write(...lines);
  for (const tailLines of [1, 500, 8999])
    assert.equal(await all({ tailLines }), lines.slice(-tailLines).join(''));
});

test('an empty log is no line', async () => {
  assert.equal(await all(), '');
  assert.equal(await all({ tailLines: 3 }), '');
});

test('a limit ends it, also one that is followed', async () => {
  write('12345\n', '67\n');
  assert.equal(await all({ limitBytes: 7 }), '12345\n6');
  assert.equal(await all({ limitBytes: 7, follow: true }), '12345\n6');
});

test('it is followed across rotation, until the container has ended', async () => {
  write('1\n');
  const log = await open({ follow: true });
  assert.equal(await readTo(log, '1\n'), '1\n');
  const next = readTo(log, '2\n3\n4\n');
  write('2\n');
  rotate();
  write('3\n');
  rotate();
  write('4\n');
  assert.equal(await next, '2\n3\n4\n');
  write('5\n');
  log.containerEnded();
  assert.equal(await readTo(log), '5\n');
});

test('one that waits hears of the end, and of the next line after a rotation with nothing new', async () => {
  const log = await open({ follow: true, tailLines: 0 });
  const first = log.next();
  rotate();
  write('1\n');
  assert.equal(String(await first), '1\n');
  const end = log.next();
  log.containerEnded();
  assert.equal(await end, undefined);
});

test('half an entry is not written before its other half', async () => {
  const log = await open({ follow: true });
  const bytes = entry('whole\n');
  appendFileSync(path, bytes.slice(0, 10));
  const piece = readTo(log, 'whole\n');
  appendFileSync(path, bytes.slice(10));
  assert.equal(await piece, 'whole\n');
});

test('a log that was emptied begins anew', async () => {
  write('a long first line\n');
  const log = await open({ follow: true });
  await readTo(log, 'a long first line\n');
  truncateSync(path);
  write('b\n');
  assert.equal(await readTo(log, 'b\n'), 'b\n');
});

test('closing ends one that waits, and leaves no file open', { timeout: 10_000 }, async () => {
  write('1\n');
  const log = await open({ follow: true });
  await readTo(log, '1\n');
  const waits = log.next();
  log.close();
  assert.equal(await waits, undefined);
  const unread = await open();
  unread.close();
  // The file is closed behind its back.
  while (openFiles().length > 0) await new Promise((resolve) => setImmediate(resolve));
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(base) ? [target] : [];
    } catch {
      return [];
    }
  });
}

test('no log is an error at once', async () => {
  rmSync(join(base, 'id'), { recursive: true });
  await assert.rejects(open(), /ENOENT/);
  await assert.rejects(open({ follow: true }), /ENOENT/);
});
