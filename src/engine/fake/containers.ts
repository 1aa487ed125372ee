// The containers of the fake engine: what each state change means, by their scripts and the clock. No faults here.
import { constants } from 'node:os';
import type { Clock, Timer } from '../../clock.ts';
import { fail, ok, type Result } from '../../errors.ts';
import {
  containerLabels,
  containerName,
  type Owner,
  podKey,
  sandboxLabels,
  sandboxName,
} from '../docker/container-name.ts';
import type { ContainerConfig, ContainerObservation, SandboxConfig } from '../engine.ts';
import { SANDBOX_NAME } from '../labels.ts';
import { refusedRecursion } from '../recursive-read-only.ts';
import type { ContainerScript, FakeHooks, FakeImage } from './script.ts';

export type FakeContainer = {
  engineName: string;
  observation: ContainerObservation;
  script: ContainerScript;
  sandboxId?: string;
  ip: string;
  ending?: Timer;
};

/** Signals whose default is not to end the process. */
const harmless = ['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'];

export class FakeContainers {
  readonly #clock: Clock;
  readonly #owner: Owner;
  readonly #hooks: FakeHooks;
  readonly #byId = new Map<string, FakeContainer>();
  readonly #foreign = new Map<string, string>();
  #created = 0;
  /** A container changed without being asked to by `start` (its answer tells). */
  onChange: (container: FakeContainer, change: 'exited' | 'removed') => void = () => {};

  constructor(clock: Clock, owner: Owner, hooks: FakeHooks) {
    this.#clock = clock;
    this.#owner = owner;
    this.#hooks = hooks;
  }

  all(): FakeContainer[] {
    return [...this.#byId.values()];
  }

  find(id: string): FakeContainer | undefined {
    return this.#byId.get(id);
  }

  /** Takes a name that is not ours. */
  addForeign(engineName: string): string {
    const id = this.#nextId();
    this.#foreign.set(engineName, id);
    return id;
  }

  createSandbox(config: SandboxConfig, image: FakeImage): Result<string> {
    const engineName = sandboxName(config.identity, config.attempt);
    const id = this.#nextId();
    const common = this.#commonOf(id, config, image);
    const observation: ContainerObservation = {
      ...common,
      kind: 'sandbox',
      name: SANDBOX_NAME,
      restartCount: 0,
      labels: sandboxLabels(config, this.#owner),
    };
    const ip = config.hostNetwork ? '' : `172.17.${this.#created >> 8}.${this.#created & 255}`;
    return this.#add({ engineName, observation, script: this.#scriptOf(config), ip });
  }

  createContainer(config: ContainerConfig, image: FakeImage): Result<string> {
    const engineName = containerName(config.name, config.identity, config.attempt);
    const refused = refusedRecursion(config.mounts);
    if (refused) return refused;
    if (!this.#byId.has(config.sandboxId)) {
      return fail('NoSuchContainer', `${engineName}: no such container: ${config.sandboxId}`);
    }
    const id = this.#nextId();
    const observation: ContainerObservation = {
      ...this.#commonOf(id, config, image),
      kind: 'container',
      name: config.name,
      restartCount: config.restartCount,
      labels: containerLabels(config, this.#owner),
      stopSignal: config.stopSignal ?? image.stopSignal ?? 'SIGTERM',
    };
    const script = this.#scriptOf(config);
    return this.#add({ engineName, observation, script, sandboxId: config.sandboxId, ip: '' });
  }

  start(id: string): Result<void> {
    const container = this.#byId.get(id);
    if (!container) return fail('NoSuchContainer', `no such container: ${id}`);
    const { observation, script } = container;
    if (observation.state === 'running') return ok(undefined);
    const problem = script.failsToStart ?? this.#missingSandbox(container);
    if (problem !== undefined) {
      this.#change(container, { error: problem, exitCode: script.failsToStartCode ?? 128 });
      const code = observation.kind === 'sandbox' ? 'SandboxCreateFailed' : 'ContainerStartFailed';
      return fail(code, `${container.engineName}: ${problem}`);
    }
    const atMs = this.#clock.now();
    this.#change(container, {
      state: 'running',
      startedAtMs: atMs,
      finishedAtMs: undefined,
      exitCode: undefined,
      ips: container.ip === '' ? [] : [container.ip],
      pid: 1000 + this.#created,
    });
    this.#hooks.moment?.({ type: 'started', atMs, container: container.observation });
    if (script.exitAfterMs !== undefined) {
      const exitCode = script.oom ? 137 : (script.exitCode ?? 0);
      this.#endAfter(container, script.exitAfterMs, exitCode, script.oom ?? false);
    }
    return ok(undefined);
  }

  kill(id: string, signal: string): void {
    const container = this.#byId.get(id);
    if (container?.observation.state !== 'running') return;
    const atMs = this.#clock.now();
    this.#hooks.moment?.({ type: 'signalled', atMs, container: container.observation, signal });
    const name = signal.startsWith('SIG') ? signal : `SIG${signal}`;
    const code = 128 + (constants.signals[name as keyof typeof constants.signals] ?? 0);
    if (name === 'SIGKILL') return this.#endAfter(container, 0, code, false);
    if (harmless.includes(name) || container.script.ignores?.includes(name)) return;
    const { stopsAfterMs = 1, stopExitCode = code } = container.script;
    this.#endAfter(container, stopsAfterMs, stopExitCode, false);
  }

  /** Dies at once, by nobody's request of ours. */
  die(id: string, exitCode: number): void {
    const container = this.#byId.get(id);
    if (container?.observation.state === 'running') this.#end(container, exitCode, false);
  }

  remove(id: string): void {
    const container = this.#byId.get(id);
    if (!container) return;
    if (container.observation.state === 'running') this.#end(container, 137, false);
    this.#byId.delete(id);
    const atMs = this.#clock.now();
    this.#hooks.moment?.({ type: 'removed', atMs, container: container.observation });
    this.onChange(container, 'removed');
  }

  #add(container: FakeContainer): Result<string> {
    const { engineName, observation } = container;
    const foreign = this.#foreign.get(engineName);
    const holder = this.all().find((other) => other.engineName === engineName);
    // The same create again, its answer having been lost, is answered with what it made.
    if (holder?.observation.state === 'created' && holder.observation.error === '') {
      if (holder.sandboxId === container.sandboxId && holder.observation.image === observation.image) {
        return ok(holder.observation.id);
      }
    }
    if (foreign !== undefined || holder) {
      const whose = holder ? `our own, ${holder.observation.state}` : 'not one of this monopod, left alone';
      const id = (holder?.observation.id ?? foreign ?? '').slice(0, 12);
      return fail('NameInUse', `${engineName}: the name belongs to container ${id} (${whose})`);
    }
    this.#byId.set(observation.id, container);
    this.#hooks.moment?.({ type: 'created', atMs: this.#clock.now(), container: observation });
    return ok(observation.id);
  }

