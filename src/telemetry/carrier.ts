// The trace context as it travels in messages between threads: W3C traceparent (and tracestate).
import { type Context, context, propagation } from '@opentelemetry/api';

export type TraceCarrier = { traceparent?: string; tracestate?: string };

export function inject(from: Context = context.active()): TraceCarrier {
  const carrier: TraceCarrier = {};
  propagation.inject(from, carrier);
  return carrier;
}

export const extract = (carrier: TraceCarrier | undefined, into: Context = context.active()): Context =>
  carrier?.traceparent === undefined ? into : propagation.extract(into, carrier);
