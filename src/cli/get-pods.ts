// `monopod get pods`: the Pods of this node as kubectl would show them; with -w, each change as it happens.
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { WatchLine } from '../server/watch.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { candidateOf, isMeant, notFound } from './pods-meant.ts';
import { printDocument, type TextFormat } from './print-document.ts';

type Options = {
  rootDir: string;
  output?: 'wide' | 'name' | TextFormat;
  watch?: true;
  namespace?: string;
  allNamespaces?: true;
  /** False with --no-headers. */
  headers: boolean;
};

export function addGetPods(get: Command): void {
  const command = get
    .command('pods')
    .aliases(['pod', 'po'])
    .description('the Pods of this node')
    .argument('[name]', 'one Pod, with or without the -<node> at the end of its name')
    .addOption(
      new Option('-o, --output <format>', 'more columns, or the objects').choices([
        'wide',
        'json',
        'yaml',
        'name',
      ]),
    )
    .option('-w, --watch', 'go on with each change')
    .option('-n, --namespace <namespace>', 'those of one namespace (default: all)')
    .option('-A, --all-namespaces', 'those of all namespaces, with a column for it')
    .option('--no-headers', 'no line of column names')
    .action((name: string | undefined, options: Options) => getPods(name, options));
  addRootDirFlag(command);
}

async function getPods(name: string | undefined, options: Options): Promise<void> {
  const client = new Client(options.rootDir);
  const wanted = (pod: Pod) =>
    (options.namespace === undefined || pod.metadata?.namespace === options.namespace) &&
    (name === undefined || isMeant(pod, name, options.namespace));
  const show = await printer(options, name !== undefined);
  const showList = async (pods: Pod[]) => {
    if (pods.length === 0 && name === undefined && !isText(options.output))
      process.stderr.write('No resources found\n');
    await show(pods);
  };
  await client.printNotices();
  if (options.watch !== true) {
    const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
    const pods = items.filter(wanted);
    if (name !== undefined && pods.length === 0) throw notFound(name, items.map(candidateOf));
    return showList(pods);
  }
  for await (const line of client.lines<WatchLine>('/pods?watch=1')) {
    if (line.type === 'list') await showList(line.pods.filter(wanted));
    else if (wanted(line.pod)) await show([line.pod]);
  }
  throw new CommandError('monopod has stopped');
}

const isText = (output: Options['output']) => output === 'json' || output === 'yaml';

type Printer = (pods: Pod[]) => void | Promise<void>;

async function printer(options: Options, one: boolean): Promise<Printer> {
  const { output, watch = false } = options;
  if (output === 'name') return (pods) => printNames(pods);
  if (output === 'json' || output === 'yaml') return (pods) => printObjects(pods, output, { one, watch });
  const { podsTable } = await import('./pods-table.ts');
  const more = podsTable({
    wide: output === 'wide',
    header: options.headers,
    namespaces: options.allNamespaces ? 'always' : options.namespace === undefined ? 'auto' : 'never',
  });
  return (pods) => void process.stdout.write(more(pods, systemClock.now()));
}

function printNames(pods: Pod[]): void {
  for (const { metadata } of pods) process.stdout.write(`pod/${metadata?.name}\n`);
}

async function printObjects(pods: Pod[], format: TextFormat, { one = false, watch = false }): Promise<void> {
  const objects = pods.map((pod) => ({ apiVersion: 'v1', kind: 'Pod', ...pod }));
  if (watch) for (const object of objects) await printDocument(object, format, { ofMany: true });
  else if (one && objects.length === 1) await printDocument(objects[0], format);
  else
    await printDocument(
      { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects },
      format,
    );
}
