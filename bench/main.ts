// npm run bench: what monopod adds to the bare engine calls, measured in the same run, alternately, as medians.
// --rounds=N (9), --pods=N (50), --idle=SECONDS (60); --only=start,burst,idle chooses. --only=decode measures the decoder
// by kind of text, --only=directory 5,000 manifests at start: both without an engine.
import { parseArgs } from 'node:util';
import type { Pod } from '../src/kubernetes/pod.ts';
import type { TestNode } from '../test/e2e/harness/node.ts';
import { makeNode } from '../test/e2e/harness/node.ts';
import { type ContainerEvent, type DockerApi, dockerApi } from '../test/setup/docker-api.ts';
import { ensureEngine } from '../test/setup/engine.ts';
import { ensureImages, image } from '../test/setup/images.ts';
import { scratchDirectory, sweep } from '../test/setup/scratch.ts';
import { measureKinds, measureStartOfMany } from './decode.ts';
import { benchCommand, floorBurst, floorPod, removeAll } from './floor.ts';
import { cpuMs, median, rssMb, sleep } from './measure.ts';
import { measureStop } from './stop.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    pods: { type: 'string', default: '50' },
    idle: { type: 'string', default: '60' },
    only: { type: 'string', default: 'start,burst,idle' },
  },
});
const rounds = Number(values.rounds);
const podCount = Number(values.pods);
const parts = values.only.split(',');

const manifest = (name: string, version: number): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    containers: [
      {
        name: 'main',
        image: image.busybox,
        command: benchCommand,
        env: [{ name: 'VERSION', value: String(version) }],
      },
    ],
  },
});

type Row = { what: string; monopod: string; floor: string; ratio: string; wanted: string };
const rows: Row[] = [];
const ms = (value: number) => `${value.toFixed(0)} ms`;

function row(what: string, monopodMs: number, floorMs: number | undefined, wanted: string): void {
  rows.push({
    what,
    monopod: ms(monopodMs),
    floor: floorMs === undefined ? '' : ms(floorMs),
    ratio: floorMs === undefined ? '' : (monopodMs / floorMs).toFixed(2),
    wanted,
  });
}

/** The first event that fits, since `sinceMs`, by the engine's own clock (which is this machine's). */
async function eventOf(
  docker: DockerApi,
  node: TestNode,
  sinceMs: number,
  fits: (event: ContainerEvent) => boolean,
): Promise<number> {
  for (;;) {
    const found = (await docker.events(sinceMs, [`monopod.dev/node=${node.name}`])).find(fits);
    if (found) return found.timeMs;
    await sleep(50);
  }
}

const isMain = ({ attributes }: ContainerEvent) => attributes['io.kubernetes.container.name'] === 'main';

async function measureStart(docker: DockerApi, node: TestNode): Promise<void> {
  const floor: number[] = [];
  const start: number[] = [];
  const update: number[] = [];
  const remove: number[] = [];
  const stopFloor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floor.push((await floorPod(docker, `start-${round}`)).tookMs);
    await removeAll(docker);
    await sleep(1000);
    const timed = async (
      into: number[],
      action: () => Promise<void>,
      fits: (event: ContainerEvent) => boolean,
    ) => {
      const sinceMs = Date.now();
      await action();
      into.push((await eventOf(docker, node, sinceMs, (event) => isMain(event) && fits(event))) - sinceMs);
      await sleep(1500);
    };
    const started = ({ action }: ContainerEvent) => action === 'start';
    await timed(start, () => node.write('one.yaml', manifest('one', 2 * round)), started);
    await timed(update, () => node.write('one.yaml', manifest('one', 2 * round + 1)), started);
    await node.remove('one.yaml');
    await node.gone('one');
    const stop = await measureStop(docker, node, round);
    stopFloor.push(stop.floorMs);
    remove.push(stop.monopodMs);
    await sleep(500);
  }
  row('start: file written to process running', median(start), median(floor), '≤ 1.10 of the floor');
  row('update: file edited to new process running', median(update), median(start), '≤ 1.3 of a start');
  row('delete: file removed to SIGTERM in the process', median(remove), median(stopFloor), '≤ 25 ms');
}

async function measureBurst(docker: DockerApi, node: TestNode): Promise<void> {
  const floors: number[] = [];
  for (const inFlight of [4, 8, 16]) {
    floors.push(await floorBurst(docker, podCount, inFlight));
    console.log(`floor of the burst, ${inFlight} in flight: ${ms(floors.at(-1) ?? 0)}`);
    await sleep(2000);
  }
  const tookMs = await startAll(docker, node);
  row(`burst: ${podCount} Pods at once`, tookMs, Math.min(...floors), '≤ 1.10 of the best floor');
}

/** Until the last of them runs. */
async function startAll(docker: DockerApi, node: TestNode): Promise<number> {
  const sinceMs = Date.now();
  for (let index = 0; index < podCount; index++) await node.write(`p${index}.yaml`, manifest(`p${index}`, 0));
  return (await lastStart(docker, node, sinceMs)) - sinceMs;
}

async function lastStart(docker: DockerApi, node: TestNode, sinceMs: number): Promise<number> {
  for (;;) {
    await sleep(500);
    const starts = (await docker.events(sinceMs, [`monopod.dev/node=${node.name}`])).filter(
      (event) => isMain(event) && event.action === 'start',
    );
    if (starts.length >= podCount) return Math.max(...starts.map(({ timeMs }) => timeMs));
  }
}

async function measureIdle(node: TestNode): Promise<void> {
  const pid = node.process?.pid ?? 0;
  const seconds = Number(values.idle);
  // By then every thread has given back what the burst left in it.
  await sleep(75_000);
  const before = cpuMs(pid);
  await sleep(seconds * 1000);
  const percent = (cpuMs(pid) - before) / (seconds * 10);
  rows.push({
    what: `idle with ${podCount} Pods: CPU`,
    monopod: `${percent.toFixed(2)} % of a core`,
    floor: '',
    ratio: '',
    wanted: '≤ 0.3 %',
  });
  rows.push({
    what: `idle with ${podCount} Pods: memory`,
    monopod: `${rssMb(pid).toFixed(0)} MB`,
    floor: '',
    ratio: '',
    wanted: `≤ ${130 + 6.5 * podCount} MB`,
  });
}

async function main(): Promise<void> {
  if (parts.includes('decode')) console.table(measureKinds());
  if (parts.includes('directory')) console.table(await measureStartOfMany());
  if (!parts.some((part) => ['start', 'burst', 'idle'].includes(part))) return;
  const engine = await ensureEngine((line) => console.error(line));
  const scratch = scratchDirectory();
  const images = await ensureImages(engine.endpoint);
  const docker = dockerApi(engine.endpoint);
  const node = await makeNode({ flags: ['--file-check-frequency=20s'] });
  try {
    await node.start();
    await sleep(2000);
    if (parts.includes('start')) await measureStart(docker, node);
    if (parts.includes('burst')) await measureBurst(docker, node);
    if (parts.includes('idle')) {
      if (!parts.includes('burst')) await startAll(docker, node);
      await measureIdle(node);
    }
    console.table(rows);
  } finally {
    await removeAll(docker);
    await node.dispose();
    await sweep(engine.endpoint, scratch);
    if (!engine.private) await images.remove();
    await engine.close();
  }
}

await main();
