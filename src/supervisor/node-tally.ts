// What has happened on the node since monopod started, counted as the kubelet counts it (pkg/kubelet/metrics): finished
// spans of the engine and changes of Pods in, numbers out when somebody asks. On main; keeps nothing of what has gone.
import type { Clock } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { NodeChange, NodeCounts } from '../server/node-view.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';

/** Upper bounds in seconds: the kubelet's, of how long Pods take to start. */
const startBounds = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700,
  3600,
];

type Seen = { uid: string; sinceMs: number; phase: string; isLeaving: boolean };

export class NodeTally {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #podOf: (key: PodKey) => Pod | undefined;
  readonly #seen = new Map<PodKey, Seen>();
  readonly #counts: NodeCounts = {
    startedPods: 0,
    startedPodsErrors: 0,
    startedContainers: { container: 0, init_container: 0 },
    restartedPods: 0,
    podStarts: { sumSeconds: 0, count: 0, upTo: startBounds.map((seconds) => ({ seconds, count: 0 })) },
  };

  /** `podOf`: as it is shown. */
  constructor(clock: Pick<Clock, 'now'>, podOf: (key: PodKey) => Pod | undefined) {
    this.#clock = clock;
    this.#podOf = podOf;
  }

  counts(): NodeCounts {
    return this.#counts;
  }

  /** Each attempt to make a sandbox or a container is a span; what was there already was no attempt. */
  spans(spans: readonly SpanRecord[]): void {
    for (const { name, error, attributes } of spans) {
      if (error?.startsWith('NameInUse')) continue;
      if (name === 'engine.createSandbox') this.#counts.startedPods += 1;
      if (name === 'engine.createContainer')
        this.#counts.startedContainers[this.#typeOf(String(attributes['container.name']))] += 1;
      const isSandbox = name === 'engine.createSandbox' || error?.startsWith('SandboxCreateFailed');
      if (error !== undefined && isSandbox) this.#counts.startedPodsErrors += 1;
    }
  }

  changed(change: NodeChange): void {
    if (change.type === 'manifests') return;
    const { metadata, status } = change.pod;
    const key = `${metadata?.namespace}/${metadata?.name}`;
    if (change.type === 'removed') return void this.#seen.delete(key);
    const nowMs = this.#clock.now();
    const uid = metadata?.uid ?? '';
    const known = this.#seen.get(key);
    const before = known?.uid === uid ? known : undefined;
    const isLeaving = metadata?.deletionTimestamp !== undefined;
    const cameBack = before?.isLeaving === true && !isLeaving;
    if (cameBack) this.#counts.restartedPods += 1;
    const sinceMs = before && !cameBack ? before.sinceMs : nowMs;
    const phase = status?.phase ?? '';
    // kubelet SyncPod: what was never seen pending was not seen to start.
    if (before?.phase === 'Pending' && phase === 'Running') this.#started((nowMs - sinceMs) / 1000);
    this.#seen.set(key, { uid, sinceMs, phase, isLeaving });
  }

  #started(seconds: number): void {
    const { podStarts } = this.#counts;
    podStarts.sumSeconds += seconds;
    podStarts.count += 1;
    for (const bucket of podStarts.upTo) if (seconds <= bucket.seconds) bucket.count += 1;
  }

  /** By the engine's name, `k8s_<container>_<Pod>_<namespace>_<UID>_<attempt>`: none of them has an underscore. */
  #typeOf(engineName: string): keyof NodeCounts['startedContainers'] {
    const [, container, pod, namespace] = engineName.split('_');
    const { initContainers = [] } = this.#podOf(`${namespace}/${pod}`)?.spec ?? {};
    return initContainers.some(({ name }) => name === container) ? 'init_container' : 'container';
  }
}
