// A node of its own for a test: monopod with a temporary root and manifest directory, free ports and a unique name, on
// the real engine. Whatever becomes of the test, its processes, containers and files are gone after it.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Pod } from '../../../src/kubernetes/pod.ts';
import type { ManifestRecord } from '../../../src/server/node-view.ts';
import {
  type ContainerDetail,
  type ContainerEvent,
  type DockerApi,
  dockerApi,
} from '../../setup/docker-api.ts';
import { removeTree, scratchDirectory } from '../../setup/scratch.ts';
import { freePort } from './free-port.ts';
import { yaml } from './manifest.ts';
import { MonopodProcess, monopod, type Output } from './process.ts';
import { until } from './until.ts';

export { freePort };

/** A sandbox or container as the engine has it. */
export type Seen = {
  id: string;
  /** Container name in the Pod; `POD` for the sandbox. */
  name: string;
  pod: string;
  uid: string;
  running: boolean;
  /** Engine's name: `k8s_…`. */
  engineName: string;
  labels: Record<string, string>;
};

export type NodeOptions = {
  /** Default: a name that no other test has. */
  name?: string;
  /** Besides those every test node gets, which they override. */
  flags?: string[];
  /** Default: DOCKER_HOST. */
  endpoint?: string;
  /** Before the first start. */
  manifests?: Record<string, Pod | string>;
  /** Default: the `manifests` directory, made beforehand. */
  manifestPath?: string;
};

export async function startNode(t: TestContext, options: NodeOptions = {}): Promise<TestNode> {
  const node = await makeNode(options);
  t.after(async () => {
    if (!t.passed) console.error(`--- log of ${node.name}\n${node.logTail()}---`);
    await node.dispose();
  });
  for (const [file, manifest] of Object.entries(options.manifests ?? {})) await node.write(file, manifest);
  await node.start();
  return node;
}

/** Not started yet; whoever makes it must dispose of it. */
export async function makeNode(options: NodeOptions = {}): Promise<TestNode> {
  const directory = mkdtempSync(join(scratchDirectory(), 'n-'));
  return new TestNode(directory, await freePort(), await freePort(), options);
}

export class TestNode {
  readonly name: string;
  readonly root: string;
  readonly manifestDirectory: string;
  readonly port: number;
  readonly healthzPort: number;
  readonly docker: DockerApi;
  readonly startedMs = Date.now();
  process: MonopodProcess | undefined;
  #earlierLog = '';
  /** By what tells one from another: the engine forgets all but the last 256 of everybody's. */
  readonly #events = new Map<string, ContainerEvent>();
  #stopWatching = () => {};
  readonly #directory: string;
  readonly #options: NodeOptions;
  readonly #flags: string[];

