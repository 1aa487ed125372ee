// Engine in memory, under an injected clock: the same calls, events and failures as DockerEngine, scripts for what
// containers do, and hooks for what goes wrong. No timers but the clock's, nothing random: a simulation decides all.
import type { Clock, Timer } from '../../clock.ts';
import { type Failure, fail, ok, type Result } from '../../errors.ts';
import { parseImageName } from '../../kubernetes/image-name.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type { Owner } from '../docker/container-name.ts';
import type {
  ContainerConfig,
  ContainerObservation,
  Engine,
  ExecOptions,
  ExecOutcome,
  ImageStatus,
  ImageWait,
  PullPolicy,
  PullProgress,
  SandboxConfig,
} from '../engine.ts';
import * as failure from '../image-failures.ts';
import { ImageWaits } from '../image-waits.ts';
import { type PullWait, SharedPulls } from '../shared-pulls.ts';
import {
  type EngineEvents,
  type EngineListener,
  type PodEvent,
  Subscriptions,
  type WatchEvent,
} from '../subscriptions.ts';
import { type FakeContainer, FakeContainers, imageId } from './containers.ts';
import { FakeExecs } from './execs.ts';
import type { FakeHooks, FakeImage, Fault, Operation } from './script.ts';

export type FakeEngineOptions = Owner & {
  clock: Clock;
  hooks?: FakeHooks;
  /** Of each call, and of each event. Default 1. */
  latencyMs?: number;
  /** Default 120 s, as the real one's. */
  timeoutMs?: number;
  /** Default 60 s; 0 is never. */
  listEveryMs?: number;
};

const pullsMax = 4;

export class FakeEngine implements Engine, EngineEvents {
  readonly images = new Map<string, FakeImage>();
  /** Pulls that were begun, by image. */
  readonly pullCounts = new Map<string, number>();
  readonly #clock: Clock;
  readonly #hooks: FakeHooks;
  readonly #latencyMs: number;
  readonly #timeoutMs: number;
  readonly #containers: FakeContainers;
  readonly #execs: FakeExecs;
  readonly #subscriptions = new Subscriptions();
  readonly #faults: { operation: Operation; fault: Fault }[] = [];
  readonly #imageWaits = new ImageWaits();
  readonly #pulls = new SharedPulls(pullsMax, (image, signal, tell) => this.#pull(image, signal, tell));
  readonly #listEveryMs: number;
  #listTimer: Timer | undefined;
  #awaySinceMs: number | undefined;

