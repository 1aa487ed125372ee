// The engine thread's service: main's calls, and a pair of ports for each Pod's actor - one for its calls to the
// engine, one for what the engine tells of that Pod. Knows nothing of what kind of engine it serves.
import type { MessagePort } from 'node:worker_threads';
import { serve } from '../actors/call.ts';
import type { Result } from '../errors.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { LogFields } from '../telemetry/log.ts';
import type { ContainerObservation, Engine } from './engine.ts';
import type { ImageGcPolicy } from './image-gc-plan.ts';
import type { EngineEvents } from './subscriptions.ts';

/** What the thread is started with. */
export type EngineThreadData = {
  /** `unix:///path` or `tcp://host:port`. */
  endpoint: string;
  nodeName: string;
  /** What the node was called before: what is left of then is ours. */
  formerNames?: string[];
  rootDir: string;
  images: ImageSettings;
};

export type ImageSettings = {
  pullsMax: number;
  stallTimeoutMs: number;
  gc: ImageGcPolicy;
  /** Never removed. */
  needed: string[];
};

/** What the thread may call on main. */
export type EngineThreadParent = {
  log(level: 'info' | 'warn', message: string, fields: LogFields): void;
};

/** What main may call on the thread. Ports are handed over (`transfer`). */
export type EngineThread = {
  list(): Promise<Result<ContainerObservation[]>>;
  listPod: Engine['listPod'];
  inspect: Engine['inspect'];
  ensureImage: Engine['ensureImage'];
  version: Engine['version'];
  /**
   * Serves Engine on `calls` and posts this Pod's EngineEvents on `events`, until either port closes. A second attach
   * of a key replaces the first.
   */
  attach(key: PodKey, calls: MessagePort, events: MessagePort): void;
  detach(key: PodKey): void;
  /** Posts WatchEvents: the engine's state, at once and when it changes, and events of Pods nobody is attached to. */
  watch(events: MessagePort): void;
  /** No more events; calls under way fail. */
  stop(): void;
};

export function serveEngine(engine: Engine & EngineEvents, close: () => void): EngineThread {
  const attached = new Map<PodKey, () => void>();
  const calls = callsOf(engine);
  return {
    list: () => engine.list(),
    listPod: (key) => engine.listPod(key),
    inspect: (id) => engine.inspect(id),
    ensureImage: (image, policy) => engine.ensureImage(image, policy),
    version: () => engine.version(),
    attach(key, callPort, eventPort) {
      attached.get(key)?.();
      serve(callPort, calls);
      let ended = false;
      const unsubscribe = engine.attach(key, (event) => eventPort.postMessage(event));
      const end = () => {
        if (ended) return;
        ended = true;
        unsubscribe();
        if (attached.get(key) === end) attached.delete(key);
        callPort.close();
        eventPort.close();
      };
      attached.set(key, end);
      // A Pod's thread that ends closes its ports, however it ended.
      for (const port of [callPort, eventPort]) port.once('close', end);
    },
    detach: (key) => attached.get(key)?.(),
    watch(port) {
      port.once(
        'close',
        engine.watch((event) => port.postMessage(event)),
      );
    },
    stop() {
      for (const end of [...attached.values()]) end();
      close();
    },
  };
}

/** Of an implementation only what the interface names, so that an actor can call nothing else. */
const callsOf = (engine: Engine): Engine => ({
  list: () => engine.list(),
  listPod: (key) => engine.listPod(key),
  inspect: (id) => engine.inspect(id),
  ensureImage: (image, policy, wait) => engine.ensureImage(image, policy, wait),
  leaveImage: (wait) => engine.leaveImage(wait),
  createSandbox: (config) => engine.createSandbox(config),
  createContainer: (config) => engine.createContainer(config),
  start: (id) => engine.start(id),
  kill: (id, signal) => engine.kill(id, signal),
  remove: (id, force) => engine.remove(id, force),
  exec: (id, command, options) => engine.exec(id, command, options),
  version: () => engine.version(),
});
