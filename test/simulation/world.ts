// One simulated node with one Pod: the real actor and its transition, the fake engine, a network that loses, delays and
// repeats events, crashes of monopod, and the hands of a careless person. All from one seed.
import { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import type { Fault, Moment, Operation } from '../../src/engine/fake/script.ts';
import { SANDBOX_NAME } from '../../src/engine/labels.ts';
import { fail, ok, type Result } from '../../src/errors.ts';
import type { PodHost } from '../../src/host/pod-host.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { PodActor } from '../../src/pod/actor.ts';
import { effectRunner, type RunEffect } from '../../src/pod/run-effect.ts';
import type { PodBoot } from '../../src/pod/service.ts';
import type { Desired } from '../../src/pod/state.ts';
import { SimulatedClock } from './clock.ts';
import { Invariants } from './invariants.ts';
import { type Draw, drawFrom, drawPod, key, type Scripts } from './manifests.ts';

const faultyForMs = 120_000;
/** Longer than the longest back-off, several times over. */
const quietForMs = 3_600_000;

export type Outcome = { violations: string[]; log: string[] };

export async function simulate(seed: number): Promise<Outcome> {
  const world = new World(seed);
  return world.run();
}

class World {
  readonly #clock: SimulatedClock;
  readonly #draw: Draw;
  readonly #scripts: Scripts = new Map();
  readonly #pods: StaticPod[];
  readonly #log: string[] = [];
  readonly #invariants: Invariants;
  readonly #engine: FakeEngine;
  readonly #startMs: number;
  #faulty = true;
  #life = 0;
  #checkpoint = '';
  #desired: Desired = { want: 'gone' };
  #version = 0;
  #endedVersion = -1;
  #actor: PodActor | undefined;
  #published: Pod | undefined;
  #detach: () => void = () => {};

  constructor(seed: number) {
    this.#clock = new SimulatedClock(seed);
    this.#draw = drawFrom(this.#clock.random);
    this.#startMs = this.#clock.now();
    this.#pods = Array.from({ length: 4 }, (_, version) => drawPod(this.#draw, version, this.#scripts));
    this.#invariants = new Invariants(this.#pods);
    this.#engine = new FakeEngine({
      clock: this.#clock,
      nodeName: 'node',
      rootDir: '/sim',
      latencyMs: 5,
      hooks: {
        script: ({ identity, ...config }) =>
          this.#scripts.get(`${identity.uid}/${'name' in config ? config.name : SANDBOX_NAME}`) ?? {},
        fault: (operation) => this.#fault(operation),
        fate: () => this.#fate(),
        moment: (moment) => this.#onMoment(moment),
      },
    });
    for (const image of ['busybox:1', 'busybox:2', 'pause'])
      this.#engine.images.set(image, { present: this.#draw.chance(0.6), pullMs: this.#draw.upTo(5000) });
    this.#engine.open();
  }

  async run(): Promise<Outcome> {
    try {
      this.#revive(false);
      while (this.#clock.now() < this.#startMs + faultyForMs) {
        this.#act();
        await this.#clock.run(this.#clock.now() + this.#draw.pick([1, 10, 100, 1000, 5000, 12_000]));
      }
      this.#faulty = false;
      this.#engine.endOutage();
      if (!this.#actor) this.#revive(true);
      // A crash loop's last attempts end in a container that stays: otherwise nothing could converge.
      for (const [container, script] of this.#scripts)
        if (container.includes('/init')) this.#scripts.set(container, { ...script, exitCode: 0 });
      await this.#clock.run(this.#clock.now() + quietForMs);
      this.#invariants.converged(
        this.#desired,
        this.#engine.now(),
        this.#published,
        this.#endedVersion === this.#version,
      );
    } catch (error) {
      this.#invariants.violations.push(`threw: ${error instanceof Error ? error.stack : error}`);
    } finally {
      this.#life += 1;
      this.#engine.close();
    }
    return { violations: this.#invariants.violations, log: this.#log };
  }

  #note(what: string): void {
    this.#log.push(`${((this.#clock.now() - this.#startMs) / 1000).toFixed(3).padStart(9)} ${what}`);
  }

  /** One thing that happens to the node. */
  #act(): void {
    const action = this.#draw.pick([
      'edit',
      'edit',
      'edit',
      'remove',
      'crash',
      'outage',
      'kill',
      'delete',
      'calm',
      'calm',
    ] as const);
    if (action === 'edit') this.#desire({ want: 'run', staticPod: this.#draw.pick(this.#pods) });
    if (action === 'remove') this.#desire({ want: 'gone' });
    if (action === 'crash') this.#crash();
    if (action === 'outage') this.#outage();
    if (action === 'kill' || action === 'delete') this.#byHand(action);
  }

  #desire(desired: Desired): void {
    this.#note(`desire ${desired.want === 'run' ? desired.staticPod.uid : desired.want}`);
    this.#desired = desired;
    this.#invariants.wants(desired, this.#clock.now());
    this.#version += 1;
    if (!this.#actor) return;
    this.#actor.desire(desired, this.#version);
  }

  #crash(): void {
    this.#note('crash');
    this.#life += 1;
    this.#actor = undefined;
    this.#detach();
    if (this.#draw.chance(0.03)) this.#checkpoint = '';
    const life = this.#life;
    this.#clock.after(this.#draw.upTo(4000), () =>
      life === this.#life && !this.#actor ? this.#revive(true) : undefined,
    );
  }

  #revive(tell: boolean): void {
    this.#note('start');
    const life = ++this.#life;
    const alive = () => this.#life === life;
    const boot: PodBoot = {
      key,
      nodeName: 'node',
      rootDir: '/sim',
      podLogsDir: '/sim/logs',
      podInfraContainerImage: 'pause',
      hostIps: ['192.0.2.1'],
      nodeMemoryBytes: 1e9,
      ...(this.#checkpoint !== '' && { checkpoint: this.#checkpoint }),
    };
    const actor = new PodActor({
      boot,
      clock: this.#mortalClock(alive),
      runEffect: this.#mortal(
        alive,
        effectRunner({ boot, clock: this.#clock, host: this.#host(), engine: () => this.#engine }),
      ),
      host: {
        checkpoint: (text) => {
          if (alive()) this.#checkpoint = text;
        },
        linkLog: () => {},
      },
      parent: {
        published: async (_key, pod) => {
          if (alive()) this.#published = pod;
        },
        ended: async (_key, version) => {
          if (!alive()) return;
          this.#endedVersion = version;
          // Main takes the Pod from its table then.
          if (version === this.#version) this.#published = undefined;
        },
        log: async (_level, message, { uid = '', cause = '' }) => {
          if (alive()) this.#note(`  ${message} ${uid} ${cause}`);
        },
      },
    });
    this.#actor = actor;
    this.#detach = this.#engine.attach(key, (event) => (alive() ? actor.receive(event) : undefined));
    const say = () => (alive() ? actor.desire(this.#desired, this.#version) : undefined);
    if (tell && this.#draw.chance(0.5)) this.#clock.after(this.#draw.upTo(3000), say);
    else say();
  }

  /** Succeeds mostly. */
  #host(): PodHost {
    const mostly = async <T>(value: T): Promise<Result<T>> => {
      await new Promise<void>((resolve) => this.#clock.after(2, resolve));
      return this.#faulty && this.#draw.chance(0.05) ? fail('HostPreparationFailed', 'no space') : ok(value);
    };
    return {
      prepare: () => mostly(undefined),
      clean: () => mostly(undefined),
      mounts: () => mostly([]),
      readMessage: async () => '',
    };
  }

  /** What a dead monopod asked for still happens; it hears no answer. */
  #mortal(alive: () => boolean, runEffect: RunEffect): RunEffect {
    return async (effect, state, signal) => {
      this.#note(
        `    > ${effect.type} ${'container' in effect ? effect.container : ''} ${'id' in effect ? effect.id.slice(8, 12) : ''} ${'signal' in effect ? effect.signal : ''}`,
      );
      const result = await runEffect(effect, state, signal);
      if (!result.ok) this.#note(`    < ${effect.type} ${result.error.code} ${result.error.message}`);
      return alive() ? result : new Promise(() => {});
    };
  }

  #mortalClock(alive: () => boolean) {
    const { now, random } = this.#clock;
    return {
      now,
      random,
      after: (delayMs: number, callback: () => void) =>
        this.#clock.after(delayMs, () => (alive() ? callback() : undefined)),
    };
  }

  #outage(): void {
    this.#note('outage');
    this.#engine.beginOutage();
    this.#clock.after(this.#draw.upTo(20_000), () => {
      if (this.#draw.chance(0.3))
        for (const { id, state } of this.#engine.now())
          if (state === 'running') this.#engine.killByHand(id, 137);
      this.#engine.endOutage();
      this.#note('outage over');
    });
  }

  #byHand(action: 'kill' | 'delete'): void {
    const containers = this.#engine.now();
    if (containers.length === 0) return;
    const { id, name } = this.#draw.pick(containers);
    this.#note(`${action} by hand ${name} ${id.slice(8, 12)}`);
    this.#invariants.byHand.add(id);
    if (action === 'kill') this.#engine.killByHand(id, 137);
    else this.#engine.removeByHand(id);
  }

  #fault(operation: Operation): Fault | undefined {
    if (!this.#faulty || !this.#draw.chance(0.06)) return undefined;
    const kind = this.#draw.pick(['fail', 'timeout', 'slow'] as const);
    // The engine serialises what it does to one container: a start never overtakes or lags another call to it.
    if (kind === 'slow')
      return operation === 'start' ? undefined : { kind, delayMs: this.#draw.upTo(10_000) };
    if (kind === 'timeout') return { kind, effect: this.#draw.chance(0.5) };
    const codes = {
      createSandbox: 'SandboxCreateFailed',
      createContainer: 'ContainerCreateFailed',
      start: 'ContainerStartFailed',
      ensureImage: 'ImagePullFailed',
    } as const;
    return {
      kind,
      code:
        operation in codes && this.#draw.chance(0.7) ? codes[operation as keyof typeof codes] : 'EngineError',
    };
  }

  #fate(): { delayMs: number }[] {
    if (!this.#faulty) return [{ delayMs: 0 }];
    if (this.#draw.chance(0.1)) return [];
    const times = this.#draw.chance(0.1) ? 2 : 1;
    return Array.from({ length: times }, () => ({
      delayMs: this.#draw.chance(0.2) ? this.#draw.upTo(5000) : 0,
    }));
  }

  #onMoment(moment: Moment): void {
    const { id, name, identity } = moment.container;
    this.#note(
      `      * ${moment.type} ${'signal' in moment ? moment.signal : ''} ${identity.uid}/${name} ${id.slice(8, 12)}`,
    );
    this.#invariants.see(moment, this.#engine.now());
  }
}
