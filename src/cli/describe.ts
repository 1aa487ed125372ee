// `monopod describe`: all that is known of a manifest, or of a Pod (as kubectl tells it, with its manifests and its
// last change).
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { ManifestRecord, PodMade } from '../server/node-view.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { addRootDirFlag, Client } from './client.ts';
import { addDescribeManifest } from './describe-manifest.ts';

export function addDescribe(program: Command): Command {
  const describe = program.command('describe').description('tell all that is known of a Pod or a manifest');
  addDescribePod(describe);
  addDescribeManifest(describe);
  return describe;
}

function addDescribePod(describe: Command): void {
  const command = describe
    .command('pod')
    .aliases(['pods', 'po'])
    .description('what a Pod was asked for and what became of it, its manifest, and its last change')
    .argument('<name...>', 'names, or namespace/name; with or without the -<node> at their end')
    .option('-n, --namespace <namespace>', "the Pods' namespace (default: any)")
    .action(describePods);
  addRootDirFlag(command);
}

async function describePods(
  names: string[],
  { rootDir, namespace }: { rootDir: string; namespace?: string },
): Promise<void> {
  const client = new Client(rootDir);
  const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const manifests = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  await client.printNotices();
  const { keyOf, podDescription } = await import('./describe-pod.ts');
  const { podsToDescribe } = await import('./pods-to-describe.ts');
  const texts: string[] = [];
  for (const meant of podsToDescribe(names, namespace, items, manifests)) {
    const path = keyOf(meant.pod).split('/').map(encodeURIComponent).join('/');
    const spans = (await client.get<SpanRecord[]>(`/trace/${path}`)) ?? [];
    const made = meant.isThere ? await client.get<PodMade>(`/made/${path}`) : undefined;
    texts.push(podDescription({ ...meant, spans, ...(made && { made }) }, systemClock.now()));
  }
  process.stdout.write(texts.join('\n\n'));
}
