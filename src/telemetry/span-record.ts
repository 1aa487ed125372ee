// A finished span as plain data: what threads post to main's bounded trace store and `monopod trace` prints.

export type SpanRecord = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** `source.event`, `manifest.decode`, `engine.createSandbox`, … */
  name: string;
  /** ms since the epoch, with fractions. */
  startMs: number;
  endMs: number;
  /** The kind of thread it ran in. */
  thread: string;
  attributes: Record<string, string | number | boolean>;
  /** Set when the span failed. */
  error?: string;
};