  constructor(options: FakeEngineOptions) {
    const { clock, hooks = {}, nodeName, rootDir } = options;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#latencyMs = options.latencyMs ?? 1;
    this.#timeoutMs = options.timeoutMs ?? 120_000;
    this.#listEveryMs = options.listEveryMs ?? 60_000;
    this.#containers = new FakeContainers(clock, { nodeName, rootDir }, hooks);
    this.#execs = new FakeExecs(clock, hooks);
    this.#containers.onChange = (container, change) => {
      this.#execs.containerEnded(container.observation.id);
      this.#tell(container, change);
    };
  }

  /** Begins the list of once a minute. */
  open(): void {
    if (this.#listEveryMs === 0) return;
    this.#listTimer = this.#clock.after(this.#listEveryMs, () => {
      this.#sendLists();
      this.open();
    });
  }

  close(): void {
    this.#listTimer?.cancel();
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

  /** The next call of this operation meets this fault; several in turn. */
  failNext(operation: Operation, fault: Fault): void {
    this.#faults.push({ operation, fault });
  }

  /** From now on no call reaches the engine, and no event leaves it; containers go on. */
  beginOutage(message = 'connect ECONNREFUSED'): void {
    if (this.#awaySinceMs !== undefined) return;
    this.#awaySinceMs = this.#clock.now();
    this.#execs.engineAway(message);
    const sinceMs = this.#awaySinceMs;
    this.#subscriptions.announce({ type: 'engine', available: false, sinceMs, message });
  }

  endOutage(): void {
    if (this.#awaySinceMs === undefined) return;
    this.#awaySinceMs = undefined;
    const sinceMs = this.#clock.now();
    this.#subscriptions.announce({ type: 'engine', available: true, sinceMs, message: 'the engine answers' });
    this.#sendLists();
  }

  /** Somebody else's container that holds a name. */
  addForeign(engineName: string): string {
    return this.#containers.addForeign(engineName);
  }

  killByHand(id: string, exitCode = 137): void {
    this.#containers.die(id, exitCode);
  }

  removeByHand(id: string): void {
    this.#containers.remove(id);
  }

  /** As they are, without a call: for a simulation's invariants. */
  now(): ContainerObservation[] {
    return this.#containers.all().map(({ observation }) => observation);
  }

  list(): Promise<Result<ContainerObservation[]>> {
    return this.#call('list', '', () => ok(this.now()));
  }

  listPod(key: PodKey): Promise<Result<ContainerObservation[]>> {
    return this.#call('listPod', key, () => ok(this.now().filter((observation) => observation.key === key)));
  }

  inspect(id: string): Promise<Result<ContainerObservation>> {
    return this.#call('inspect', id, () => this.#observe(id));
  }

  ensureImage(image: string, policy: PullPolicy, wait?: ImageWait): Promise<Result<ImageStatus>> {
    const tell: PullWait['tell'] = (progress) => {
      if (wait && this.#awaySinceMs === undefined)
        this.#subscriptions.send(wait.key, { type: 'pulling', image, progress });
    };
    return this.#imageWaits.during(wait, (left) =>
      this.#call('ensureImage', image, () => this.#ensure(image, policy, { left, tell })),
    );
  }

  async leaveImage(wait: ImageWait): Promise<void> {
    this.#imageWaits.leave(wait);
  }

  createSandbox(config: SandboxConfig): Promise<Result<string>> {
    return this.#call('createSandbox', config.image, () => {
      const image = this.#image(config.image);
      return image.ok ? this.#containers.createSandbox(config, image.value) : image;
    });
  }

  createContainer(config: ContainerConfig): Promise<Result<string>> {
    return this.#call('createContainer', config.name, () => {
      if (!parseImageName(config.image)) return { ok: false, error: failure.invalidName(config.image) };
      const image = this.#image(config.image);
      return image.ok ? this.#containers.createContainer(config, image.value) : image;
    });
  }

  start(id: string): Promise<Result<ContainerObservation>> {
    return this.#call('start', id, () => {
      const started = this.#containers.start(id);
      return started.ok ? this.#observe(id) : started;
    });
  }

  kill(id: string, signal: string): Promise<Result<void>> {
    return this.#call('kill', id, () => ok(this.#containers.kill(id, signal)));
  }

  remove(id: string, force: boolean): Promise<Result<void>> {
    return this.#call('remove', id, () =>
      !force && this.#containers.find(id)?.observation.state === 'running'
        ? fail('StillRunning', `${id}: stop it first, or force`)
        : ok(this.#containers.remove(id)),
    );
  }

  exec(id: string, command: string[], options: ExecOptions): Promise<Result<ExecOutcome>> {
    return this.#execs.inTurn(options, () =>
      this.#call('exec', id, () => this.#execs.run(id, this.#containers.find(id), command, options)),
    );
  }

  version(): Promise<Result<{ version: string; apiVersion: string; cgroupVersion: string }>> {
    return this.#call('version', '', () => ok({ version: 'fake', apiVersion: '1.41', cgroupVersion: '2' }));
  }

  /** Every call: its fault, its latency, then its effect and its answer, which are one moment. */
  async #call<T>(
    operation: Operation,
    subject: string,
    effect: () => Result<T> | Promise<Result<T>>,
  ): Promise<Result<T>> {
    const fault = this.#takeFault(operation, subject);
    await this.#pass(this.#latencyMs + (fault?.kind === 'slow' ? fault.delayMs : 0));
    if (this.#awaySinceMs !== undefined)
      return fail('EngineUnavailable', `${operation}: connect ECONNREFUSED`);
    if (fault?.kind === 'fail') return fail(fault.code, fault.message ?? `${operation} ${subject}: injected`);
    if (fault?.kind !== 'timeout') return effect();
    if (fault.effect) await effect();
    await this.#pass(this.#timeoutMs - this.#latencyMs);
    return fail('EngineTimeout', `${operation} ${subject}: no answer within ${this.#timeoutMs} ms`);
  }

  #takeFault(operation: Operation, subject: string): Fault | undefined {
    const at = this.#faults.findIndex((waiting) => waiting.operation === operation);
    if (at < 0) return this.#hooks.fault?.(operation, subject);
    return this.#faults.splice(at, 1)[0]?.fault;
  }

  #pass(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }

  #observe(id: string): Result<ContainerObservation> {
    const found = this.#containers.find(id);
    return found ? ok(found.observation) : fail('NoSuchContainer', `no such container: ${id}`);
  }

  #image(name: string): Result<FakeImage> {
    const image = this.images.get(name);
    return image?.present ? ok(image) : fail('NoSuchImage', `${name}: no such image`);
  }

  async #ensure(image: string, policy: PullPolicy, wait: PullWait): Promise<Result<ImageStatus>> {
    if (!parseImageName(image)) return { ok: false, error: failure.invalidName(image) };
    if (policy !== 'Always') {
      if (this.#image(image).ok) return this.#status(image);
      if (policy === 'Never') return { ok: false, error: failure.neverPull(image) };
    }
    const failed = await this.#pulls.join(image, wait);
    return failed ? { ok: false, error: failed } : this.#status(image);
  }

  /** Half of it is told of half-way; one that is given up changes nothing. */
  async #pull(
    name: string,
    signal: AbortSignal,
    tell: (progress: PullProgress) => void,
  ): Promise<Failure | undefined> {
    this.pullCounts.set(name, (this.pullCounts.get(name) ?? 0) + 1);
    const pullMs = this.images.get(name)?.pullMs ?? 1;
    await this.#pass(pullMs / 2);
    if (!signal.aborted && this.#awaySinceMs === undefined)
      tell({ at: 'downloading', bytes: pullMs * 500, totalBytes: pullMs * 1000, sized: true });
    await this.#pass(pullMs / 2);
    if (signal.aborted) return { code: 'ImagePullFailed', message: `${name}: given up` };
    const image = this.images.get(name);
    if (this.#awaySinceMs !== undefined)
      return { code: 'EngineUnavailable', message: `${name}: the pull was cut` };
    const problem = image ? image.pullError : 'manifest unknown';
    if (problem !== undefined) return failure.pull('ImagePullFailed', name, problem);
    this.images.set(name, { ...image, present: true });
    return undefined;
  }

  #status(name: string): Result<ImageStatus> {
    const image = this.#image(name);
    if (!image.ok) return image;
    const { user = '', stopSignal = 'SIGTERM' } = image.value;
    return ok({ id: imageId(name), ref: imageId(name), user, stopSignal });
  }

  /** An event leads to a look at the container, and tells what is seen then. */
  #tell({ observation: { id, key } }: FakeContainer, change: 'exited' | 'removed'): void {
    const seen = (): PodEvent => {
      const found = change === 'removed' ? undefined : this.#containers.find(id);
      return found ? { type: 'observed', observation: found.observation } : { type: 'removed', id };
    };
    const fate = this.#hooks.fate?.(key, seen()) ?? [{ delayMs: 0 }];
    for (const { delayMs } of fate) {
      this.#clock.after(this.#latencyMs + delayMs, () => {
        if (this.#awaySinceMs === undefined) this.#subscriptions.send(key, seen());
      });
    }
  }

  #sendLists(): void {
    if (this.#awaySinceMs !== undefined) return;
    const byKey = Map.groupBy(this.now(), ({ key }) => key);
    for (const key of new Set([...this.#subscriptions.keys(), ...byKey.keys()])) {
      const containers = (byKey.get(key) ?? []).map(({ id, state }) => ({ id, state }));
      this.#subscriptions.send(key, { type: 'listed', containers });
    }
  }
}
