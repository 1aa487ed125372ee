// Manifests as a table, and below it each error and warning where it stands in its file. Pure.
import { type FieldError, severityOf } from '../manifest/static-pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { printable } from '../telemetry/printable.ts';
import { humanDuration } from './age.ts';
import { Table } from './table.ts';

/** Ends in a newline. */
export function manifestsTable(
  records: ManifestRecord[],
  nowMs: number,
  { wide = false, header = true } = {},
): string {
  const columns = [
    'MANIFEST',
    'STATE',
    'POD',
    'SINCE',
    ...(wide ? ['SOURCE', 'UID', 'RUNS INSTEAD'] : []),
    'REASON',
  ];
  const rows = records.map(({ origin, state, staticPod, sinceMs, sourceId, reason, runs }) => [
    origin,
    state,
    staticPod?.key ?? '<none>',
    humanDuration(nowMs - sinceMs),
    ...(wide
      ? [sourceId, staticPod?.uid ?? '<none>', runs ? `${runs.uid} of ${runs.origin}` : '<none>']
      : []),
    reason,
  ]);
  const problems = records.flatMap(({ origin, errors, warnings }) => [
    ...errors.map((error) => problem(origin, 'error', error)),
    ...warnings.map((warning) => problem(origin, severityOf(warning), warning)),
  ]);
  const below = problems.length > 0 ? `\n${problems.join('\n')}\n` : '';
  return new Table({ header }).print(columns, rows) + below;
}

/** `file:line:column: …`, which editors and terminals take one to. */
function problem(origin: string, kind: string, { line, column, field, type, message }: FieldError): string {
  const place = line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
  return printable([place, kind, ...(field ? [field] : []), type, message].join(': '));
}
