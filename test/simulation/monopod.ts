// The real actor, as it is born, dies and comes back: the simulated monopod around it keeps no more than a checkpoint.
// What a dead one asked for still happens; it hears no answer.
import type { Clock } from '../../src/clock.ts';
import type { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import { fail, ok, type Result } from '../../src/errors.ts';
import type { PodHost } from '../../src/host/pod-host.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { PodActor } from '../../src/pod/actor.ts';
import type { Effect, PodEvent } from '../../src/pod/events.ts';
import { effectRunner, type RunEffect } from '../../src/pod/run-effect.ts';
import type { PodBoot } from '../../src/pod/service.ts';
import type { Desired, PodState } from '../../src/pod/state.ts';
import { key } from './plan.ts';
import type { Weather } from './weather.ts';

/** All that can be seen of monopod from outside, in the order in which it happens. */
export type Watcher = {
  sent(effect: Effect, state: PodState): void;
  /** Just before the actor hears it. */
  heard(event: PodEvent): void;
  published(pod: Pod | undefined): void;
  logged(line: string, fields: string): void;
  crashed(losesMemory: boolean): void;
};

type Surroundings = {
  clock: Clock;
  engine: FakeEngine;
  weather: Weather;
  watcher: Watcher;
  /** Nothing goes wrong any more. */
  calm: () => boolean;
};

export class Monopod {
  readonly #around: Surroundings;
  #life = 0;
  #actor: PodActor | undefined;
  #detach: () => void = () => {};
  #checkpoint = '';
  #desired: Desired = { want: 'gone' };
  #version = 0;
  #endedVersion = -1;
  #published: Pod | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get isUp(): boolean {
    return this.#actor !== undefined;
  }

  /** What a person sees of the Pod. */
  get published(): Pod | undefined {
    return this.#published;
  }

  /** Nothing is left to do for what is desired. */
  get hasEnded(): boolean {
    return this.#endedVersion === this.#version;
  }

  desire(desired: Desired): void {
    this.#desired = desired;
    this.#version += 1;
    this.#actor?.desire(desired, this.#version);
  }

  crash(losesCheckpoint: boolean): void {
    if (!this.#actor) return;
    this.#life += 1;
    this.#actor = undefined;
    this.#detach();
    if (losesCheckpoint) this.#checkpoint = '';
    this.#around.watcher.crashed(losesCheckpoint);
  }

  /** `lot`: see PodState. The word of what is desired comes `toldAfterMs` later: its source must be read first. */
  start(lot: number, toldAfterMs: number): void {
    const life = ++this.#life;
    const alive = () => this.#life === life;
    const { clock, engine, watcher } = this.#around;
    const actor = this.#spawn(alive, lot);
    this.#actor = actor;
    this.#detach = engine.attach(key, (event) => (alive() ? actor.receive(event) : undefined));
    const tell = () => (alive() ? actor.desire(this.#desired, this.#version) : undefined);
    if (toldAfterMs > 0) clock.after(toldAfterMs, tell);
    else tell();
    watcher.logged('monopod has started', '');
  }

  #spawn(alive: () => boolean, lot: number): PodActor {
    const { clock, engine, watcher } = this.#around;
    const boot: PodBoot = {
      key,
      nodeName: 'node',
      rootDir: '/sim',
      podLogsDir: '/sim/logs',
      podInfraContainerImage: 'pause',
      seccompDefault: false,
      hostIps: ['192.0.2.1'],
      dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
      node: { capacity: { memory: '1G' }, allocatable: { memory: '1G' } },
      ...(this.#checkpoint !== '' && { checkpoint: this.#checkpoint }),
    };
    const mortal: Clock = {
      now: clock.now,
      random: () => lot,
      after: (delayMs, callback) => clock.after(delayMs, () => (alive() ? callback() : undefined)),
    };
    const world = { boot, clock: mortal, host: this.#host(), engine: () => engine, warn: () => {} };
    class WatchedActor extends PodActor {
      override receive(event: PodEvent): void {
        watcher.heard(event);
        super.receive(event);
      }
    }
    return new WatchedActor({
      boot,
      clock: mortal,
      runEffect: this.#watched(alive, effectRunner(world)),
      host: {
        checkpoint: (text) => {
          if (alive()) this.#checkpoint = text;
        },
        linkLog: () => {},
      },
      parent: {
        published: async (_key, pod) => {
          if (!alive()) return;
          this.#published = pod;
          watcher.published(pod);
        },
        ended: async (_key, version) => {
          this.#endedVersion = version;
          // Main takes the Pod from its table then.
          if (version === this.#version) this.#published = undefined;
        },
        log: async (_level, message, { uid = '', cause = '' }) => {
          watcher.logged(message, `${uid} ${cause}`);
        },
      },
    });
  }

  #watched(alive: () => boolean, runEffect: RunEffect): RunEffect {
    return async (effect, state, signal) => {
      this.#around.watcher.sent(effect, state);
      const result = await runEffect(effect, state, signal);
      return alive() ? result : new Promise(() => {});
    };
  }

  /** Succeeds mostly. */
  #host(): PodHost {
    const { clock, weather, calm } = this.#around;
    const mostly = async <T>(what: string, value: T): Promise<Result<T>> => {
      await new Promise<void>((resolve) => clock.after(2, resolve));
      return !calm() && weather.hostFails(what) ? fail('HostPreparationFailed', 'no space') : ok(value);
    };
    return {
      prepare: ({ uid }) => mostly(`prepare ${uid}`, undefined),
      clean: ({ uid }) => mostly(`clean ${uid}`, undefined),
      fileKeys: (uid, _pod, { name }) => mostly(`files ${uid}/${name}`, new Map()),
      mounts: (uid, _pod, { name }) => mostly(`mounts ${uid}/${name}`, []),
      nodeFile: async () => '',
      hasNetworkFile: async () => true,
      async writeNetworkFile(uid, name) {
        const written = await mostly(`write ${uid}/${name}`, undefined);
        if (!written.ok) throw new Error(written.error.message);
      },
      seccompProfile: (path) => mostly(`seccomp ${path}`, '{}'),
      dropDeadLogLinks: async () => {},
      readMessage: async () => '',
    };
  }
}
