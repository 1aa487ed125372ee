// The main steps of a Pod's last change, a line each: what kubectl's events are good for. Pure.
import type { SpanRecord } from '../telemetry/span-record.ts';
import { duration } from '../telemetry/waterfall.ts';

const mostSteps = 12;

/** What failed and what took longest, in the order in which it began. The whole of it is `monopod trace`'s. */
export function changeSteps(spans: SpanRecord[], key: string): string[] {
  if (spans.length === 0) return [];
  const byWeight = spans.toSorted(
    (a, b) => Number(b.error !== undefined) - Number(a.error !== undefined) || tookMs(b) - tookMs(a),
  );
  const left = spans.length - mostSteps;
  const shown = byWeight.slice(0, left > 0 ? mostSteps - 1 : mostSteps);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const lines = shown
    .sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)
    .map((span) => {
      const offset = `+${duration(span.startMs - startMs)}`.padEnd(9);
      return `${offset}${duration(tookMs(span)).padEnd(9)}${span.name}${what(span, key)}`;
    });
  const less = spans.length - shown.length;
  return less === 0 ? lines : [...lines, `and ${less} lesser steps: monopod trace ${key}`];
}

const tookMs = ({ startMs, endMs }: SpanRecord) => endMs - startMs;

/** Ids as the engine's own command line shows them. */
const what = ({ attributes, error }: SpanRecord, key: string) =>
  Object.values(attributes)
    .filter((value) => value !== key && value !== '')
    .map((value) => `  ${String(value).replace(/\b([\da-f]{12})[\da-f]{52}\b/g, '$1')}`)
    .join('') + (error === undefined ? '' : `  ! ${error}`);
