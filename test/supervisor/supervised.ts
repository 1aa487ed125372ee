// A supervisor whose Pod threads only note what they are told.
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { Spares } from '../../src/actors/spares.ts';
import type { Thread, ThreadExit } from '../../src/actors/thread.ts';
import type { PodBoot, PodThread } from '../../src/pod/service.ts';
import type { Desired } from '../../src/pod/state.ts';
import type { EngineLink } from '../../src/supervisor/engine-link.ts';
import { NodeTable } from '../../src/supervisor/node-table.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { TraceStore } from '../../src/telemetry/store.ts';
import { SimulatedClock } from '../simulation/clock.ts';
import { randomFrom } from '../simulation/draw.ts';
import { sourceId } from './entries.ts';

type Fake = {
  boot: PodBoot;
  told: { want: string; uid: string; version: number }[];
  ended: boolean;
  die(message: string): void;
};

/** `resources`: of the node, allocatable; by default enough of everything. */
export function supervised(
  rootDir: string,
  maxPods = 110,
  sourceIds = [sourceId],
  resources: Record<string, string> = { cpu: '100', memory: '1T' },
) {
  const capacity = { pods: String(maxPods), ...resources };
  const clock = new SimulatedClock(randomFrom(1));
  const table = new NodeTable();
  const logged: string[] = [];
  const threads: Fake[] = [];
  const detached: string[] = [];
  /** UIDs that are known once all has been heard. */
  const settled: string[][] = [];
  const spawn = (): Thread<PodThread> => {
    const { promise: exited, resolve } = Promise.withResolvers<ThreadExit>();
    const fake: Fake = {
      boot: { key: '' } as PodBoot,
      told: [],
      ended: false,
      die: (message) => resolve({ code: 1, error: new Error(message) }),
    };
    return {
      kind: 'pod',
      exited,
      remote: {
        async begin(boot) {
          fake.boot = boot;
          threads.push(fake);
        },
        async desire(desired: Desired, version) {
          const uid = desired.want === 'run' ? desired.staticPod.uid : '';
          fake.told.push({ want: desired.want, uid, version });
        },
        async discard() {},
        async attach() {},
      },
      async terminate() {
        fake.ended = true;
        resolve({ code: 1 });
      },
    };
  };
  const engine = {
    portsFor() {
      const { port1, port2 } = new MessageChannel();
      for (const port of [port1, port2]) port.close();
      return { calls: port1, events: port2 };
    },
    detach: (key: string) => detached.push(key),
  } as unknown as EngineLink;
  const say = (message: string, { cause = '' } = {}) => void logged.push(`${message} ${cause}`.trim());
  const supervisor = new Supervisor(
    {
      boot: {
        nodeName: 'n',
        rootDir,
        podLogsDir: '/l',
        podInfraContainerImage: 'p',
        seccompDefault: false,
        hostIps: [],
        dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
        node: { capacity: { memory: '1G' }, allocatable: { memory: '1G' } },
      },
      node: {
        nodeName: 'n',
        labels: {},
        resources: { capacity, allocatable: capacity },
        allowedSysctls: [],
        appArmor: false,
      },
      sourceIds,
      onSettled: (known) => settled.push([...known].toSorted()),
      clock,
      log: { info: say, warn: say, error: say, debug: () => {} },
      table,
      traces: new TraceStore(),
    },
    engine,
    new Spares(0, spawn),
  );
  /** The latest thread of a Pod. */
  const actor = (name: string): Fake => {
    const found = threads.filter(({ boot }) => boot.key === `default/${name}`).at(-1);
    assert.ok(found, `an actor of ${name}`);
    return found;
  };
  const last = (name: string) => actor(name).told.at(-1);
  const end = (name: string) => supervisor.ended(`default/${name}`, last(name)?.version ?? -1);
  const names = () =>
    table.pods().map(({ metadata, status }) => `${metadata?.name} ${status?.reason ?? status?.phase}`);
  return { clock, table, logged, threads, detached, settled, supervisor, actor, last, end, names };
}
