// What the contract is checked against, and Pods to check it with: each of its own, with what it hears of the engine.
import type { ContainerObservation, Engine, EngineEvent, PodIdentity } from '../../src/engine/engine.ts';
import type { EngineEvents } from '../../src/engine/subscriptions.ts';
import { type BehaviourName, commands, containerConfig, sandboxConfig } from './pods.ts';
import { value } from './results.ts';
import { until } from './until.ts';

export type Subject = {
  engine: Engine & EngineEvents;
  owner: { nodeName: string; rootDir: string };
  /** Absent, and not there before the end of the tests however long it is pulled. */
  slowImage: string;
  /** A container that is not ours, by this name and with these labels. */
  addForeign(name: string, labels: Record<string, string>): Promise<string>;
  foreignExists(id: string): Promise<boolean>;
  killByHand(id: string): Promise<void>;
  removeByHand(id: string): Promise<void>;
  close(): Promise<void>;
};

export type NewPod = ReturnType<typeof newPodOf>;

export function newPodOf(subject: () => Subject) {
  let pods = 0;
  /** Its sandbox is created and, unless told otherwise, running. */
  return async (started = true) => {
    const { engine } = subject();
    const identity: PodIdentity = { name: `pod-${++pods}-node`, namespace: 'contract', uid: `uid-${pods}` };
    const key = `contract/${identity.name}`;
    const events: EngineEvent[] = [];
    const detach = engine.attach(key, (event) => events.push(event));
    const sandboxId = value(await engine.createSandbox(sandboxConfig(identity)));
    if (started) value(await engine.start(sandboxId));
    const create = async (container: BehaviourName, over = {}) =>
      value(await engine.createContainer(containerConfig(identity, sandboxId, container, over)));
    const run = async (container: BehaviourName, over = {}) => {
      const id = await create(container, over);
      return { id, started: value(await engine.start(id)) };
    };
    const runUntilReady = async (container: 'runs' | 'stubborn') => {
      const { id } = await run(container);
      const { command } = commands['until-ready'];
      value(await engine.exec(id, [...command], { timeoutMs: 20_000, probe: false }));
      return id;
    };
    const exitOf = (id: string) => until(() => observed(events, id).find(({ state }) => state === 'exited'));
    return { identity, key, sandboxId, events, detach, create, run, runUntilReady, exitOf };
  };
}

export const observed = (events: EngineEvent[], id: string): ContainerObservation[] =>
  events.flatMap((event) =>
    event.type === 'observed' && event.observation.id === id ? event.observation : [],
  );
