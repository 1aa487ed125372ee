import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { duration, waterfall } from '../../src/telemetry/waterfall.ts';

function span(spanId: string, startMs: number, endMs: number, more: Partial<SpanRecord> = {}): SpanRecord {
  return { traceId: 't1', spanId, name: spanId, startMs, endMs, thread: 'pod', attributes: {}, ...more };
}
const title = 'default/web-node1';

test('a tree by start, with offsets, durations and bars to scale', () => {
  const text = waterfall(
    [
      span('child-b', 50, 100, { parentSpanId: 'root' }),
      span('root', 0, 100, { thread: 'source' }),
      span('grandchild', 25, 25.5, { parentSpanId: 'child-a', thread: 'engine' }),
      span('child-a', 0, 50, { parentSpanId: 'root' }),
    ],
    { title },
  );
  const full = '█'.repeat(24);
  const half = '█'.repeat(12);
  assert.deepEqual(text.split('\n'), [
    'default/web-node1  1970-01-01T00:00:00.000Z  100ms  4 spans  trace t1',
    `     +0ms   100ms  ${full}  source root`,
    `     +0ms    50ms  ${half}              pod    ├─ child-a`,
    '    +25ms   0.5ms        ▏                   engine │  └─ grandchild',
    `    +50ms    50ms              ${half}  pod    └─ child-b`,
  ]);
});

test('attributes and errors, without what the title says already', () => {
  const id = 'ab'.repeat(32);
  const attributes = { pod: title, image: 'busybox:1.36', id, digest: `sha256:${id}`, attempt: 0, none: '' };
  const text = waterfall(
    [
      span('root', 0, 1, { attributes, error: 'no such image' }),
      span('child', 0, 1, { parentSpanId: 'root', error: 'gone' }),
    ],
    { title },
  );
  assert.match(
    text,
    /root {2}image=busybox:1\.36 {2}id=abababababab {2}digest=sha256:abababababab {2}attempt=0\n/,
  );
  assert.match(text, /\n {52}│ ! no such image\n/);
  assert.match(text, /\n {52} {5}! gone$/);
  assert.match(text, /2 spans, 2 failed/);
});

test('a span whose parent is not there yet is shown all the same, and a circle too', () => {
  const text = waterfall(
    [
      span('orphan', 5, 6, { parentSpanId: 'not-ended' }),
      span('a', 0, 1, { parentSpanId: 'b' }),
      span('b', 0, 1, { parentSpanId: 'a' }),
    ],
    { title },
  );
  for (const name of ['orphan', 'a', 'b']) assert.match(text, new RegExp(` ${name}$`, 'm'));
  assert.equal(text.split('\n').length, 4);
});

test('one instant, and no span at all', () => {
  assert.match(waterfall([span('a', 5, 5)], { title }), /\+0ms +0ms {2}▏/);
  assert.equal(waterfall([], { title }), 'default/web-node1: no span of its last change is kept');
});

test('lines are cut at the width of the terminal, and controls are shown', () => {
  const text = waterfall([span('a', 0, 1, { attributes: { x: `\u001b[2J${'y'.repeat(200)}` } })], {
    title,
    width: 80,
  });
  for (const line of text.split('\n')) assert.ok([...line].length <= 80, line);
  assert.match(text, /x=\\x1b\[2Jy+…$/);
});

test('durations have the digits that matter', () => {
  for (const [ms, text] of [
    [0, '0ms'],
    [0.04, '0ms'],
    [0.44, '0.4ms'],
    [9.94, '9.9ms'],
    [9.96, '10ms'],
    [412.4, '412ms'],
    [999.6, '1s'],
    [1234, '1.23s'],
    [12_340, '12.3s'],
    [99_960, '1m40s'],
    [125_000, '2m5s'],
  ] as const)
    assert.equal(duration(ms), text);
});
