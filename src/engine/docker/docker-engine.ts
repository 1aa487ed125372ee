// Engine on Docker: what each call means to the engine, and what its answers mean. Lives in the engine thread.
import type { Clock } from '../../clock.ts';
import { type Failure, fail, messageOf, ok, type Result } from '../../errors.ts';
import { parseImageName, withDefaultTag } from '../../kubernetes/image-name.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type {
  ContainerConfig,
  ContainerObservation,
  Engine,
  ExecOptions,
  ExecOutcome,
  ImageStatus,
  ImageWait,
  PodIdentity,
  PullPolicy,
  SandboxConfig,
} from '../engine.ts';
import { invalidName } from '../image-failures.ts';
import { ImageWaits } from '../image-waits.ts';
import { LABEL } from '../labels.ts';
import type { LoginsOf } from '../registry/login-files.ts';
import { type EngineEvents, type EngineListener, Subscriptions, type WatchEvent } from '../subscriptions.ts';
import { AskedOnce } from './asked-once.ts';
import { type CallTimes, EngineCalls, traced } from './calls.ts';
import { cgroupParentFor } from './cgroup-parent.ts';
import { connectEngine, type DockerClient, type EngineClient } from './connect.ts';
import { containerName, labelFilter, type Owner, podKey, sandboxName } from './container-name.ts';
import { containerBody, sandboxBody } from './create-body.ts';
import { DockerExecs } from './exec.ts';
import { killExecAt } from './exec-kill.ts';
import {
  createFailure,
  isDone,
  isGone,
  isNameConflict,
  plainFailure,
  removeFailure,
  startFailure,
} from './failures.ts';
import { ImageGc, type ImageGcOptions } from './image-gc.ts';
import { ImageRefs } from './image-refs.ts';
import { DockerImages, type PullLimits } from './images.ts';
import { imageStatus, observe } from './observe.ts';
import { OomScoreClamp } from './oom-score.ts';
import { PulledImages } from './pulled-images.ts';
import { type EngineVersion, settleMounts } from './read-only-mounts.ts';
import { EngineWatch, type WatchTimes } from './watch.ts';

export type DockerEngineOptions = Owner & {
  /** `unix:///path` or `tcp://host:port`. */
  endpoint: string;
  clock: Clock;
  /** Said once: something of this host that every Pod will meet. */
  warn(message: string): void;
  /** For registries that want a login; none where it is absent. */
  loginsOf?: LoginsOf;
  /** Absent: no image is ever removed. */
  imageGc?: Omit<ImageGcOptions, 'docker' | 'calls' | 'clock' | 'record'> & { recordPath: string };
  times?: Partial<CallTimes & WatchTimes & PullLimits>;
};

/** timeoutMs as the kubelet's --runtime-request-timeout. */
const defaultTimes: CallTimes & WatchTimes & PullLimits = {
  timeoutMs: 120_000,
  slowMs: 10_000,
  pingTimeoutMs: 10_000,
  listTimeoutMs: 30_000,
  listEveryMs: 60_000,
  backoffMsMin: 100,
  backoffMsMax: 5_000,
  pullsMax: 4,
  stallTimeoutMs: 60_000,
};

type Body = ReturnType<typeof sandboxBody>;
type Kind = ContainerObservation['kind'];

export class DockerEngine implements Engine, EngineEvents {
  readonly #owner: Owner;
  readonly #client: EngineClient;
  readonly #docker: DockerClient;
  readonly #calls: EngineCalls;
  readonly #images: DockerImages;
  readonly #imageRefs: ImageRefs;
  readonly #imageWaits = new ImageWaits();
  readonly #execs: DockerExecs;
  readonly #oomScore: OomScoreClamp;
  readonly #version = new AskedOnce(() => this.#askVersion());
  readonly #cgroupDriver = new AskedOnce(() => this.#askCgroupDriver());
  readonly #subscriptions = new Subscriptions();
  readonly #watch: EngineWatch;
  readonly #imageGc: ImageGc | undefined;