  #commonOf(id: string, config: SandboxConfig | ContainerConfig, image: FakeImage) {
    return {
      id,
      identity: config.identity,
      key: podKey(config.identity),
      attempt: config.attempt,
      state: 'created' as const,
      createdAtMs: this.#clock.now(),
      oomKilled: false,
      error: '',
      image: config.image,
      imageId: imageId(config.image),
      ips: [],
      logPath: `/fake/containers/${id}/${id}-json.log`,
      stopSignal: image.stopSignal ?? 'SIGTERM',
    };
  }

  #missingSandbox({ sandboxId }: FakeContainer): string | undefined {
    if (sandboxId === undefined) return undefined;
    const running = this.#byId.get(sandboxId)?.observation.state === 'running';
    return running ? undefined : `cannot join network of a non running container: ${sandboxId}`;
  }

  #endAfter(container: FakeContainer, delayMs: number, exitCode: number, oom: boolean): void {
    container.ending?.cancel();
    container.ending = this.#clock.after(delayMs, () => this.#end(container, exitCode, oom));
  }

  #end(container: FakeContainer, exitCode: number, oom: boolean): void {
    container.ending?.cancel();
    if (container.observation.state !== 'running') return;
    const finishedAtMs = this.#clock.now();
    this.#change(container, {
      state: 'exited',
      finishedAtMs,
      exitCode,
      oomKilled: oom,
      ips: [],
      pid: undefined,
    });
    this.#hooks.moment?.({ type: 'exited', atMs: finishedAtMs, container: container.observation });
    this.onChange(container, 'exited');
  }

  /** Observations that were handed out stay as they were. */
  #change(container: FakeContainer, change: Partial<ContainerObservation>): void {
    container.observation = { ...container.observation, ...change };
  }

  #scriptOf(config: SandboxConfig | ContainerConfig): ContainerScript {
    return this.#hooks.script?.(config) ?? {};
  }

  #nextId(): string {
    this.#created++;
    return this.#created.toString(16).padStart(12, '0').padEnd(64, 'f');
  }
}

/** Stands for the content's digest: as fixed for a name as that is. */
export const imageId = (image: string): string =>
  `sha256:${Buffer.from(image).toString('hex').slice(-64).padStart(64, '0')}`;
