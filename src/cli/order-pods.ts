// `monopod restart|stop|start POD…`: says it to the running monopod, and as a rule waits until it has happened.
import { type Command, InvalidArgumentError } from 'commander';
import { sleep, systemClock } from '../clock.ts';
import * as value from '../config/values.ts';
import { messageOf } from '../errors.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { OrderTaken, OrderVerb } from '../server/node-orders.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import type { WatchLine } from '../server/watch.ts';
import { OrderProgress } from './await-order.ts';
import { addRootDirFlag, Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { orderTargets, type Target } from './order-targets.ts';

type Options = { rootDir: string; namespace?: string; all?: true; wait: boolean; timeout: number };

export const addRestart = (program: Command): void =>
  addOrder(program, 'restart', 'a new generation of a Pod by the same manifest, gracefully');
export const addStop = (program: Command): void =>
  addOrder(program, 'stop', 'stop a Pod gracefully, and keep it so over restarts, until it is started');
export const addStart = (program: Command): void => addOrder(program, 'start', 'start what was stopped');

function addOrder(program: Command, verb: OrderVerb, description: string): void {
  const command = program
    .command(verb)
    .description(description)
    .argument('[pods...]', 'name, or namespace/name; with or without the -<node> at its end')
    .option('-n, --namespace <namespace>', "the Pods' namespace (default: any)")
    .option('--all', verb === 'start' ? 'all that are stopped' : 'all that are not stopped')
    .option('--wait [boolean]', 'until it has happened', parsed(value.boolean), true)
    .option('--timeout <duration>', 'how long to wait; 0s: as long as it takes', parsed(value.duration), 0)
    .action((names: string[], options: Options) => giveOrder(verb, names, options));
  addRootDirFlag(command);
}

const parsed =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };

const done: Record<OrderVerb, string> = { restart: 'restarted', stop: 'stopped', start: 'started' };

async function giveOrder(verb: OrderVerb, names: string[], options: Options): Promise<void> {
  const { rootDir, namespace, all = false, wait, timeout } = options;
  const client = new Client(rootDir);
  const manifests = (await client.get<ManifestRecord[]>('/manifests')) ?? [];
  const { items } = (await client.get<{ items: Pod[] }>('/pods')) ?? { items: [] };
  const targets = orderTargets(verb, { names, all, namespace }, manifests, items);
  if (targets.length === 0) process.stderr.write('No resources found\n');
  const awaited = new Map<string, Awaited>();
  const troubles: string[] = [];
  for (const target of targets) {
    const said = await tell(client, verb, target).catch((error: Error) => troubles.push(error.message));
    if (typeof said === 'number') continue;
    if (said.refusal !== undefined)
      troubles.push(`pod/${target.name} does not begin yet, and will when it can: ${said.refusal}`);
    else if (wait && (said.isNews || verb === 'stop')) awaited.set(keyOf(target), { ...said, ...target });
    else process.stdout.write(said.line);
  }
  if (awaited.size > 0) {
    const happened = waitFor(client, verb, awaited);
    await (timeout > 0 ? Promise.race([happened, outOfTime(timeout, verb, awaited)]) : happened);
  }
  if (troubles.length > 0) throw new CommandError(troubles.join('\nerror: '));
}

type Said = { line: string; uid: string | undefined; refusal: string | undefined; isNews: boolean };
type Awaited = Said & Target;

const keyOf = ({ namespace, name }: Target) => `${namespace}/${name}`;

async function tell(client: Client, verb: OrderVerb, { namespace, name }: Target): Promise<Said> {
  const path = [namespace, name].map(encodeURIComponent).join('/');
  const { uid, wasStopped, refusal } = await client.post<OrderTaken>(`/pods/${path}/${verb}`);
  const isNews = verb === 'restart' || wasStopped === (verb === 'start');
  const before = verb === 'restart' && wasStopped ? ' (it was stopped)' : '';
  const already = verb === 'start' ? 'is not stopped' : 'is stopped already';
  const did =
    verb === 'start' && isNews && uid === undefined ? 'may start: it has no manifest now' : done[verb];
  const line = `pod/${name} ${isNews ? did + before : already}\n`;
  return { line, uid, refusal, isNews };
}

/** Says of each Pod once what holds it up, and that it has happened. */
async function waitFor(client: Client, verb: OrderVerb, awaited: Map<string, Awaited>): Promise<void> {
  const progress = new Map([...awaited].map(([key, { uid }]) => [key, new OrderProgress(uid)]));
  const told = new Set<string>();
  const look = (key: string, pod: Pod | undefined) => {
    const one = awaited.get(key);
    const now = progress.get(key)?.seen(pod);
    if (!one || !now) return;
    if (now.at === 'overtaken')
      throw new CommandError(
        `pod/${one.name} was not ${done[verb]}: something else was wanted of it meanwhile`,
      );
    if (now.at === 'done') {
      awaited.delete(key);
      return void process.stdout.write(one.line);
    }
    const note = `pod/${one.name}: ${now.why}\n`;
    if (now.why && !told.has(note)) process.stderr.write(note);
    told.add(note);
  };
  for await (const line of client.lines<WatchLine>('/pods?watch=1')) {
    if (line.type === 'list') {
      const pods = new Map(line.pods.map((pod) => [podKey(pod), pod]));
      for (const key of [...awaited.keys()]) look(key, pods.get(key));
    } else look(podKey(line.pod), line.type === 'removed' ? undefined : line.pod);
    if (awaited.size === 0) return;
  }
  throw new CommandError('monopod has stopped; the order holds');
}

const podKey = ({ metadata }: Pod) => `${metadata?.namespace}/${metadata?.name}`;

async function outOfTime(timeoutMs: number, verb: OrderVerb, awaited: Map<string, Awaited>): Promise<never> {
  await sleep(systemClock, timeoutMs);
  const names = [...awaited.values()].map(({ name }) => `pod/${name}`).join(', ');
  throw new CommandError(`timed out waiting for ${names} to be ${done[verb]}; the order holds`);
}