  constructor(options: DockerEngineOptions) {
    const { endpoint, nodeName, rootDir, formerNames, clock, warn } = options;
    const times = { ...defaultTimes, ...options.times };
    this.#owner = { nodeName, rootDir, ...(formerNames && { formerNames }) };
    this.#client = connectEngine(endpoint);
    this.#docker = this.#client.docker;
    this.#calls = new EngineCalls(clock, times);
    this.#imageRefs = new ImageRefs((name) => this.#imageStatus(name));
    this.#images = new DockerImages({
      docker: this.#docker,
      calls: this.#calls,
      clock,
      limits: times,
      loginsOf: options.loginsOf ?? (async () => []),
      refs: this.#imageRefs,
    });
    this.#imageGc = options.imageGc && this.#collector(options.imageGc, options);
    this.#execs = new DockerExecs({
      docker: this.#docker,
      calls: this.#calls,
      clock,
      kill: killExecAt(endpoint),
      startTimeoutMs: times.timeoutMs,
    });
    this.#oomScore = new OomScoreClamp(warn);
    this.#subscriptions.watch(({ type }) => {
      if (type !== 'engine') return;
      this.#version.forget();
      this.#cgroupDriver.forget();
    });
    this.#watch = new EngineWatch(this.#docker, this.#calls, this.#owner, clock, times, this.#subscriptions);
    this.#watch.images = this.#imageRefs;
    this.#watch.onMaybeEnded = (what) => this.#execs.mayHaveEnded(what);
  }

  /** Begins to watch the engine; calls work without. */
  open(): void {
    void this.#watch.run();
    this.#imageGc?.start();
  }

  close(): void {
    this.#watch.stop();
    this.#imageGc?.stop();
    this.#calls.away = 'monopod is stopping';
    this.#calls.abandon('monopod is stopping');
    this.#client.close();
  }

  attach(key: PodKey, listener: EngineListener): () => void {
    const unsubscribe = this.#subscriptions.attach(key, listener);
    return () => {
      unsubscribe();
      this.#imageWaits.leaveAll(key);
    };
  }

  watch(listener: (event: WatchEvent) => void): () => void {
    return this.#subscriptions.watch(listener);
  }

  list(): Promise<Result<ContainerObservation[]>> {
    return traced('list', {}, () => this.#listInDetail());
  }

  listPod(key: PodKey): Promise<Result<ContainerObservation[]>> {
    return traced('listPod', { 'pod.key': key }, () => this.#listInDetail(key));
  }

  inspect(id: string): Promise<Result<ContainerObservation>> {
    return traced('inspect', { 'container.id': id }, () => this.#inspect(id));
  }

  ensureImage(image: string, policy: PullPolicy, wait?: ImageWait): Promise<Result<ImageStatus>> {
    const attributes = { 'container.image.name': image, 'pull.policy': policy };
    return traced('ensureImage', attributes, () =>
      this.#imageWaits.during(wait, (left) =>
        this.#images.ensure(image, policy, {
          left,
          tell: (progress) =>
            wait && this.#subscriptions.send(wait.key, { type: 'pulling', image, progress }),
        }),
      ),
    );
  }

  async leaveImage(wait: ImageWait): Promise<void> {
    this.#imageWaits.leave(wait);
  }

  async createSandbox(config: SandboxConfig): Promise<Result<string>> {
    const name = sandboxName(config.identity, config.attempt);
    const parent = await cgroupParentFor(config.cgroupParent, this.#cgroupDriver);
    if (!parent.ok) return parent;
    const resources = this.#oomScore.apply(config.resources);
    const body = sandboxBody({ ...config, resources, cgroupParent: parent.value }, this.#owner);
    return this.#create('sandbox', name, config.identity, body);
  }

  async createContainer(config: ContainerConfig): Promise<Result<string>> {
    const name = containerName(config.name, config.identity, config.attempt);
    const mounts = await settleMounts(config.mounts, this.#version);
    if (!mounts.ok) return mounts;
    if (!parseImageName(config.image))
      return Promise.resolve({ ok: false, error: invalidName(config.image) });
    const image = withDefaultTag(config.image);
    const resources = this.#oomScore.apply(config.resources);
    const parent = await cgroupParentFor(config.cgroupParent, this.#cgroupDriver);
    if (!parent.ok) return parent;
    const settled = { ...config, image, resources, mounts: mounts.value, cgroupParent: parent.value };
    const body = containerBody(settled, this.#owner);
    // Beside the create: by the time the container has started, it is known.
    void this.#imageRefs.prime([image]);
    return this.#create('container', name, config.identity, body);
  }

  start(id: string): Promise<Result<ContainerObservation>> {
    return traced('start', { 'container.id': id }, async () => {
      this.#watch.startBegins(id);
      const answer = await this.#calls.run('start', (abortSignal) =>
        this.#docker.getContainer(id).start({ abortSignal }),
      );
      if (answer.ok || isDone(answer.refusal)) return this.#inspect(id, 'start');
      this.#watch.startFailed(id);
      if (answer.refusal.kind === 'status') this.#oomScore.learn(answer.refusal.message);
      const found = answer.refusal.kind === 'status' ? await this.#inspect(id) : undefined;
      const kind = found?.ok ? found.value.kind : 'container';
      return { ok: false, error: startFailure(kind, answer.refusal, id) };
    });
  }

  kill(id: string, signal: string): Promise<Result<void>> {
    const attributes = { 'container.id': id, 'kill.signal': signal };
    return traced('kill', attributes, async () => {
      const answer = await this.#calls.run('kill', (abortSignal) =>
        this.#docker.getContainer(id).kill({ signal, abortSignal }),
      );
      if (answer.ok || isGone(answer.refusal) || isDone(answer.refusal)) return ok(undefined);
      return { ok: false, error: plainFailure(answer.refusal, short(id)) };
    });
  }

  remove(id: string, force: boolean): Promise<Result<void>> {
    return traced('remove', { 'container.id': id }, async () => {
      const answer = await this.#calls.run('remove', (abortSignal) =>
        this.#docker.getContainer(id).remove({ force, v: true, abortSignal }),
      );
      if (answer.ok || isGone(answer.refusal) || isDone(answer.refusal)) return ok(undefined);
      return { ok: false, error: removeFailure(answer.refusal, short(id)) };
    });
  }

  exec(id: string, command: string[], options: ExecOptions): Promise<Result<ExecOutcome>> {
    // Neither its arguments nor its output: these may be secret.
    const attributes = { 'container.id': id, 'exec.program': command[0] ?? '' };
    return traced('exec', attributes, () => this.#execs.run(id, command, options));
  }

  version(): Promise<Result<{ version: string; apiVersion: string; cgroupVersion: string }>> {
    return traced('version', {}, async () => {
      const [version, info] = await Promise.all([
        this.#askVersion(),
        this.#calls.run('inspect', (abortSignal) => this.#docker.info({ abortSignal })),
      ]);
      if (!version.ok) return version;
      if (!info.ok) return { ok: false, error: plainFailure(info.refusal, 'info') };
      return ok({
        version: version.value.Version,
        apiVersion: version.value.ApiVersion,
        // Engines before API 1.41 know only version 1 and do not say.
        cgroupVersion: info.value.CgroupVersion ?? '1',
      });
    });
  }

  #collector(
    { recordPath, ...options }: NonNullable<DockerEngineOptions['imageGc']>,
    { endpoint, clock }: DockerEngineOptions,
  ): ImageGc {
    const record = new PulledImages(recordPath);
    const isHere = endpoint.startsWith('unix:');
    const gc = new ImageGc({
      // Another machine's disk cannot be seen.
      ...(!isHere && { disk: async () => undefined }),
      ...options,
      record,
      clock,
      docker: this.#docker,
      calls: this.#calls,
    });
    this.#images.onWanted = (status) => gc.wanted(status);
    this.#images.onPulled = (name, { id }) => {
      try {
        record.add(id, name, clock.now());
      } catch (error) {
        // It stays then, as an image of somebody else does.
        options.log('warn', 'cannot record a pulled image', { image: name, cause: messageOf(error) });
      }
    };
    return gc;
  }

  /** What its timer does, now. */
  async collectImages(): Promise<void> {
    await this.#imageGc?.collect();
  }

  async #askVersion(): Promise<Result<EngineVersion & { Version: string }>> {
    const answer = await this.#calls.run('inspect', (abortSignal) => this.#docker.version({ abortSignal }));
    return answer.ok ? ok(answer.value) : { ok: false, error: plainFailure(answer.refusal, 'version') };
  }

  async #askCgroupDriver(): Promise<Result<string>> {
    const answer = await this.#calls.run('inspect', (abortSignal) => this.#docker.info({ abortSignal }));
    return answer.ok
      ? ok(answer.value.CgroupDriver ?? 'cgroupfs')
      : { ok: false, error: plainFailure(answer.refusal, 'info') };
  }

  async #inspect(
    id: string,
    priority: 'inspect' | 'start' = 'inspect',
  ): Promise<Result<ContainerObservation>> {
    const answer = await this.#calls.run(priority, (abortSignal) =>
      this.#docker.getContainer(id).inspect({ abortSignal }),
    );
    if (!answer.ok) return { ok: false, error: plainFailure(answer.refusal, short(id)) };
    const observation = observe(answer.value, this.#owner, this.#imageRefs);
    return observation
      ? ok(observation)
      : fail('NoSuchContainer', `${short(id)}: not a container of this monopod`);
  }

  /** Undefined where the engine does not know it, or does not answer. */
  async #imageStatus(name: string): Promise<ImageStatus | undefined> {
    const answer = await this.#calls.run('inspect', (abortSignal) =>
      this.#docker.getImage(name).inspect({ abortSignal }),
    );
    return answer.ok ? imageStatus(answer.value, name) : undefined;
  }

  async #listInDetail(key?: PodKey): Promise<Result<ContainerObservation[]>> {
    const filters = { label: labelFilter(this.#owner, key) };
    const answer = await this.#calls.run('inspect', (abortSignal) =>
      this.#docker.listContainers({ all: true, filters, abortSignal }),
    );
    if (!answer.ok) return { ok: false, error: plainFailure(answer.refusal, 'list') };
    await this.#imageRefs.prime(answer.value.map(({ ImageID }) => ImageID));
    const details = await Promise.all(answer.value.map(({ Id }) => this.#inspect(Id)));
    const observations: ContainerObservation[] = [];
    for (const detail of details) {
      if (detail.ok) observations.push(detail.value);
      // Gone since the list was made.
      else if (detail.error.code !== 'NoSuchContainer') return detail;
    }
    return ok(observations);
  }

  #create(kind: Kind, name: string, identity: PodIdentity, body: Body): Promise<Result<string>> {
    const attributes = { 'container.name': name, 'container.image.name': body.Image ?? '' };
    return traced(kind === 'sandbox' ? 'createSandbox' : 'createContainer', attributes, () =>
      this.#watch.creating(podKey(identity), () => this.#createOnce(kind, name, body)),
    );
  }

  async #createOnce(kind: Kind, name: string, body: Body): Promise<Result<string>> {
    for (let retried = false; ; retried = true) {
      const answer = await this.#calls.run('create', (abortSignal) =>
        this.#docker.createContainer({ _query: { name }, _body: body, abortSignal } as never),
      );
      if (answer.ok) return ok(answer.value.id);
      const failure = createFailure(kind, answer.refusal, name);
      if (!isNameConflict(answer.refusal)) return { ok: false, error: failure };
      const holder = await this.#holderOf(name, body);
      if (holder !== 'none' || retried) return holder === 'none' ? { ok: false, error: failure } : holder;
    }
  }

  /**
   * Who has the name that a create was refused. A container of ours that the same create has made before (its answer
   * was lost) is the answer to this one; anything else is left alone.
   */
  async #holderOf(name: string, body: Body): Promise<Result<string> | 'none'> {
    const answer = await this.#calls.run('inspect', (abortSignal) =>
      this.#docker.getContainer(name).inspect({ abortSignal }),
    );
    if (!answer.ok) {
      if (isGone(answer.refusal)) return 'none';
      return { ok: false, error: plainFailure(answer.refusal, name) };
    }
    const holder = observe(answer.value, this.#owner);
    const same =
      holder?.state === 'created' &&
      holder.error === '' &&
      holder.image === body.Image &&
      holder.labels[LABEL.sandboxId] === body.Labels?.[LABEL.sandboxId];
    if (same) return ok(holder.id);
    const whose = holder ? `our own, ${holder.state}` : 'not one of this monopod, left alone';
    const error: Failure = {
      code: 'NameInUse',
      message: `${name}: the name belongs to container ${short(answer.value.Id)} (${whose})`,
    };
    return { ok: false, error };
  }
}

const short = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);
