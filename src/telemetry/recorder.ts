// A minimal tracer behind @opentelemetry/api, in every thread: spans go in by the API, and finished ones come out as
// SpanRecords, in small batches, to a sink (main's trace store, or a message to main). No SDK: a Pod thread is small.
import {
  context,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanContext,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { type Clock, preciseNow, type Timer } from '../clock.ts';
import { invariant } from '../errors.ts';
import { AsyncContextManager } from './context-manager.ts';
import { TraceContextPropagator } from './propagator.ts';
import { millis, RecordedSpan } from './recorded-span.ts';
import type { SpanRecord } from './span-record.ts';

export type RecordingOptions = {
  /** The kind of thread, as it will stand in each span. */
  thread: string;
  sink(spans: SpanRecord[]): void;
  /** For the batches' timer and the ids. */
  clock: Clock;
  /** ms since the epoch with fractions. */
  now?: () => number;
};

export type Recording = {
  /** Hands over at once what has finished: before a thread ends. */
  flush(): void;
  /** Flushes and leaves the API without an implementation again. */
  stop(): void;
};

const batchMax = 64;
const batchDelayMs = 20;

/** Registers tracer, context and propagation for this thread. Once a thread, until stopped. */
export function startRecording({ thread, sink, clock, now = preciseNow }: RecordingOptions): Recording {
  let batch: SpanRecord[] = [];
  let timer: Timer | undefined;
  const flush = () => {
    timer?.cancel();
    timer = undefined;
    if (batch.length === 0) return;
    const spans = batch;
    batch = [];
    sink(spans);
  };
  const tracer = createTracer(thread, clock, now, (span) => {
    batch.push(span);
    if (batch.length >= batchMax) flush();
    else timer ??= clock.after(batchDelayMs, flush);
  });
  const provider: TracerProvider = { getTracer: () => tracer };
  const registered =
    context.setGlobalContextManager(new AsyncContextManager()) &&
    propagation.setGlobalPropagator(new TraceContextPropagator()) &&
    trace.setGlobalTracerProvider(provider);
  invariant(registered, 'this thread records its spans already');
  return {
    flush,
    stop() {
      flush();
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}

function createTracer(
  thread: string,
  clock: Clock,
  now: () => number,
  finish: (span: SpanRecord) => void,
): Tracer {
  const startSpan = (name: string, options: SpanOptions = {}, within = context.active()): Span => {
    const parent = options.root ? undefined : trace.getSpanContext(within);
    const known = parent !== undefined && isSpanContextValid(parent) ? parent : undefined;
    const spanContext: SpanContext = {
      traceId: known?.traceId ?? hex(clock, 32),
      spanId: hex(clock, 16),
      traceFlags: TraceFlags.SAMPLED,
      ...(known?.traceState && { traceState: known.traceState }),
    };
    const startMs = millis(options.startTime) ?? now();
    const record: SpanRecord = {
      traceId: spanContext.traceId,
      spanId: spanContext.spanId,
      ...(known && { parentSpanId: known.spanId }),
      name,
      startMs,
      endMs: startMs,
      thread,
      attributes: {},
    };
    const span = new RecordedSpan(spanContext, record, now, finish);
    return options.attributes ? span.setAttributes(options.attributes) : span;
  };
  function startActiveSpan<F extends (span: Span) => ReturnType<F>>(
    name: string,
    ...rest: unknown[]
  ): ReturnType<F> {
    const callback = rest.pop() as F;
    const [options, given] = rest as [SpanOptions?, Parameters<typeof trace.setSpan>[0]?];
    const within = given ?? context.active();
    const span = startSpan(name, options, within);
    return context.with(trace.setSpan(options?.root ? trace.deleteSpan(within) : within, span), () =>
      callback(span),
    );
  }
  return { startSpan, startActiveSpan };
}

/** Random lower-case hex digits, never all zero. */
function hex(clock: Clock, digits: 16 | 32): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(clock.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return /[^0]/.test(text) ? text : text.replace(/0$/, '1');
}
