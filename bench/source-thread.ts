// A source thread that says how long its loop was kept waiting: a directory source and its decode pool as in production.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../src/clock.ts';
import { DecodePool } from '../src/sources/decode-pool.ts';
import { DirectorySource } from '../src/sources/directory/directory-source.ts';
import type { SourceUpdate } from '../src/sources/update.ts';

export type DirectoryBench = { path: string; decodeBundle: string };
export type SourceTold = {
  update: SourceUpdate;
  /** From the thread's first line to the first update, and the delays of its loop meanwhile. */
  tookMs: number;
  delaysMs: { p50: number; p99: number; max: number };
};

const resolutionMs = 1;
const startedMs = performance.now();
const { path, decodeBundle } = workerData as DirectoryBench;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
/** The histogram has the whole interval between two looks, in nanoseconds. */
const waitedMs = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs);

const source = new DirectorySource({
  path,
  nodeName: 'bench',
  fileCheckFrequencyMs: 20_000,
  lastGood: [],
  clock: systemClock,
  decoder: new DecodePool({ clock: systemClock, filename: decodeBundle }),
  post(update) {
    const tookMs = performance.now() - startedMs;
    // What posting itself costs the loop counts as well.
    parentPort?.postMessage({ update });
    setTimeout(() => {
      delay.disable();
      const delaysMs = {
        p50: waitedMs(delay.percentile(50)),
        p99: waitedMs(delay.percentile(99)),
        max: waitedMs(delay.max),
      };
      parentPort?.postMessage({ tookMs, delaysMs });
      void source.stop();
    }, 50);
  },
});
void source.start();
