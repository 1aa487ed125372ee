// One worker thread: spawned from its bundle in dist/workers, with a port for calls in each direction.
// `spawn` is the parent's side, `enter` the thread's own; Parent and Child are the APIs each serves the other.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MessageChannel, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { adoptPreciseOrigin, preciseOrigin } from '../clock.ts';
import { invariant } from '../errors.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { type Connection, connect, type Remote, serve } from './call.ts';
import { keepThreadsSmall } from './thread-flags.ts';

export type ThreadKind = 'source' | 'pod' | 'engine' | 'logs';

export type ThreadExit = { code: number; error?: Error };

export type Thread<Child> = {
  kind: ThreadKind;
  remote: Remote<Child>;
  /** Resolves once, when the thread has ended, however it did. All calls to it have been rejected by then. */
  exited: Promise<ThreadExit>;
  terminate(): Promise<void>;
};

type Handover = {
  data: unknown;
  toParent: MessagePort;
  fromParent: MessagePort;
  thread: string;
  preciseOriginMs: number;
};

/**
 * Young generations this small are what keeps a Pod thread near 4 MB (8.4 MB with V8's default); an engine or source
 * thread moves more data. Measured on Node 26 with 30 idle threads.
 */
const youngGenerationMbMax: Record<ThreadKind, number> = { pod: 1, source: 4, engine: 4, logs: 4 };

/** dist/workers, from the built command (dist/cli.cjs) as from the sources (src/actors/thread.ts). */
export function workersDirectory(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const found = [join(at, 'workers'), join(at, 'dist/workers')].find((path) =>
      existsSync(join(path, 'pod.cjs')),
    );
    if (found !== undefined) return found;
    invariant(at !== dirname(at), 'no built threads (dist/workers) beside this program: npm run build');
  }
}

export function spawn<Parent extends object, Child extends object>(
  kind: ThreadKind,
  data: unknown,
  parent: Parent,
  onSpans: (spans: SpanRecord[]) => void,
): Thread<Child> {
  keepThreadsSmall();
  const down = new MessageChannel();
  const up = new MessageChannel();
  const handover: Handover = {
    data,
    toParent: up.port1,
    fromParent: down.port1,
    thread: kind,
    preciseOriginMs: preciseOrigin(),
  };
  const worker = new Worker(join(workersDirectory(), `${kind}.cjs`), {
    name: kind,
    workerData: handover,
    transferList: [up.port1, down.port1],
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMbMax[kind] },
  });
  serve(up.port2, parent);
  const connection: Connection<Child> = connect(down.port2);
  worker.on('message', onSpans);
  const exited = new Promise<ThreadExit>((resolve) => {
    let error: Error | undefined;
    worker.once('error', (thrown) => {
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
    });
    worker.once('exit', (code) => {
      connection.close(`the ${kind} thread has ended${error ? `: ${error.message}` : ''}`);
      up.port2.close();
      resolve({ code, error });
    });
  });
  return {
    kind,
    remote: connection.remote,
    exited,
    async terminate() {
      await worker.terminate();
      await exited;
    },
  };
}

export type Entered<Parent, Data> = { parent: Remote<Parent>; data: Data; thread: string };

/** Called once at the top of a thread's entry: serves what `build` makes to the parent. */
export function enter<Parent extends object, Child extends object, Data>(
  build: (entered: Entered<Parent, Data>) => Child,
): void {
  const { data, toParent, fromParent, thread, preciseOriginMs } = workerData as Handover;
  adoptPreciseOrigin(preciseOriginMs);
  const { remote } = connect<Parent>(toParent);
  serve(fromParent, build({ parent: remote, data: data as Data, thread }));
}

/** From a thread to its parent's trace store. */
export const postSpans = (spans: SpanRecord[]): void => parentPort?.postMessage(spans);
