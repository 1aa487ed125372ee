// W3C Trace Context (traceparent, tracestate) for @opentelemetry/api, both ways.
import {
  type Context,
  createTraceState,
  isSpanContextValid,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';

/** version-traceid-parentid-flags; a version above 00 may carry more after them, ff is never valid. */
const traceparentPattern =
  /^(?!ff)(?<version>[\da-f]{2})-(?<traceId>[\da-f]{32})-(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?<rest>-.*)?$/;

const traceStateLengthMax = 512;

export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined || !isSpanContextValid(spanContext)) return;
    const flags = spanContext.traceFlags.toString(16).padStart(2, '0');
    setter.set(carrier, 'traceparent', `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`);
    const state = spanContext.traceState?.serialize();
    if (state) setter.set(carrier, 'tracestate', state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const parts = traceparentPattern.exec(single(getter.get(carrier, 'traceparent')) ?? '')?.groups;
    if (parts === undefined || (parts.version === '00' && parts.rest !== undefined)) return context;
    const { traceId = '', spanId = '', flags = '' } = parts;
    const state = single(getter.get(carrier, 'tracestate'));
    const spanContext = {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16),
      isRemote: true,
      ...(state && state.length <= traceStateLengthMax && { traceState: createTraceState(state) }),
    };
    return isSpanContextValid(spanContext) ? trace.setSpanContext(context, spanContext) : context;
  }

  fields(): string[] {
    return ['traceparent', 'tracestate'];
  }
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
