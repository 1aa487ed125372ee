// How long each kind of text takes to be decoded, in ms per MiB of it: a thread's first time, and the best of some. And
// 5,000 manifests in a directory at start. No engine.
import { join } from 'node:path';
import { decodeManifest } from '../src/manifest/decode-manifest.ts';
import { inputs } from './decode-inputs.ts';
import { type DirectoryResult, measureDirectory } from './directory.ts';
import { median } from './measure.ts';

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'bench', seenAtMs: 0 } as const;
const MiB = 1024 * 1024;
const rounds = 5;

type Row = { what: string; measured: string; wanted: string };

/** CPU time of this thread: what else the machine does is not the decoder's doing. */
function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

export function measureKinds(): Row[] {
  return Object.entries(inputs).map(([kind, make]) => {
    const bytes = Buffer.from(make(MiB));
    const size = bytes.length / MiB;
    const times = Array.from({ length: rounds }, () => cpuMs(() => decodeManifest(bytes, where)) / size);
    const [first = 0] = times;
    return {
      what: `1 MiB of ${kind}`,
      measured: `${Math.min(...times).toFixed(0)} ms (first ${first.toFixed(0)} ms)`,
      wanted: '≤ 50 ms',
    };
  });
}

export async function measureStartOfMany(count = 5_000): Promise<Row[]> {
  const bundle = join(import.meta.dirname, '..', 'dist', 'workers', 'decode.cjs');
  const results: DirectoryResult[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measureDirectory(count, bundle));
  const middle = (of: (result: DirectoryResult) => number) => median(results.map(of));
  return [
    {
      what: `${count} manifests at start`,
      measured: `${middle(({ perSecond }) => perSecond).toFixed(0)} a second`,
      wanted: '≥ 2,000 a second',
    },
    {
      what: "the watch loop's delay meanwhile, p99 (max)",
      measured: `${middle(({ delaysMs }) => delaysMs.p99).toFixed(1)} (${middle(({ delaysMs }) => delaysMs.max).toFixed(0)}) ms`,
      wanted: '< 10 ms',
    },
    {
      what: "main's longest wait meanwhile",
      measured: `${middle(({ mainMsMax }) => mainMsMax).toFixed(0)} ms`,
      wanted: '',
    },
  ];
}
