// Observed containers -> PodStatus (kubelet generateAPIPodStatus). Pure.
import { rfc3339 } from '../clock.ts';
import type { ContainerState, ContainerStatus, PodStatus } from '../kubernetes/pod.ts';
import { qosClassOf } from '../kubernetes/qos.ts';
import { conditionsOf } from './conditions.ts';
import { phaseOf } from './phase.ts';
import type { ContainerView, EndedView, PodView } from './view.ts';

export function generateStatus(view: PodView, previous: PodStatus | undefined, nowMs: number): PodStatus {
  const { pod, engineAway } = view;
  const hostNetwork = pod.spec?.hostNetwork ?? false;
  const podIps = hostNetwork ? view.hostIps.slice(0, 1) : view.ips;
  const phase = phaseOf(view);
  const init = view.containers.filter((container) => container.init);
  return {
    phase,
    conditions: conditionsOf(view, phase, previous?.conditions ?? [], nowMs),
    ...(engineAway && {
      reason: 'EngineUnavailable',
      message: `the container engine does not answer since ${rfc3339(engineAway.sinceMs)} (${engineAway.message}); this status is as last seen`,
    }),
    ...(view.hostIps[0] !== undefined && {
      hostIP: view.hostIps[0],
      hostIPs: view.hostIps.map((ip) => ({ ip })),
    }),
    ...(podIps[0] !== undefined && { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    startTime: rfc3339(view.startedAtMs),
    ...(init.length > 0 && { initContainerStatuses: init.map(containerStatus) }),
    containerStatuses: view.containers.filter((container) => !container.init).map(containerStatus),
    qosClass: qosClassOf(pod),
  };
}

function containerStatus(view: ContainerView): ContainerStatus {
  const { state } = view;
  const id = state.is === 'terminated' ? state.id : view.id;
  return {
    name: view.name,
    state: stateOf(view),
    lastState: view.last ? { terminated: terminated(view.last) } : {},
    ready: isReady(view),
    restartCount: view.restartCount,
    image: view.image,
    imageID: view.imageId && `docker://${view.imageId}`,
    ...(id && { containerID: `docker://${id}` }),
    started: state.is === 'running',
  };
}

/** An init container is ready once it has ended well; another while it runs and is not being stopped. */
function isReady({ init, state }: ContainerView): boolean {
  if (init) return state.is === 'terminated' && state.exitCode === 0;
  return state.is === 'running' && !state.stopping;
}

function stateOf({ state }: ContainerView): ContainerState {
  if (state.is === 'running') return { running: { startedAt: rfc3339(state.startedAtMs) } };
  if (state.is === 'terminated') return { terminated: terminated(state) };
  return { waiting: { reason: state.reason, ...(state.message && { message: state.message }) } };
}

const terminated = (ended: EndedView): NonNullable<ContainerState['terminated']> => ({
  exitCode: ended.exitCode,
  reason: ended.reason,
  ...(ended.message && { message: ended.message }),
  startedAt: rfc3339(ended.startedAtMs),
  finishedAt: rfc3339(ended.finishedAtMs),
  ...(ended.id && { containerID: `docker://${ended.id}` }),
});
