// The spans of one trace as a picture in text: when each began, how long it took, a bar, and the tree of what caused
// what, with attributes and errors. Pure.
import { printable } from './printable.ts';
import type { SpanRecord } from './span-record.ts';

export type WaterfallOptions = {
  /** What the trace is of; an attribute with just this value is not repeated. */
  title: string;
  /** Columns to cut lines at; absent is not to cut. */
  width?: number;
};

const barWidth = 24;

/** Lines joined by `\n`. No spans make a line that says so. */
export function waterfall(
  spans: readonly SpanRecord[],
  { title, width = Infinity }: WaterfallOptions,
): string {
  if (spans.length === 0) return `${printable(title)}: no span of its last change is kept`;
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs));
  const failed = spans.filter(({ error }) => error !== undefined).length;
  const head = [
    printable(title),
    new Date(startMs).toISOString(),
    duration(endMs - startMs),
    `${spans.length} spans${failed > 0 ? `, ${failed} failed` : ''}`,
    `trace ${printable(spans[0]?.traceId ?? '')}`,
  ].join('  ');
  const lines = flatten(spans).flatMap(({ span, branch, beneath }) => {
    const offset = `+${duration(span.startMs - startMs)}`.padStart(9);
    const took = duration(span.endMs - span.startMs).padStart(8);
    const place = `${offset}${took}  ${bar(span, startMs, endMs)}  ${printable(span.thread).padEnd(7)}`;
    const line = `${place}${branch}${printable(span.name)}${attributes(span, title)}`;
    if (span.error === undefined) return [line];
    return [line, `${' '.repeat(place.length)}${beneath}! ${printable(span.error)}`];
  });
  return [head, ...lines].map((line) => cut(line, width)).join('\n');
}

/** Three significant digits or so: `0.4ms`, `3.2ms`, `412ms`, `1.23s`, `2m5s`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${trimmed(ms, 1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 99_950) return `${trimmed(ms / 1000, ms < 9_995 ? 2 : 1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

const trimmed = (value: number, digits: number) => String(Number(value.toFixed(digits)));

function bar(span: SpanRecord, startMs: number, endMs: number): string {
  const scale = barWidth / Math.max(endMs - startMs, 0.001);
  const from = Math.min(barWidth - 1, Math.floor((span.startMs - startMs) * scale));
  const cells = (span.endMs - span.startMs) * scale;
  const drawn = cells < 0.5 ? '▏' : '█'.repeat(Math.min(barWidth - from, Math.max(1, Math.round(cells))));
  return `${' '.repeat(from)}${drawn}`.padEnd(barWidth);
}

function attributes({ attributes: all }: SpanRecord, title: string): string {
  return Object.entries(all)
    .filter(([, value]) => value !== title && value !== '')
    .map(([key, value]) => `  ${printable(key)}=${shown(value)}`)
    .join('');
}

/** Ids as the engine's own command line shows them. */
const shown = (value: string | number | boolean) =>
  printable(String(value).replace(/\b([\da-f]{12})[\da-f]{52}\b/g, '$1'));

const cut = (line: string, width: number) => {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
};

type Row = { span: SpanRecord; branch: string; beneath: string };

/** Depth first, by start. A span whose parent is not there (not ended yet, or dropped) is a root. */
function flatten(spans: readonly SpanRecord[]): Row[] {
  const sorted = spans.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(sorted, ({ parentSpanId }) =>
    parentSpanId !== undefined && ids.has(parentSpanId) ? parentSpanId : undefined,
  );
  const rows: Row[] = [];
  const seen = new Set<SpanRecord>();
  const visit = (span: SpanRecord, branch: string, stem: string) => {
    if (seen.has(span)) return;
    seen.add(span);
    const below = children.get(span.spanId) ?? [];
    rows.push({ span, branch, beneath: `${stem}${below.length > 0 ? '│ ' : '  '}` });
    for (const [at, child] of below.entries()) {
      const last = at === below.length - 1;
      visit(child, `${stem}${last ? '└─ ' : '├─ '}`, `${stem}${last ? '   ' : '│  '}`);
    }
  };
  for (const root of children.get(undefined) ?? []) visit(root, '', '');
  // Parents in a circle cannot come from a tracer, but what is asked for is shown.
  for (const span of sorted) visit(span, '', '');
  return rows;
}
