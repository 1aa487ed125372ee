// `monopod get manifests`: each file or document, what became of it, and below the table each error where it stands.
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { addRootDirFlag, Client } from './client.ts';
import { printDocument, type TextFormat } from './print-document.ts';

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
  const client = new Client(rootDir);
  const records = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  await client.printNotices({ shown: 'source' });
  if (output === 'json' || output === 'yaml') return printDocument(records, output);
  if (records.length === 0) return void process.stderr.write('No manifests found\n');
  const { manifestsTable } = await import('./manifests-table.ts');
  process.stdout.write(
    manifestsTable(records, systemClock.now(), { wide: output === 'wide', header: headers }),
  );
}