  constructor(directory: string, port: number, healthzPort: number, options: NodeOptions) {
    const endpoint = options.endpoint ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
    this.name = options.name ?? `n${randomBytes(4).toString('hex')}`;
    this.#directory = directory;
    this.#options = options;
    this.root = join(directory, 'root');
    this.manifestDirectory = join(directory, 'manifests');
    mkdirSync(this.manifestDirectory);
    this.port = port;
    this.healthzPort = healthzPort;
    this.docker = dockerApi(endpoint);
    this.#flags = [
      `--pod-manifest-path=${options.manifestPath ?? this.manifestDirectory}`,
      `--root-dir=${this.root}`,
      `--pod-logs-dir=${join(directory, 'logs')}`,
      `--hostname-override=${this.name}`,
      `--read-only-port=${port}`,
      `--healthz-port=${healthzPort}`,
      `--container-runtime-endpoint=${endpoint}`,
    ];
    this.#watch();
  }

  readonly #labels = (): string[] => [`monopod.dev/root-dir=${this.root}`];
  readonly #note = (event: ContainerEvent): void => {
    this.#events.set(`${event.timeMs} ${event.action} ${event.id}`, event);
  };

  /** For as long as the node is there, whatever becomes of the engine. */
  #watch(): void {
    let again: NodeJS.Timeout | undefined;
    let stopped = false;
    const stop = this.docker.watchEvents(this.startedMs, this.#labels(), this.#note, () => {
      if (!stopped) again = setTimeout(() => this.#watch(), 100).unref();
    });
    this.#stopWatching = () => {
      stopped = true;
      clearTimeout(again);
      stop();
    };
  }

  /** For the test's own use; goes with the node. */
  get scratch(): string {
    return this.#directory;
  }

  get logsDirectory(): string {
    return join(this.#directory, 'logs');
  }

  /** What monopod has logged, from its first start on. */
  get log(): string {
    return this.#earlierLog + (this.process?.stderr ?? '');
  }

  logTail = (): string => this.log.split('\n').slice(-60).join('\n');

  /** Starts monopod, again with the same directories and ports, and waits until it serves. */
  async start(...moreFlags: string[]): Promise<void> {
    const process = new MonopodProcess(['run', ...this.#flags, ...(this.#options.flags ?? []), ...moreFlags]);
    this.#earlierLog = this.log;
    this.process = process;
    const ended = process.ended.then(({ code, stderr }) => {
      throw new Error(`monopod has ended with ${code}: ${stderr}`);
    });
    const serves = until(`monopod on ${this.name} serves /pods`, async () => (await this.get('/pods')).ok);
    // The end of a process that has served is no failure of the start.
    ended.catch(() => {});
    await Promise.race([serves, ended]);
  }

  /** SIGTERM, as a service manager would. */
  stop = (): Promise<Output> => this.#end('SIGTERM');
  /** SIGKILL, as the kernel would. */
  kill = (): Promise<Output> => this.#end('SIGKILL');

  async #end(signal: NodeJS.Signals): Promise<Output> {
    if (!this.process) throw new Error('monopod has not been started');
    return this.process.end(signal);
  }

  /** Writes beside the directory and renames over, so that no half of it is ever read. */
  async write(file: string, manifest: Pod | string): Promise<void> {
    const beside = join(this.#directory, `writing-${file.replaceAll('/', '_')}`);
    await writeFile(beside, typeof manifest === 'string' ? manifest : yaml(manifest));
    await rename(beside, join(this.manifestDirectory, file));
  }

  remove = (file: string): Promise<void> => rm(join(this.manifestDirectory, file));

  get = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${this.port}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });

  async pods(): Promise<Pod[]> {
    const list = (await (await this.get('/pods')).json()) as { items: Pod[] };
    return list.items;
  }

  /** By the name in its manifest. */
  async pod(name: string): Promise<Pod | undefined> {
    return (await this.pods()).find(({ metadata }) => metadata?.name === `${name}-${this.name}`);
  }

  /** Waits until the Pod satisfies `holds`. */
  async shows(name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    let last: Pod | undefined;
    return until(
      `Pod ${name} ${what}`,
      async () => {
        last = await this.pod(name);
        return last && holds(last) ? last : undefined;
      },
      { seen: () => last?.status },
    );
  }

  /** Waits until the Pod runs with all its containers; `butNot` is an older generation of it. */
  running = (name: string, butNot?: Pod): Promise<Pod> =>
    this.shows(
      name,
      butNot ? 'is running anew' : 'is running',
      ({ metadata, spec, status }) =>
        metadata?.uid !== butNot?.metadata?.uid &&
        status?.phase === 'Running' &&
        status.containerStatuses?.length === spec?.containers.length &&
        (status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined),
    );

  /** Waits until its first container runs again, after one restart. */
  back = (name: string): Promise<Pod> =>
    this.shows(
      name,
      'runs again',
      ({ status }) =>
        status?.containerStatuses?.[0]?.restartCount === 1 &&
        status.containerStatuses[0].state?.running !== undefined,
    );

  /** Waits until neither monopod nor the engine has anything of the Pod. */
  async gone(name: string): Promise<void> {
    await until(`Pod ${name} is gone`, async () => (await this.pod(name)) === undefined);
    await until(`containers of Pod ${name} are gone`, async () => (await this.containers(name)).length === 0);
  }

  /** What the engine has of this node, or of one Pod; sandboxes included. */
  async containers(podName?: string): Promise<Seen[]> {
    const all = await this.docker.containers(this.#labels());
    return all
      .map(
        ({ Id, Names, State, Labels }): Seen => ({
          id: Id,
          name: Labels['io.kubernetes.container.name'] ?? '',
          pod: Labels['io.kubernetes.pod.name'] ?? '',
          uid: Labels['io.kubernetes.pod.uid'] ?? '',
          running: State === 'running',
          engineName: (Names[0] ?? '').replace(/^\//, ''),
          labels: Labels,
        }),
      )
      .filter(({ pod }) => podName === undefined || pod === `${podName}-${this.name}`);
  }

  /** The one running container of that name in the Pod. */
  async container(podName: string, name = 'main'): Promise<ContainerDetail> {
    const [found, ...others] = (await this.containers(podName)).filter(
      (seen) => seen.name === name && seen.running,
    );
    if (!found || others.length > 0)
      throw new Error(`${others.length + (found ? 1 : 0)} running ${podName}/${name}`);
    return (await this.docker.inspect(found.id)) as ContainerDetail;
  }

  /** What the engine saw happen to this node's containers until now, oldest first. */
  async events(): Promise<ContainerEvent[]> {
    // What has not come by the stream yet is still remembered.
    for (const event of await this.docker.events(this.startedMs, this.#labels())) this.#note(event);
    return [...this.#events.values()].toSorted((a, b) => a.timeMs - b.timeMs);
  }

  manifests = async (): Promise<ManifestRecord[]> =>
    JSON.parse((await this.cli('get', 'manifests', '-o', 'json')).stdout);

  /** Runs a verb against this node. */
  cli = (...args: string[]): Promise<Output> => monopod([...args, `--root-dir=${this.root}`]);

  /** Removes all that there is of this node. */
  async dispose(): Promise<void> {
    if (this.process?.isRunning) await this.kill();
    this.#stopWatching();
    await until('the engine has removed all containers', async () => {
      const left = await this.containers();
      await Promise.all(left.map(({ id }) => this.docker.remove(id)));
      return left.length === 0;
    });
    removeTree(this.#directory);
  }
}
