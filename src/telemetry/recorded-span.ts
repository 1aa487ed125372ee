// One span while it runs, as @opentelemetry/api sees it; when it ends it is handed on as plain data.
import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Span,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import type { SpanRecord } from './span-record.ts';

const valueLengthMax = 256;
const attributesMax = 32;

export class RecordedSpan implements Span {
  readonly #context: SpanContext;
  readonly #record: SpanRecord;
  readonly #now: () => number;
  readonly #finish: (record: SpanRecord) => void;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };
  #exception: string | undefined;
  #ended = false;

  constructor(
    context: SpanContext,
    record: SpanRecord,
    now: () => number,
    finish: (record: SpanRecord) => void,
  ) {
    this.#context = context;
    this.#record = record;
    this.#now = now;
    this.#finish = finish;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(key: string, value: AttributeValue | undefined): this {
    if (this.#ended || value === undefined) return this;
    const { attributes } = this.#record;
    if (Object.hasOwn(attributes, key) || Object.keys(attributes).length < attributesMax)
      attributes[key] = plain(value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (!this.#ended) this.#status = status;
    return this;
  }

  recordException(exception: Exception): void {
    if (this.#ended) return;
    this.#exception =
      typeof exception === 'string' ? exception : (exception.message ?? String(exception.name));
  }

  updateName(name: string): this {
    if (!this.#ended) this.#record.name = name;
    return this;
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    const record = this.#record;
    record.endMs = Math.max(record.startMs, millis(endTime) ?? this.#now());
    const { code, message } = this.#status;
    if (code === SpanStatusCode.ERROR) record.error = cut(message || this.#exception || 'failed');
    else if (code === SpanStatusCode.UNSET && this.#exception !== undefined)
      record.error = cut(this.#exception);
    this.#finish(record);
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  // Events and links have no place in a SpanRecord: what matters is an attribute, or a span of its own.
  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }
}

/** Milliseconds since the epoch of any time the API takes. */
export function millis(time: TimeInput | undefined): number | undefined {
  if (time === undefined || typeof time === 'number') return time;
  return Array.isArray(time) ? time[0] * 1e3 + time[1] / 1e6 : time.getTime();
}

const cut = (text: string) =>
  text.length <= valueLengthMax ? text : `${text.slice(0, valueLengthMax - 1)}…`;

function plain(value: AttributeValue): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return cut(typeof value === 'string' ? value : JSON.stringify(value));
}
