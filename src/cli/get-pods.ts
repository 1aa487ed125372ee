// `monopod get pods`: the Pods of this node as kubectl would show them; with -w, each change as it happens.
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { WatchLine } from '../server/watch.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { podColumns } from './pod-columns.ts';
import { isNamed } from './pod-name.ts';
import { printDocument, type TextFormat } from './print-document.ts';
import { Table } from './table.ts';

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
    (name === undefined || isNamed(pod, name));
  const show = printer(options, name !== undefined);
  if (options.watch !== true) {
    const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
    const pods = items.filter(wanted);
    if (name !== undefined && pods.length === 0) throw new CommandError(`pod "${name}" not found`);
    return show(pods);
  }
  for await (const line of client.lines<WatchLine>('/pods?watch=1')) {
    if (line.type === 'list') show(line.pods.filter(wanted));
    else if (wanted(line.pod)) show([line.pod]);
  }
  throw new CommandError('monopod has stopped');
}

/** Called once, or with -w again for what changed. */
function printer(options: Options, one: boolean): (pods: Pod[]) => void {
  const { output, watch } = options;
  if (output === 'name')
    return (pods) =>
      pods.forEach(({ metadata }) => {
        process.stdout.write(`pod/${metadata?.name}\n`);
      });
  if (output === 'json' || output === 'yaml')
    return (pods) => {
      const objects = pods.map((pod) => ({ apiVersion: 'v1', kind: 'Pod', ...pod }));
      if (watch) for (const object of objects) printDocument(object, output, { ofMany: true });
      else if (one && objects.length === 1) printDocument(objects[0], output);
      else
        printDocument(
          { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects },
          output,
        );
    };
  const table = new Table({ header: options.headers });
  let namespaces = options.allNamespaces === true;
  let first = true;
  return (pods) => {
    if (first && pods.length === 0) process.stderr.write('No resources found\n');
    first = false;
    // Only where names alone would not say which Pod it is.
    namespaces ||=
      options.namespace === undefined && pods.some(({ metadata }) => metadata?.namespace !== 'default');
    const text = table.print(
      header(namespaces, output === 'wide'),
      rows(pods, namespaces, output === 'wide'),
    );
    process.stdout.write(text);
  };
}

const header = (namespaces: boolean, wide: boolean): string[] => [
  ...(namespaces ? ['NAMESPACE'] : []),
  ...['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
  ...(wide ? ['IP', 'NODE', 'SOURCE'] : []),
];

const rows = (pods: Pod[], namespaces: boolean, wide: boolean): string[][] =>
  pods
    .map((pod) => podColumns(pod, systemClock.now()))
    .map((columns) => [
      ...(namespaces ? [columns.namespace] : []),
      ...[columns.name, columns.ready, columns.status, columns.restarts, columns.age],
      ...(wide ? [columns.ip, columns.node, columns.source] : []),
    ]);
