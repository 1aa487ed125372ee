// `monopod trace POD`: where the time of a Pod's last change went, from the file's event to the container's start.
import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import type { Pod } from '../kubernetes/pod.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { waterfall } from '../telemetry/waterfall.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { candidateOf, notFound, podMeant, splitTyped } from './pods-meant.ts';
import { printDocument, type TextFormat } from './print-document.ts';

type Options = { rootDir: string; namespace?: string; output?: TextFormat };

export function addTrace(program: Command): void {
  const command = program
    .command('trace')
    .description("show the last change of a Pod as a waterfall of monopod's steps")
    .argument('<pod>', 'name, or namespace/name; with or without the -<node> at its end')
    .option('-n, --namespace <namespace>', "the Pod's namespace (default: any)")
    .addOption(new Option('-o, --output <format>', 'the spans themselves').choices(['json', 'yaml']))
    .action(trace);
  addRootDirFlag(command);
}

async function trace(typed: string, { rootDir, namespace, output }: Options): Promise<void> {
  const { key, spans } = await find(new Client(rootDir), typed, namespace);
  if (output !== undefined) return printDocument(spans, output);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  process.stdout.write(`${waterfall(spans, { title: key, width })}\n`);
}

type Found = { key: string; spans: SpanRecord[] };

async function find(client: Client, typed: string, inNamespace: string | undefined): Promise<Found> {
  const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const candidates = items.map(candidateOf);
  const meant = podMeant(typed, inNamespace, candidates);
  const keys = meant ? [`${meant.namespace}/${meant.name}`] : goneKeys(typed, inNamespace, items);
  for (const key of keys) {
    const path = key.split('/').map(encodeURIComponent).join('/');
    const spans = await client.get<SpanRecord[]>(`/trace/${path}`);
    if (spans !== undefined) return { key, spans };
  }
  if (meant) throw new CommandError(`no trace of pod "${typed}" is kept: it has not changed for long`);
  throw notFound(typed, candidates);
}

/** A Pod that is gone is in no list, but the trace of how it went may be kept. */
function goneKeys(typed: string, inNamespace: string | undefined, pods: Pod[]): string[] {
  const { namespace = inNamespace ?? 'default', name } = splitTyped(typed);
  const nodes = new Set([...pods.flatMap(({ spec }) => spec?.nodeName ?? []), hostname().toLowerCase()]);
  return [name, ...[...nodes].map((node) => `${name}-${node}`)].map((full) => `${namespace}/${full}`);
}
