// Main's store of traces in memory: SpanRecords of all threads come in, the spans of a Pod's last change come out.
// Everything is bounded: what was longest untouched goes first, traces that belong to no Pod before those that do.
import type { SpanRecord } from './span-record.ts';

/** `namespace/name`, as in manifest/. */
type PodKey = string;

export type StoreBounds = {
  /** Pods whose last change is kept. */
  podsMax: number;
  /** Traces not (or not yet) bound to a Pod: spans may come before main knows whose they are. */
  looseMax: number;
  /** Of one trace, for each Pod bound to it. */
  spansPerPodMax: number;
  /** Of all traces together. */
  spansMax: number;
};

/** About 5 MB at the most, at 500 bytes a span. */
const defaultBounds: StoreBounds = { podsMax: 512, looseMax: 128, spansPerPodMax: 200, spansMax: 10_000 };

type Trace = { id: string; spans: SpanRecord[]; pods: Set<PodKey> };

export class TraceStore {
  readonly #bounds: StoreBounds;
  // Maps iterate in order of insertion: a touched entry is inserted anew, so the first one is the least recently used.
  readonly #traceOf = new Map<PodKey, Trace>();
  readonly #loose = new Map<string, Trace>();
  readonly #bound = new Map<string, Trace>();
  #spans = 0;

  constructor(bounds: Partial<StoreBounds> = {}) {
    this.#bounds = { ...defaultBounds, ...bounds };
  }

  add(spans: readonly SpanRecord[]): void {
    for (const span of spans) {
      const trace = this.#touch(span.traceId);
      trace.spans.push(span);
      this.#spans += 1;
      if (trace.spans.length > this.#bounds.spansPerPodMax * Math.max(1, trace.pods.size)) {
        // The first spans say what began the change, the last ones how it ended and the roots: the middle goes.
        trace.spans.splice(trace.spans.length >> 1, 1);
        this.#spans -= 1;
      }
    }
    this.#evict();
  }

  /** From now on this trace is the Pod's last change. */
  bind(key: PodKey, traceId: string): void {
    const before = this.#traceOf.get(key);
    const trace = this.#touch(traceId);
    if (before !== trace) this.#unbind(key);
    this.#traceOf.delete(key);
    this.#traceOf.set(key, trace);
    trace.pods.add(key);
    this.#loose.delete(traceId);
    this.#bound.set(traceId, trace);
    this.#evict();
  }

  /** By start. Undefined for a Pod never bound, or forgotten. */
  trace(key: PodKey): SpanRecord[] | undefined {
    const trace = this.#traceOf.get(key);
    if (trace === undefined) return undefined;
    this.#touch(trace.id);
    return trace.spans.toSorted((a, b) => a.startMs - b.startMs);
  }

  #touch(traceId: string): Trace {
    const home = this.#bound.has(traceId) ? this.#bound : this.#loose;
    const trace = home.get(traceId) ?? { id: traceId, spans: [], pods: new Set() };
    home.delete(traceId);
    home.set(traceId, trace);
    return trace;
  }

  #unbind(key: PodKey): void {
    const trace = this.#traceOf.get(key);
    if (trace === undefined) return;
    this.#traceOf.delete(key);
    trace.pods.delete(key);
    if (trace.pods.size === 0) this.#drop(trace);
  }

  #drop(trace: Trace): void {
    this.#loose.delete(trace.id);
    this.#bound.delete(trace.id);
    this.#spans -= trace.spans.length;
    for (const key of trace.pods) this.#traceOf.delete(key);
  }

  #evict(): void {
    while (this.#traceOf.size > this.#bounds.podsMax) this.#unbind(oldest(this.#traceOf.keys()));
    while (this.#loose.size > this.#bounds.looseMax) this.#drop(oldest(this.#loose.values()));
    while (this.#spans > this.#bounds.spansMax)
      this.#drop(oldest((this.#loose.size > 0 ? this.#loose : this.#bound).values()));
  }
}

/** The first of what is known not to be empty. */
function oldest<T>(entries: Iterator<T>): T {
  return entries.next().value as T;
}
