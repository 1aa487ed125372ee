// Docker's json-file entries, and what is written of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryReader, fixedTime, type LogOptions, LogWriter } from '../../src/host/log-entries.ts';

const line = (log: string, time = '2026-01-02T03:04:05.12Z') =>
  `${JSON.stringify({ log, stream: 'stdout', time })}\n`;

const read = (text: string, pieceBytes: number): string[] => {
  const reader = new EntryReader();
  const bytes = Buffer.from(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    for (const entry of reader.read(bytes.subarray(at, at + pieceBytes))) found.push(entry.text);
  return found;
};

test('entries come whole, however the file is cut up; what is damaged is passed over', () => {
  const text = `${line('é1\n')}\0\0\n{"log":5}\n${line('"2')}${line('\n')}{"log":"half`;
  for (const pieceBytes of [1, 7, 4096]) assert.deepEqual(read(text, pieceBytes), ['é1\n', '"2', '\n']);
});

test('a line that is no entry takes no more memory than an entry may', () => {
  assert.deepEqual(read(`${'x'.repeat(3 * 1024 * 1024)}\n${line('next\n')}`, 64 * 1024), ['next\n']);
});

const written = (options: Partial<LogOptions>, ...entries: [string, string?][]): string => {
  const writer = new LogWriter({ follow: false, timestamps: false, ...options });
  return entries
    .map(([text, time = '2026-01-02T03:04:05.12Z']) => writer.bytesOf({ text, time: fixedTime(time) }))
    .join('');
};

test('timestamps have nine digits and stand at the beginning of a line alone', () => {
  assert.equal(
    written(
      { timestamps: true },
      ['a'],
      ['b\n', '2026-01-02T03:04:06Z'],
      ['c\n', '2026-01-02T03:04:07.123456789Z'],
    ),
    '2026-01-02T03:04:05.120000000Z ab\n2026-01-02T03:04:07.123456789Z c\n',
  );
});

test('what is older is left out, what was written at that very time is not', () => {
  const since = '2026-01-02T03:04:05.120000000Z';
  assert.equal(
    written({ since }, ['a\n', '2026-01-02T03:04:05.119999999Z'], ['b\n'], ['c\n', '2026-01-02T03:04:05.2Z']),
    'b\nc\n',
  );
});

test('not a byte more than the limit, the timestamp counted', () => {
  assert.equal(written({ limitBytes: 5 }, ['abc\n'], ['def\n'], ['ghi\n']), 'abc\nd');
  assert.equal(written({ limitBytes: 4, timestamps: true }, ['abc\n']), '2026');
});
