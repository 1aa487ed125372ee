// What Prometheus scrapes, in its text format: made from the node's view, with what it has counted, when somebody asks. The kubelet's names where it has one (pkg/kubelet/metrics). Loaded with the first request for it.
import { cpuUsage, memoryUsage } from 'node:process';
import Counter from 'prom-client/lib/counter.js';
import type Metric from 'prom-client/lib/gauge.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import type { Pod } from '../kubernetes/pod.ts';
import { MANIFEST_STATES, type ManifestRecord, type NodeCounts, type NodeView } from './node-view.ts';

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Record<string, string>;
type Sample = { labels?: Labels; value: number };

/** Of manifests that do not simply run, each is named up to this many: a scrape is to stay small. */
const namedMax = 200;

const containerStates = ['running', 'exited', 'unknown'];

export async function metricsText(view: NodeView): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, samples: Sample[]) => {
    const labelNames = [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const made = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels = {}, value } of samples) made.set(labels, value);
  };
  const counter = (name: string, help: string, samples: Sample[]) => {
    const labelNames = [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const made = new Counter({ name, help, labelNames, registers: [registry] });
    for (const { labels = {}, value } of samples) made.inc(labels, value);
  };
  const { nodeName, version, startedAtMs, engineAvailable, sources } = view.vitals();
  const pods = view.pods();
  const manifests = view.manifests();

  gauge('kubelet_node_name', "The node's name. The count is always 1.", [
    { labels: { node: nodeName }, value: 1 },
  ]);
  gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [
    { value: pods.filter(runs).length },
  ]);
  gauge('kubelet_running_containers', 'Number of containers currently running', containersByState(pods));
  gauge('kubelet_desired_pods', 'The number of pods the node is being instructed to run', [
    { labels: { static: 'true' }, value: manifests.filter(isDesired).length },
  ]);
  gauge('kubelet_active_pods', 'The number of pods that are being actively run', [
    { labels: { static: 'true' }, value: pods.filter(isActive).length },
  ]);
  const counts = view.counts();
  counter('kubelet_started_pods_total', 'Cumulative number of pods started', [{ value: counts.startedPods }]);
  counter('kubelet_started_pods_errors_total', 'Cumulative number of errors when starting pods', [
    { value: counts.startedPodsErrors },
  ]);
  counter(
    'kubelet_started_containers_total',
    'Cumulative number of containers started',
    Object.entries(counts.startedContainers).map(([type, value]) => ({
      labels: { container_type: type },
      value,
    })),
  );
  counter(
    'kubelet_restarted_pods_total',
    'Number of pods that have been restarted because they were deleted and recreated with the same UID',
    [{ labels: { static: 'true' }, value: counts.restartedPods }],
  );
  registry.registerMetric(podStartDuration(counts.podStarts));
  gauge('monopod_build_info', 'The version of monopod and of its Node. The value is always 1.', [
    { labels: { version, node_version: process.version }, value: 1 },
  ]);
  gauge('monopod_manifests', 'Manifests by source and by what became of them', [
    ...sources.flatMap(({ id }) =>
      MANIFEST_STATES.map((state) => ({
        labels: { source: id, state },
        value: manifests.filter((record) => record.sourceId === id && record.state === state).length,
      })),
    ),
  ]);
  gauge(
    'monopod_manifest_trouble_timestamp_seconds',
    'Manifests that do not run as they are written, and since when (Unix time)',
    manifests
      .filter(isTroubled)
      .slice(0, namedMax)
      .map(({ sourceId, origin, state, sinceMs }) => ({
        labels: { source: sourceId, manifest: origin, state },
        value: sinceMs / 1000,
      })),
  );
  gauge(
    'monopod_source_readable',
    'Whether a source of manifests has been heard and can be read',
    sources.map(({ id, readable }) => ({ labels: { source: id }, value: Number(readable) })),
  );
  gauge(
    'monopod_source_watched',
    'Whether changes of a source are told as they happen, or found by scanning',
    sources.map(({ id, trouble }) => ({
      labels: { source: id },
      value: Number(trouble?.state !== 'unwatched'),
    })),
  );
  gauge('monopod_engine_available', 'Whether the container engine answers', [
    { value: Number(engineAvailable) },
  ]);
  gauge(
    'monopod_config_restart_required',
    'Whether the configuration on disk is not the one that is in use',
    [{ value: Number(view.notices().some(({ about }) => about === 'config')) }],
  );
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
    { value: startedAtMs / 1000 },
  ]);
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [{ value: memoryUsage.rss() }]);
  const { user, system } = cpuUsage();
  counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
    { value: (user + system) / 1e6 },
  ]);
  return registry.metrics();
}

/** A histogram that was counted without prom-client: it is loaded with the first scrape only. */
function podStartDuration({ sumSeconds, count, upTo }: NodeCounts['podStarts']): Metric {
  const name = 'kubelet_pod_start_duration_seconds';
  const buckets = [...upTo.map((one) => ({ ...one, le: String(one.seconds) })), { count, le: '+Inf' }];
  const values = [
    ...buckets.map((one) => ({ metricName: `${name}_bucket`, labels: { le: one.le }, value: one.count })),
    { metricName: `${name}_sum`, labels: {}, value: sumSeconds },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
  const help = 'Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run';
  // All that a registry asks of a metric.
  return { name, get: async () => ({ name, help, type: 'histogram', values }) } as unknown as Metric;
}

const statusesOf = ({ status }: Pod) => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** A sandbox of which no container runs is about to get one, or to go. */
const runs = (pod: Pod): boolean => statusesOf(pod).some(({ state }) => state?.running);

/** The states of the CRI, as the kubelet counts them. */
function containersByState(pods: Pod[]): Sample[] {
  const states = pods.flatMap(statusesOf).map(({ state, containerID }) => {
    if (state?.running) return 'running';
    if (state?.terminated) return 'exited';
    return containerID ? 'unknown' : undefined;
  });
  return containerStates.map((state) => ({
    labels: { container_state: state },
    value: states.filter((one) => one === state).length,
  }));
}

const isDesired = ({ state, staticPod }: ManifestRecord): boolean =>
  staticPod !== undefined && state !== 'conflict' && state !== 'stopped' && state !== 'rejected';

const isActive = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

const isTroubled = ({ state }: ManifestRecord): boolean =>
  state !== 'running' && state !== 'pending' && state !== 'ignored';
