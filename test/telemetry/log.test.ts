import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { printable } from '../../src/telemetry/printable.ts';

function logging(format: 'text' | 'json', verbosity = 0) {
  const lines: string[] = [];
  const log = createLog({ format, verbosity, write: (line) => lines.push(line), now: () => 0 });
  return { log, lines };
}

test('text: time, level, message, and fields that can be told apart', () => {
  const { log, lines } = logging('text');
  log.warn('container failed', {
    pod: 'default/web',
    uid: 'u1',
    cause: 'no "such" image',
    attempt: 2,
    gone: undefined,
  });
  assert.deepEqual(lines, [
    '1970-01-01T00:00:00.000Z WARN  container failed pod=default/web uid=u1 cause="no \\"such\\" image" attempt=2\n',
  ]);
});

test('JSON: one object a line, whose own keys no field can take', () => {
  const { log, lines } = logging('json');
  log.error('it\nfailed', { pod: 'default/web', level: 'none' });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^[^\n]*\n$/);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'it\nfailed',
    pod: 'default/web',
  });
});

test('debug lines appear from their level on', () => {
  const { log, lines } = logging('text', 2);
  log.debug(3, 'not this');
  log.debug(2, 'this');
  assert.equal(lines.length, 1);
});

test('what a manifest says cannot break a line or reach the terminal', () => {
  const { log, lines } = logging('text');
  log.info('bad \u001b[2Jvalue\r\nforged', { pod: 'a\u001b]0;x\u0007', cause: '\u009b31m\u202e' });
  assert.equal(
    lines[0],
    '1970-01-01T00:00:00.000Z INFO  bad \\x1b[2Jvalue\\r\\nforged pod="a\\x1b]0;x\\x07" cause="\\x9b31m\\u202e"\n',
  );
});

test('credentials in URLs do not reach the log', () => {
  for (const format of ['text', 'json'] as const) {
    const { log, lines } = logging(format);
    log.error('GET https://me:secret@example.com/pods failed', { cause: 'https://token@example.com' });
    assert.doesNotMatch(lines[0] ?? '', /secret|token/);
    assert.match(lines[0] ?? '', /https:\/\/…@example\.com\/pods/);
  }
});

test('ordinary text of any script stays as it is', () => {
  for (const text of ['registry.example.com/a:1', 'größer 漢字 🐳']) assert.equal(printable(text), text);
});
