// `monopod diff FILE…`: what manifests would change of what runs, and which Pods would restart. Asks the running monopod.
// Exits, as `kubectl diff`, with 0 if nothing would change, 1 if something would, 2 if that cannot be said.
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Pod } from '../kubernetes/pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import type { Foreseen, Node } from './foresee.ts';
import type { NodeRoom } from './foresee-room.ts';
import { printDocument, type TextFormat } from './print-document.ts';
import type { Streams } from './validate.ts';

type Options = { rootDir: string; output?: TextFormat };

const TROUBLE = 2;

export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .description('what manifests would change of what runs, and whether a Pod would restart')
    .argument(
      '<file...>',
      'manifests, - for standard input, or a directory that would take the place of the one that monopod reads',
    )
    .addOption(new Option('-o, --output <format>', 'the outcomes as a list').choices(['json', 'yaml']))
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : TROUBLE))
    .action(diff);
  addRootDirFlag(command);
}

async function diff(names: string[], { rootDir, output }: Options): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const { paintFor } = await import('./verdict-output.ts');
  const streams: Streams = {
    stdin,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    paint: paintFor(stdout),
  };
  try {
    const node = await askNode(new Client(rootDir));
    process.exitCode = await diffManifests(names, node, streams, output);
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(error.message, TROUBLE) : error;
  }
}

async function askNode(client: Client): Promise<AskedNode> {
  const records = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  const { items: pods } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const known = [...pods, ...records.flatMap(({ staticPod }) => staticPod?.pod ?? [])];
  // Of a node that has nothing the name is no matter: everything would start.
  const nodeName = known.flatMap(({ spec }) => spec?.nodeName ?? [])[0] ?? hostname().toLowerCase();
  const room = await client.get<NodeRoom>('/room');
  const hasImage = async (image: string) =>
    (await client.get<{ isThere?: boolean }>(`/images/${encodeURIComponent(image)}`))?.isThere;
  return { nodeName, records, pods, ...(room && { room }), hasImage };
}

/** Without them, nothing is said of room and images. */
type AskedNode = Node & {
  room?: NodeRoom;
  hasImage?(image: string): Promise<boolean | undefined>;
};

/** The exit code. */
export async function diffManifests(
  names: string[],
  node: AskedNode,
  { stdin, out, err, paint = (_as, text) => text }: Streams,
  output?: TextFormat,
): Promise<number> {
  const { manifestFiles, isDirectory } = await import('./manifest-files.ts');
  const { Foresight } = await import('./foresee.ts');
  const { givenManifest } = await import('./given-manifest.ts');
  const { foreseenText } = await import('./diff-output.ts');
  const foresight = new Foresight(node);
  const { foreseeImages, foreseeRoom } = await import('./foresee-room.ts');
  const all: Foreseen[] = [];
  const bytesOf = new Map<Foreseen, Uint8Array>();
  const directories = names.filter(isDirectory).map((name) => resolve(name));
  for await (const file of manifestFiles(names, stdin)) {
    if (file.kind === 'ignored') continue;
    const given = givenManifest(file, node.records, directories);
    for (const foreseen of foresight.foresee(given)) {
      all.push(foreseen);
      bytesOf.set(foreseen, given.bytes);
    }
  }
  if (directories.length > 0) all.push(...foresight.stops());
  // What goes makes room for what comes: nothing can be said of one alone.
  if (node.room) foreseeRoom(all, node.room);
  if (node.hasImage) await foreseeImages(all, node.hasImage);
  if (output) await printDocument(all.map(forProgram), output, { out });
  else for (const one of all) out(foreseenText(one, bytesOf.get(one) ?? new Uint8Array(), paint));
  if (!output && all.length === 0) err('there is no manifest in what was given\n');
  return exitCodeOf(all);
}

function exitCodeOf(all: Foreseen[]): number {
  if (all.some(({ outcome }) => outcome === 'rejected')) return TROUBLE;
  return all.some(({ outcome, differences }) => outcome !== 'unchanged' && !isIdle(outcome, differences))
    ? 1
    : 0;
}

const isIdle = (outcome: Foreseen['outcome'], differences: unknown[]) =>
  outcome === 'stays stopped' && differences.length === 0;

const forProgram = ({ file, pod, outcome, differences, errors, note, hints }: Foreseen) => ({
  file,
  ...(pod !== undefined && { pod }),
  outcome,
  differences,
  errors,
  ...(note && { note }),
  ...(hints.length > 0 && { hints }),
});
