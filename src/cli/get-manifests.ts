// `monopod get manifests`: each file or document, what became of it, and below the table each error where it stands.
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { FieldError } from '../manifest/static-pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { printable } from '../telemetry/printable.ts';
import { humanDuration } from './age.ts';
import { addRootDirFlag, Client } from './client.ts';
import { printDocument, type TextFormat } from './print-document.ts';
import { Table } from './table.ts';

type Options = { rootDir: string; output?: 'wide' | TextFormat; headers: boolean };

export function addGetManifests(get: Command): void {
  const command = get
    .command('manifests')
    .alias('manifest')
    .description('the manifests, what became of each, and why')
    .addOption(
      new Option('-o, --output <format>', 'more columns, or the objects').choices(['wide', 'json', 'yaml']),
    )
    .option('--no-headers', 'no line of column names')
    .action(getManifests);
  addRootDirFlag(command);
}

async function getManifests({ rootDir, output, headers }: Options): Promise<void> {
  const records = (await new Client(rootDir).get<ManifestRecord[]>('/manifests')) ?? [];
  if (output === 'json' || output === 'yaml') return printDocument(records, output);
  if (records.length === 0) return void process.stderr.write('No manifests found\n');
  process.stdout.write(
    manifestsTable(records, systemClock.now(), { wide: output === 'wide', header: headers }),
  );
}

/** Ends in a newline. */
export function manifestsTable(
  records: ManifestRecord[],
  nowMs: number,
  { wide = false, header = true } = {},
): string {
  const columns = ['MANIFEST', 'STATE', 'POD', 'SINCE', ...(wide ? ['SOURCE', 'UID'] : []), 'REASON'];
  const rows = records.map(({ origin, state, staticPod, sinceMs, sourceId, reason }) => [
    origin,
    state,
    staticPod?.key ?? '<none>',
    humanDuration(nowMs - sinceMs),
    ...(wide ? [sourceId, staticPod?.uid ?? '<none>'] : []),
    reason,
  ]);
  const problems = records.flatMap(({ origin, errors, warnings }) => [
    ...errors.map((error) => problem(origin, 'error', error)),
    ...warnings.map((warning) => problem(origin, 'warning', warning)),
  ]);
  const below = problems.length > 0 ? `\n${problems.join('\n')}\n` : '';
  return new Table({ header }).print(columns, rows) + below;
}

/** `file:line:column: …`, which editors and terminals take one to. */
function problem(origin: string, kind: string, { line, column, field, type, message }: FieldError): string {
  const place = line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
  return printable([place, kind, ...(field ? [field] : []), type, message].join(': '));
}
