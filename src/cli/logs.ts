// `monopod logs POD`: what its containers have written, in kubectl's words.
import { type Command, Option } from 'commander';
import type { Pod } from '../kubernetes/pod.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { logContainers } from './log-containers.ts';
import { type LogsOptions, logQuery, streamsMax } from './log-options.ts';
import { toStdout, writeBytes, writeLines } from './log-output.ts';
import { podNamed } from './pods-meant.ts';

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('what the containers of a Pod have written')
    .argument('<pod>', 'name, or namespace/name; with or without the -<node> at its end')
    .argument('[container]', 'as with -c')
    .option('-n, --namespace <namespace>', "the Pod's namespace (default: any)")
    .option('-c, --container <container>', 'which container (default: as annotated, else the first)')
    .option('-f, --follow', 'go on with what is written, until the container ends')
    .option('-p, --previous', 'of the attempt before the present one')
    .option('--tail <lines>', 'the last lines; -1 is all', '-1')
    .option('--since <duration>', 'what is newer, as in 5s, 2m, or 3h')
    .option('--since-time <time>', 'what was written from then on (RFC 3339)')
    .option('--timestamps', 'when each line was written')
    .option('--all-containers', 'of all containers of the Pod, init containers first')
    .option('--prefix', 'begin each line with its Pod and container')
    .option('--limit-bytes <bytes>', 'so many bytes of a log at most')
    .option('--ignore-errors', 'go on with the other containers where one has no log')
    .addOption(
      new Option('--max-log-requests <number>', 'how many containers may be followed at once').default('5'),
    )
    .action(logs);
  addRootDirFlag(command);
}

async function logs(name: string, inline: string | undefined, options: LogsOptions): Promise<void> {
  if (inline !== undefined && options.container !== undefined)
    throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
  const container = inline ?? options.container;
  if (options.allContainers && container !== undefined)
    throw new CommandError(`--all-containers=true should not be specified with container name ${container}`);
  const query = logQuery(options);
  const most = streamsMax(options);
  const client = new Client(options.rootDir);
  const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const pod = podNamed(name, options.namespace, items);
  const chosen = logContainers(pod, { container, allContainers: options.allContainers });
  for (const line of chosen.says) process.stderr.write(`${line}\n`);
  const several = chosen.containers.length > 1;
  const atOnce = several && options.follow === true;
  if (atOnce && chosen.containers.length > most)
    throw new CommandError(
      `you are attempting to follow ${chosen.containers.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
    );
  const show = (one: string) => showLog(client, pod, one, query, { ...options, lines: atOnce });
  if (atOnce) await Promise.all(chosen.containers.map(show));
  else for (const one of chosen.containers) await show(one);
}

async function showLog(
  client: Client,
  { metadata }: Pod,
  container: string,
  query: string,
  { prefix, ignoreErrors, lines }: LogsOptions & { lines: boolean },
): Promise<void> {
  const { namespace = '', name = '' } = metadata ?? {};
  const path = [namespace, name, container].map(encodeURIComponent).join('/');
  try {
    const pieces = client.bytes(`/containerLogs/${path}?${query}`);
    if (prefix) await writeLines(pieces, `[pod/${name}/${container}] `, toStdout);
    else if (lines) await writeLines(pieces, '', toStdout);
    else await writeBytes(pieces, toStdout);
  } catch (error) {
    if (!ignoreErrors || !(error instanceof CommandError)) throw error;
    await toStdout(Buffer.from(`error: ${error.message}\n`));
  }
}
