// `monopod trace POD`: where the time of a Pod's last change went, from the file's event to the container's start.
import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import type { Pod } from '../kubernetes/pod.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { waterfall } from '../telemetry/waterfall.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { isNamed, splitName } from './pod-name.ts';
import { printDocument, type TextFormat } from './print-document.ts';

type Options = { rootDir: string; output?: TextFormat };

export function addTrace(program: Command): void {
  const command = program
    .command('trace')
    .description("show the last change of a Pod as a waterfall of monopod's steps")
    .argument('<pod>', 'name, or namespace/name; with or without the -<node> at its end')
    .addOption(new Option('-o, --output <format>', 'the spans themselves').choices(['json', 'yaml']))
    .action(trace);
  addRootDirFlag(command);
}

async function trace(text: string, { rootDir, output }: Options): Promise<void> {
  const client = new Client(rootDir);
  const found = await find(client, text);
  if (found === undefined) throw new CommandError(`pod "${text}" not found, and no trace of it is kept`);
  if (output !== undefined) return printDocument(found.spans, output);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  process.stdout.write(`${waterfall(found.spans, { title: found.key, width })}\n`);
}

type Found = { key: string; spans: SpanRecord[] };

async function find(client: Client, text: string): Promise<Found | undefined> {
  const { namespace, name } = splitName(text);
  const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const matching = items
    .filter((pod) => isNamed(pod, name) && (namespace ?? pod.metadata?.namespace) === pod.metadata?.namespace)
    .map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
  if (matching.length > 1) throw new CommandError(`"${text}" could be ${matching.join(' or ')}`);
  // A Pod that is gone is in no list, but the trace of how it went may be kept.
  const nodes = new Set([...items.flatMap(({ spec }) => spec?.nodeName ?? []), hostname().toLowerCase()]);
  const guesses = [name, ...[...nodes].map((node) => `${name}-${node}`)].map(
    (guess) => `${namespace ?? 'default'}/${guess}`,
  );
  for (const key of [...matching, ...guesses]) {
    const spans = await client.get<SpanRecord[]>(
      `/trace/${key.split('/').map(encodeURIComponent).join('/')}`,
    );
    if (spans !== undefined) return { key, spans };
  }
  return undefined;
}
