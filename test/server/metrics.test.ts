// /metrics: the Prometheus text format, line by line, and what it says of Pods, manifests and sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { metricsText } from '../../src/server/metrics.ts';
import type { ManifestRecord, NodeView } from '../../src/server/node-view.ts';

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const pod = (name: string, phase: string, states: object[]): Pod => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [] },
  status: {
    phase,
    containerStatuses: states.map((state, at) => ({
      name: `c${at}`,
      image: 'b',
      imageID: '',
      containerID: 'docker://x',
      ready: true,
      restartCount: 0,
      state,
    })),
  },
});

const record = (origin: string, state: ManifestRecord['state'], sourceId = 'file:/m'): ManifestRecord => ({
  sourceId,
  origin,
  state,
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: 1_700_000_000_500,
  ...(state !== 'rejected' &&
    state !== 'ignored' && {
      staticPod: { key: 'default/a', uid: 'u', source: 'file', origin, pod: { spec: { containers: [] } } },
    }),
});

const view = (more: Partial<NodeView> = {}): NodeView => ({
  pods: () => [
    pod('a', 'Running', [running, { terminated: { exitCode: 1 } }]),
    pod('b', 'Pending', [{ waiting: { reason: 'ImagePullBackOff' } }]),
    pod('c', 'Succeeded', [{ terminated: { exitCode: 0 } }]),
  ],
  manifests: () => [
    record('/m/a.yaml', 'running'),
    record('/m/b "quoted" \\ \n.yaml', 'kept'),
    record('/m/c.yaml', 'rejected'),
    record('/m/d~', 'ignored'),
    record('http://x#default/e', 'conflict', 'http://x'),
  ],
  trace: () => undefined,
  troubles: () => [],
  notices: () => [{ about: 'config', message: 'the configuration has changed' }],
  vitals: () => ({
    nodeName: 'node-1',
    version: '1.2.3',
    startedAtMs: 5_000,
    engineAvailable: false,
    sources: [
      {
        id: 'file:/m',
        readable: true,
        trouble: { state: 'unwatched', message: 'no watch is left', sinceMs: 1 },
      },
      { id: 'http://x', readable: false },
    ],
  }),
  room: () => ({ node: {}, held: [] }),
  hasImage: async () => undefined,
  made: async () => undefined,
  counts: () => ({
    startedPods: 5,
    startedPodsErrors: 2,
    startedContainers: { container: 7, init_container: 3 },
    restartedPods: 1,
    podStarts: {
      sumSeconds: 4.5,
      count: 3,
      upTo: [
        { seconds: 0.5, count: 1 },
        { seconds: 1, count: 2 },
      ],
    },
  }),
  openLog: async () => assert.fail('not asked for'),
  subscribe: () => () => undefined,
  ...more,
});

const sample = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+-]+)$/;

/** Name and labels to value; a line that is not of the format fails. */
async function scraped(of: NodeView): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  const typed = new Set<string>();
  const text = await metricsText(of);
  assert.ok(text.endsWith('\n'));
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const declared = /^# (?:HELP [a-z_]+ .+|TYPE ([a-z_]+) (gauge|counter|histogram))$/.exec(line);
    if (declared) {
      if (declared[1]) typed.add(declared[1]);
      continue;
    }
    const [, name = '', labels, value] = sample.exec(line) ?? assert.fail(`not a sample: ${line}`);
    const family = name.replace(/^(.*_seconds)_(?:bucket|sum|count)$/, '$1');
    assert.ok(typed.has(family), `${name} has a type`);
    values.set(labels === undefined ? name : `${name}{${labels}}`, Number(value));
  }
  return values;
}

test('Pods, containers, manifests, sources and the engine, by the names of the kubelet where it has one', async () => {
  const values = await scraped(view());
  const expected: Record<string, number> = {
    'kubelet_node_name{node="node-1"}': 1,
    kubelet_running_pods: 1,
    'kubelet_running_containers{container_state="running"}': 1,
    'kubelet_running_containers{container_state="exited"}': 2,
    'kubelet_running_containers{container_state="unknown"}': 1,
    'kubelet_desired_pods{static="true"}': 2,
    'kubelet_active_pods{static="true"}': 2,
    'monopod_manifests{source="file:/m",state="running"}': 1,
    'monopod_manifests{source="file:/m",state="stopped"}': 0,
    'monopod_manifests{source="http://x",state="conflict"}': 1,
    'monopod_source_readable{source="file:/m"}': 1,
    'monopod_source_readable{source="http://x"}': 0,
    'monopod_source_watched{source="file:/m"}': 0,
    'monopod_source_watched{source="http://x"}': 1,
    kubelet_started_pods_total: 5,
    kubelet_started_pods_errors_total: 2,
    'kubelet_started_containers_total{container_type="container"}': 7,
    'kubelet_started_containers_total{container_type="init_container"}': 3,
    'kubelet_restarted_pods_total{static="true"}': 1,
    'kubelet_pod_start_duration_seconds_bucket{le="0.5"}': 1,
    'kubelet_pod_start_duration_seconds_bucket{le="1"}': 2,
    'kubelet_pod_start_duration_seconds_bucket{le="+Inf"}': 3,
    kubelet_pod_start_duration_seconds_sum: 4.5,
    kubelet_pod_start_duration_seconds_count: 3,
    [`monopod_build_info{version="1.2.3",node_version="${process.version}"}`]: 1,
    monopod_engine_available: 0,
    monopod_config_restart_required: 1,
    process_start_time_seconds: 5,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
  for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total'])
    assert.ok((values.get(name) ?? 0) > 0, name);
});

test('each manifest that does not run as it is written is named, with since when, whatever is in its name', async () => {
  const names = [...(await scraped(view())).entries()].filter(([name]) => name.includes('trouble'));
  const prefix = 'monopod_manifest_trouble_timestamp_seconds';
  assert.deepEqual(names, [
    [`${prefix}{source="file:/m",manifest="/m/b \\"quoted\\" \\\\ \\n.yaml",state="kept"}`, 1_700_000_000.5],
    [`${prefix}{source="file:/m",manifest="/m/c.yaml",state="rejected"}`, 1_700_000_000.5],
    [`${prefix}{source="http://x",manifest="http://x#default/e",state="conflict"}`, 1_700_000_000.5],
  ]);
});

test('a node with nothing on it, and one with more troubles than a scrape should name', async () => {
  const empty = await scraped(view({ pods: () => [], manifests: () => [] }));
  assert.equal(empty.get('kubelet_running_pods'), 0);
  const many = Array.from({ length: 1000 }, (_, at) => record(`/m/${at}.yaml`, 'rejected'));
  const values = await scraped(view({ manifests: () => many }));
  assert.equal([...values.keys()].filter((name) => name.includes('trouble')).length, 200);
  assert.equal(values.get('monopod_manifests{source="file:/m",state="rejected"}'), 1000);
});
