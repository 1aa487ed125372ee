// `monopod describe manifest`: of each manifest where it is, what became of it, since when and why, what runs instead,
// and what to do. Reads the lines of files at fault where they still are what monopod judged.
import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { addRootDirFlag, Client } from './client.ts';
import { printDocument, type TextFormat } from './print-document.ts';

export function addDescribeManifest(describe: Command): void {
  const command = describe
    .command('manifest')
    .alias('manifests')
    .description('where manifests are, what became of each, why and since when, and what runs instead')
    .argument('[name...]', 'paths, URLs, file names, or names of Pods (default: all)')
    .addOption(new Option('-o, --output <format>', 'the objects').choices(['json', 'yaml']))
    .action(describeManifests);
  addRootDirFlag(command);
}

async function describeManifests(
  names: string[],
  { rootDir, output }: { rootDir: string; output?: TextFormat },
): Promise<void> {
  const client = new Client(rootDir);
  const records = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  await client.printNotices();
  const { manifestsMeant } = await import('./manifests-meant.ts');
  const meant = manifestsMeant(names, records);
  if (output !== undefined) return printDocument(meant, output);
  if (meant.length === 0) return void process.stderr.write('No manifests found\n');
  const { manifestDescription } = await import('./manifest-description.ts');
  const { paintFor } = await import('./verdict-output.ts');
  const nodeName =
    records.find((one) => one.staticPod)?.staticPod?.pod.spec?.nodeName ?? hostname().toLowerCase();
  const texts: string[] = [];
  for (const record of meant)
    texts.push(
      manifestDescription(
        record,
        await judgedBytes(record, nodeName),
        systemClock.now(),
        paintFor(process.stdout),
      ),
    );
  process.stdout.write(texts.join('\n\n'));
}

/** The bytes that the record speaks of; none where there are none on this host; `changed`: they are judged otherwise by now. */
export async function judgedBytes(
  { origin, errors, warnings }: ManifestRecord,
  nodeName: string,
): Promise<Uint8Array | 'changed'> {
  const nothing = new Uint8Array();
  const isLocated = [...errors, ...warnings].some(({ line }) => line !== undefined);
  if (!isLocated || !isAbsolute(origin)) return nothing;
  const { manifestFiles } = await import('./manifest-files.ts');
  const { ManifestJudge } = await import('./judge-manifests.ts');
  const judge = new ManifestJudge({ nodeName, strict: false });
  for await (const file of manifestFiles([origin], process.stdin)) {
    if (file.kind !== 'read') continue;
    const { verdict } = judge.judge(file);
    // As they come over the socket: without what is undefined.
    const now = JSON.parse(JSON.stringify([verdict.errors, verdict.warnings]));
    return isDeepStrictEqual(now, [errors, warnings]) ? file.bytes : 'changed';
  }
  return nothing;
}
