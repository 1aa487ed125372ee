// `monopod describe manifest`: of each manifest where it is, what became of it, since when and why, what runs instead,
// and what to do. Reads the lines of files at fault where they still are what monopod judged.

import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { addRootDirFlag, Client } from './client.ts';

export function addDescribeManifest(describe: Command): void {
  const command = describe
    .command('manifest')
    .alias('manifests')
    .description('where manifests are, what became of each, why and since when, and what runs instead')
    .argument('[name...]', 'paths, URLs, file names, or names of Pods (default: all)')
    .action(describeManifests);
  addRootDirFlag(command);
}

async function describeManifests(names: string[], { rootDir }: { rootDir: string }): Promise<void> {
  const client = new Client(rootDir);
  const records = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  await client.printNotices();
  const { manifestDescription } = await import('./manifest-description.ts');
  const { manifestsMeant } = await import('./manifests-meant.ts');
  const { paintFor } = await import('./verdict-output.ts');
  const meant = manifestsMeant(names, records);
  if (meant.length === 0) return void process.stderr.write('No manifests found\n');
  const texts: string[] = [];
  for (const record of meant)
    texts.push(
      manifestDescription(record, await judgedBytes(record), systemClock.now(), paintFor(process.stdout)),
    );
  process.stdout.write(texts.join('\n\n'));
}

/** The bytes that the record speaks of; none where they cannot be had here, or say something else by now. */
export async function judgedBytes({
  origin,
  staticPod,
  errors,
  warnings,
}: ManifestRecord): Promise<Uint8Array> {
  const nothing = new Uint8Array();
  const isLocated = [...errors, ...warnings].some(({ line }) => line !== undefined);
  if (!isLocated || !isAbsolute(origin)) return nothing;
  const { manifestFiles } = await import('./manifest-files.ts');
  const { ManifestJudge } = await import('./judge-manifests.ts');
  const nodeName = staticPod?.pod.spec?.nodeName ?? hostname().toLowerCase();
  const judge = new ManifestJudge({ nodeName, strict: false });
  for await (const file of manifestFiles([origin], process.stdin)) {
    if (file.kind !== 'read') continue;
    const { verdict } = judge.judge(file);
    // As they come over the socket: without what is undefined.
    const now = JSON.parse(JSON.stringify([verdict.errors, verdict.warnings]));
    if (isDeepStrictEqual(now, [errors, warnings])) return file.bytes;
  }
  return nothing;
}
