// A Pod's thread that dies, on the real engine with real threads: its containers run on, and its successor adopts them.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Spares } from '../../src/actors/spares.ts';
import { spawn, type Thread } from '../../src/actors/thread.ts';
import { systemClock } from '../../src/clock.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import type { PodParent, PodThread } from '../../src/pod/service.ts';
import { EngineLink } from '../../src/supervisor/engine-link.ts';
import { NodeTable } from '../../src/supervisor/node-table.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { TraceStore } from '../../src/telemetry/store.ts';
import { dockerApi } from '../setup/docker-api.ts';
import { image } from '../setup/images.ts';
import { removeTree, scratchDirectory } from '../setup/scratch.ts';
import { pod, yaml } from './harness/manifest.ts';
import { until } from './harness/until.ts';

const endpoint = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';

test('a Pod whose thread dies runs on; its successor adopts it, and stops it when it is told to', async (t) => {
  const rootDir = mkdtempSync(join(scratchDirectory(), 'r-'));
  const nodeName = `revival-${process.pid}`;
  const docker = dockerApi(endpoint);
  const ours = () => docker.containers([`monopod.dev/node=${nodeName}`]);
  const lines: string[] = [];
  const clock = systemClock;
  const log = createLog({ format: 'text', verbosity: 0, write: (line) => lines.push(line), now: clock.now });
  const table = new NodeTable();
  const onSpans = () => {};
  const threads: Thread<PodThread>[] = [];
  const parent: PodParent = {
    published: (key, published) => supervisor.published(key, published),
    ended: (key, version) => supervisor.ended(key, version),
    log: (level, message, fields) => supervisor.log(level, message, fields),
  };
  const spares = new Spares<PodThread>(0, () => {
    const thread = spawn<PodParent, PodThread>('pod', undefined, parent, onSpans);
    threads.push(thread);
    return thread;
  });
  const images = {
    pullsMax: 4,
    stallTimeoutMs: 60_000,
    gc: { highThreshold: 100, lowThreshold: 80, minAgeMs: 0, maxAgeMs: 0 },
    needed: [],
  };
  const data = { endpoint, nodeName, rootDir, images };
  const engine = new EngineLink({ data, clock, log, onSpans, onEvent() {}, onReplaced() {} });
  const boot = {
    nodeName,
    rootDir,
    podLogsDir: join(rootDir, 'logs'),
    podInfraContainerImage: image.pause,
    seccompDefault: false,
    hostIps: ['127.0.0.1'],
    dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
    node: { capacity: { memory: '1G' }, allocatable: { memory: '1G' } },
  };
  const capacity = { pods: '10' };
  const resources = { capacity, allocatable: capacity };
  const node = { nodeName, labels: {}, resources, allowedSysctls: [], appArmor: false };
  const sourceId = 'file:/m';
  const traces = new TraceStore();
  const supervisor = new Supervisor(
    { boot, node, sourceIds: [sourceId], onSettled() {}, clock, log, table, traces },
    engine,
    spares,
  );
  t.after(async () => {
    await Promise.all([supervisor.close(), spares.close(), engine.close()]);
    for (const { Id } of await ours()) await docker.remove(Id);
    removeTree(rootDir);
  });

  const bytes = new TextEncoder().encode(yaml(pod('web')));
  const verdict = decodeManifest(bytes, {
    origin: '/m/web.yaml',
    source: 'file',
    nodeName,
    seenAtMs: clock.now(),
  });
  const { staticPod } = verdict;
  assert.ok(staticPod);
  const entry = {
    origin: '/m/web.yaml',
    state: 'accepted',
    staticPod,
    errors: [],
    warnings: [],
    reason: '',
    sinceMs: 0,
  } as const;
  supervisor.update({ sourceId, full: true, changed: [{ ...entry, errors: [], warnings: [] }], removed: [] });
  const isReady = () =>
    table
      .get(staticPod.key)
      ?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  await until('the Pod is Ready', () => isReady() === true);
  const before = (await ours()).map(({ Id }) => Id).toSorted();

  await threads[0]?.terminate();
  await until('another thread has taken over', () => threads.length === 2);
  await until('it is said', () => lines.some((line) => line.includes('has died and is revived')));
  const [main] = await ours();
  assert.ok(main);
  assert.deepEqual((await ours()).map(({ Id }) => Id).toSorted(), before);
  assert.equal(isReady(), true);

  supervisor.update({ sourceId, full: false, changed: [], removed: ['/m/web.yaml'] });
  await until('the successor has stopped it', async () => (await ours()).length === 0);
  await until('it is gone from the table', () => table.get(staticPod.key) === undefined);
});
