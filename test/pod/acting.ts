// A Pod actor on the fake engine under the simulated clock, with all that it says kept.
import { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import type { ContainerScript } from '../../src/engine/fake/script.ts';
import { ok } from '../../src/errors.ts';
import type { PodHost } from '../../src/host/pod-host.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { PodActor } from '../../src/pod/actor.ts';
import type { Effect } from '../../src/pod/events.ts';
import { effectRunner } from '../../src/pod/run-effect.ts';
import type { PodBoot } from '../../src/pod/service.ts';
import { SimulatedClock } from '../simulation/clock.ts';
import { randomFrom } from '../simulation/draw.ts';
import { podKey } from './pods.ts';

/** A host that has nothing and can do nothing wrong. */
export const noHost: PodHost = {
  prepare: async () => ok(undefined),
  clean: async () => ok(undefined),
  fileKeys: async () => ok(new Map()),
  mounts: async () => ok([]),
  nodeFile: async () => '',
  hasNetworkFile: async () => true,
  writeNetworkFile: async () => {},
  seccompProfile: async () => ok('{}'),
  dropDeadLogLinks: async () => {},
  readMessage: async () => '',
};

export type Stage = {
  clock: SimulatedClock;
  engine: FakeEngine;
  /** What `published` was called with, and when. */
  published: { atMs: number; pod: Pod | undefined }[];
  ended: number[];
  logged: string[];
  /** Checkpoints and effects in the order in which they came. */
  done: (string | Effect['type'])[];
  checkpoints: string[];
  links: string[];
  disk: { full: boolean };
  actor(boot?: Partial<PodBoot>, host?: PodHost): PodActor;
  /** Every actor so far is dead: it hears nothing, does nothing and says nothing any more. Answers with what it wrote last. */
  crash(): string | undefined;
  run(ms: number): Promise<void>;
};

export function stage(script: (name: string) => ContainerScript = () => ({})): Stage {
  const clock = new SimulatedClock(randomFrom(1));
  const engine = new FakeEngine({
    clock,
    nodeName: 'node',
    rootDir: '/r',
    latencyMs: 5,
    hooks: { script: (config) => script('name' in config ? config.name : 'POD') },
  });
  for (const image of ['busybox:1', 'pause']) engine.images.set(image, { present: true });
  let life = 0;
  const made: Stage = {
    clock,
    engine,
    published: [],
    ended: [],
    logged: [],
    done: [],
    checkpoints: [],
    links: [],
    disk: { full: false },
    actor(more = {}, host = noHost) {
      const boot: PodBoot = {
        key: podKey,
        nodeName: 'node',
        rootDir: '/r',
        podLogsDir: '/l',
        podInfraContainerImage: 'pause',
        seccompDefault: false,
        hostIps: ['192.0.2.1'],
        dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
        node: { capacity: { memory: '1G' }, allocatable: { memory: '1G' } },
        ...more,
      };
      const own = life;
      const isAlive = () => own === life;
      const onEngine = effectRunner({
        boot,
        clock,
        host,
        engine: () => engine,
        warn: (message) => void made.logged.push(message),
      });
      const actor = new PodActor({
        boot,
        clock: {
          ...clock,
          after: (delayMs, callback) => clock.after(delayMs, () => (isAlive() ? callback() : undefined)),
        },
        async runEffect(effect, state, signal) {
          made.done.push(effect.type);
          const result = await onEngine(effect, state, signal);
          return isAlive() ? result : new Promise(() => {});
        },
        host: {
          checkpoint(text) {
            if (made.disk.full) throw new Error('ENOSPC: no space left on device');
            made.done.push('checkpoint');
            made.checkpoints.push(text);
          },
          linkLog: ({ container, attempt }) => made.links.push(`${container}/${attempt}`),
        },
        parent: {
          published: async (_key, pod) => void made.published.push({ atMs: clock.now(), pod }),
          ended: async (_key, version) => void made.ended.push(version),
          log: async (_level, message, { cause = '' }) => void made.logged.push(`${message} ${cause}`.trim()),
        },
      });
      engine.attach(podKey, (event) => (isAlive() ? actor.receive(event) : undefined));
      return actor;
    },
    crash() {
      life += 1;
      return made.checkpoints.at(-1);
    },
    run: (ms) => clock.run(clock.now() + ms),
  };
  return made;
}

export const run = (staticPod: StaticPod) => ({ want: 'run', staticPod }) as const;
export const gone = { want: 'gone' } as const;
