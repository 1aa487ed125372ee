import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Clock } from '../../src/clock.ts';
import { extract, inject } from '../../src/telemetry/carrier.ts';
import { type Recording, startRecording } from '../../src/telemetry/recorder.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';

/** Time stands until the test moves it; timers run when told. */
function setUp(random = Math.random) {
  const timers: (() => void)[] = [];
  const batches: SpanRecord[][] = [];
  const time = { nowMs: 1000 };
  const clock: Clock = {
    now: () => time.nowMs,
    after(_delayMs, callback) {
      timers.push(callback);
      return { cancel: () => timers.splice(timers.indexOf(callback), 1) };
    },
    random,
  };
  recording = startRecording({ thread: 'pod', sink: (spans) => batches.push(spans), clock, now: clock.now });
  return { timers, batches, time, tracer: trace.getTracer('test') };
}

let recording: Recording | undefined;
afterEach(() => {
  recording?.stop();
  recording = undefined;
});

test('a finished span comes out as a record with times, thread, attributes and no parent', () => {
  const { batches, time, tracer } = setUp();
  const span = tracer.startSpan('engine.createSandbox', { attributes: { pod: 'default/web' } });
  span.setAttribute('attempt', 2).setAttribute('hostNetwork', true);
  time.nowMs = 1012.5;
  span.end();
  recording?.flush();
  const { traceId, spanId, ...rest } = batches[0]?.[0] ?? assert.fail('nothing came out');
  assert.match(traceId, /^[\da-f]{32}$/);
  assert.match(spanId, /^[\da-f]{16}$/);
  assert.deepEqual(rest, {
    name: 'engine.createSandbox',
    startMs: 1000,
    endMs: 1012.5,
    thread: 'pod',
    attributes: { pod: 'default/web', attempt: 2, hostNetwork: true },
  });
});

test('a span started within another is its child, across awaits', async () => {
  const { batches, tracer } = setUp();
  await tracer.startActiveSpan('outer', async (outer) => {
    await new Promise(setImmediate);
    tracer.startActiveSpan('inner', (inner) => inner.end());
    outer.end();
  });
  tracer.startSpan('after').end();
  recording?.flush();
  const [inner, outer, after] = batches.flat();
  assert.equal(inner?.parentSpanId, outer?.spanId);
  assert.equal(inner?.traceId, outer?.traceId);
  assert.notEqual(after?.traceId, outer?.traceId);
});

test('a root span begins a trace of its own wherever it starts', () => {
  const { batches, tracer } = setUp();
  tracer.startActiveSpan('outer', (outer) => {
    tracer.startActiveSpan('root', { root: true }, (root) => root.end());
    outer.end();
  });
  recording?.flush();
  const [root, outer] = batches.flat();
  assert.equal(root?.parentSpanId, undefined);
  assert.notEqual(root?.traceId, outer?.traceId);
});

test('the context travels in a carrier and makes a child on the other side', () => {
  const { batches, tracer } = setUp();
  const carrier = tracer.startActiveSpan('sender', (span) => {
    span.end();
    return inject();
  });
  context.with(extract(structuredClone(carrier)), () => tracer.startSpan('receiver').end());
  recording?.flush();
  const [sender, receiver] = batches.flat();
  assert.equal(carrier.traceparent, `00-${sender?.traceId}-${sender?.spanId}-01`);
  assert.equal(receiver?.parentSpanId, sender?.spanId);
  assert.equal(receiver?.traceId, sender?.traceId);
});

test('a carrier that is not a trace context is no parent', () => {
  setUp();
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  for (const traceparent of [
    'x',
    `00-${id}-00f067aa0ba902b7`,
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${id}-00f067aa0ba902b7-01-more`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
  ])
    assert.equal(trace.getSpanContext(extract({ traceparent })), undefined, traceparent);
  const later = extract({ traceparent: `01-${id}-00f067aa0ba902b7-01-more`, tracestate: 'a=1' });
  assert.equal(trace.getSpanContext(later)?.traceId, id);
  assert.equal(inject(later).tracestate, 'a=1');
});

test('errors: by status, by exception, by both', () => {
  const { batches, tracer } = setUp();
  const failed = (end: (span: ReturnType<typeof tracer.startSpan>) => void) => {
    const span = tracer.startSpan('s');
    end(span);
    span.end();
  };
  failed((span) => span.setStatus({ code: SpanStatusCode.ERROR, message: 'no such image' }));
  failed((span) => span.recordException(new Error('boom')));
  failed((span) => {
    span.recordException('boom');
    span.setStatus({ code: SpanStatusCode.ERROR });
  });
  failed((span) => span.setStatus({ code: SpanStatusCode.ERROR }));
  failed((span) => {
    span.recordException('tried again, and then it worked');
    span.setStatus({ code: SpanStatusCode.OK });
  });
  failed(() => undefined);
  recording?.flush();
  assert.deepEqual(
    batches.flat().map(({ error }) => error),
    ['no such image', 'boom', 'boom', 'failed', undefined, undefined],
  );
});

test('long values are cut at 256 characters, and nothing changes after the end', () => {
  const { batches, tracer } = setUp();
  const span = tracer.startSpan('s').setAttributes({ long: 'x'.repeat(1000), list: ['a', 'b'] });
  span.end();
  span.setAttribute('late', 1).updateName('late').setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  recording?.flush();
  const records = batches.flat();
  assert.equal(records.length, 1);
  assert.equal(String(records[0]?.attributes.long).length, 256);
  assert.equal(records[0]?.attributes.list, '["a","b"]');
  assert.deepEqual(
    [records[0]?.name, records[0]?.error, records[0]?.attributes.late],
    ['s', undefined, undefined],
  );
});

test('spans come in batches: one timer for many, none when idle, at once when there are many', () => {
  const { batches, timers, tracer } = setUp();
  for (let i = 0; i < 3; i += 1) tracer.startSpan('s').end();
  assert.deepEqual([batches.length, timers.length], [0, 1]);
  timers[0]?.();
  assert.deepEqual([batches.map((batch) => batch.length), timers.length], [[3], 0]);
  for (let i = 0; i < 64; i += 1) tracer.startSpan('s').end();
  assert.deepEqual([batches.map((batch) => batch.length), timers.length], [[3, 64], 0]);
});

test('stop hands over what is left and leaves the API without effect', () => {
  const { batches, tracer } = setUp();
  tracer.startSpan('s').end();
  recording?.stop();
  assert.equal(batches.flat().length, 1);
  assert.equal(trace.getTracer('again').startSpan('s').isRecording(), false);
  assert.deepEqual(propagation.fields(), []);
});

test('a thread records once', () => {
  setUp();
  assert.throws(() => setUp(), /records its spans already/);
});

test('ids are never all zero', () => {
  const { batches, tracer } = setUp(() => 0);
  tracer.startSpan('s').end();
  recording?.flush();
  assert.match(batches[0]?.[0]?.traceId ?? '', /[1-9a-f]/);
  assert.match(batches[0]?.[0]?.spanId ?? '', /[1-9a-f]/);
});
