// What `get pods` shows of a Pod: READY, STATUS and RESTARTS as kubectl computes them (printPod), and how far a pull is. Pure.
import type { Container, ContainerStatus, Pod } from '../kubernetes/pod.ts';
import { pullStatus } from '../status/pull-message.ts';
import { ageOf } from './age.ts';

export type PodColumns = {
  namespace: string;
  name: string;
  ready: string;
  status: string;
  restarts: string;
  age: string;
  ip: string;
  node: string;
  source: string;
};

/** What one group of containers (init, or the Pod's own) adds up to. */
type Tally = { ready: number; restarts: number; lastRestart: number };

export function podColumns(pod: Pod, nowMs: number): PodColumns {
  const { metadata = {}, spec, status = {} } = pod;
  const init = initContainers(spec?.initContainers ?? [], status.initContainerStatuses ?? []);
  let { reason: shown, tally } = init;
  shown ??= withoutContainers(pod);
  if (init.reason === undefined || conditionIs(pod, 'Initialized')) {
    const main = mainContainers(status.containerStatuses ?? []);
    shown = main.reason ?? shown;
    if (shown === 'Completed' && main.running) shown = conditionIs(pod, 'Ready') ? 'Running' : 'NotReady';
    tally = sum(init.sidecars, main.tally);
  }
  const terminal = status.phase === 'Succeeded' || status.phase === 'Failed';
  if (metadata.deletionTimestamp !== undefined && !terminal) shown = 'Terminating';

  const total = (spec?.containers.length ?? 0) + (spec?.initContainers ?? []).filter(isSidecar).length;
  const ago = tally.lastRestart > 0 ? ageOf(new Date(tally.lastRestart).toISOString(), nowMs) : undefined;
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name ?? '',
    ready: `${tally.ready}/${total}`,
    status: shown,
    restarts:
      tally.restarts > 0 && ago !== undefined ? `${tally.restarts} (${ago} ago)` : String(tally.restarts),
    age: ageOf(born(pod), nowMs),
    ip: status.podIP || '<none>',
    node: spec?.nodeName || '<none>',
    source: metadata.annotations?.['kubernetes.io/config.source'] ?? '<none>',
  };
}

/** A static Pod has no creation time of its own before a mirror gives it one: the time its manifest was seen. */
const born = ({ metadata, status }: Pod) =>
  metadata?.creationTimestamp ?? metadata?.annotations?.['kubernetes.io/config.seen'] ?? status?.startTime;

function withoutContainers({ status = {} }: Pod): string {
  const gated = status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : status.reason || status.phase || 'Unknown';
}

const conditionIs = ({ status }: Pod, type: string) =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** An init container that keeps running beside the others. */
const isSidecar = (container: Container) => container.restartPolicy === 'Always';

/** `reason` is there while an init container holds up the Pod; `sidecars` counts those that go on running. */
function initContainers(specs: Container[], statuses: ContainerStatus[]) {
  const tally = empty();
  const sidecars = empty();
  const result = (reason?: string) => ({ reason, tally, sidecars });
  for (const [index, status] of statuses.entries()) {
    count(status, tally);
    const sidecar = specs.some((spec) => spec.name === status.name && isSidecar(spec));
    if (sidecar) count(status, sidecars);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) {
        tally.ready += 1;
        sidecars.ready += 1;
      }
      continue;
    }
    if (terminated) return result(`Init:${terminated.reason || exitOf(terminated)}`);
    const pulls = pullStatus(waiting?.message);
    if (pulls) return result(`Init:${pulls}`);
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return result(`Init:${waiting.reason}`);
    return result(`Init:${index}/${specs.length}`);
  }
  return result();
}

/** The first container that is not simply running gives the Pod its reason. */
function mainContainers(statuses: ContainerStatus[]) {
  const tally = empty();
  let reason: string | undefined;
  let running = false;
  for (const status of statuses.toReversed()) {
    count(status, tally);
    const { waiting, terminated, running: runs } = status.state ?? {};
    if (waiting?.reason) reason = pullStatus(waiting.message) ?? waiting.reason;
    else if (terminated) reason = terminated.reason || exitOf(terminated);
    else if (status.ready && runs) {
      running = true;
      tally.ready += 1;
    }
  }
  return { reason, tally, running };
}

const exitOf = ({ signal, exitCode }: { signal?: number; exitCode: number }) =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;

const empty = (): Tally => ({ ready: 0, restarts: 0, lastRestart: 0 });

function count(status: ContainerStatus, tally: Tally): void {
  tally.restarts += status.restartCount;
  const finished = Date.parse(status.lastState?.terminated?.finishedAt ?? '');
  if (finished > tally.lastRestart) tally.lastRestart = finished;
}

const sum = (a: Tally, b: Tally): Tally => ({
  ready: a.ready + b.ready,
  restarts: a.restarts + b.restarts,
  lastRestart: Math.max(a.lastRestart, b.lastRestart),
});
