// One container as it is seen -> its ContainerStatus (kubelet convertToAPIContainerStatuses, status_manager
// normalizeStatus). Pure.
import { rfc3339 } from '../clock.ts';
import type { ContainerState, ContainerStatus } from '../kubernetes/pod.ts';
import { noTime } from './no-time.ts';
import type { ContainerView, EndedView, PodView } from './view.ts';
import { volumeMountStatuses } from './volume-mounts.ts';

/** kubecontainer.MaxPodTerminationMessageLogLength: all containers of a Pod share it evenly. */
const podMessageBytesMax = 12 * 1024;

export type ContainerStatuses = { init: ContainerStatus[]; main: ContainerStatus[] };

/** Init containers in the manifest's order, main ones by name (SortStatusesOfInitContainers, SortedContainerStatuses). */
export function containerStatuses(containers: ContainerView[]): ContainerStatuses {
  const bytesMax = Math.floor(podMessageBytesMax / containers.length);
  const statuses = (those: ContainerView[]) => those.map((container) => containerStatus(container, bytesMax));
  const main = containers.filter(({ init }) => !init);
  return {
    init: statuses(containers.filter(({ init }) => init)),
    main: statuses(main.toSorted(({ name: a }, { name: b }) => (a < b ? -1 : 1))),
  };
}

/** Readiness ends with the first signal of a stop, before any probe has noticed. */
export const isReady = ({ ready, state }: ContainerView): boolean =>
  ready && !(state.is === 'running' && state.stopping);

/**
 * An init container of which nothing is left on the engine, in a Pod that is past it, has ended well
 * (convertToAPIContainerStatuses: static Pods do not keep their status).
 */
export function withForgottenInit(view: PodView): PodView {
  if (!view.initialized) return view;
  return {
    ...view,
    containers: view.containers.map((container) =>
      isForgotten(container) ? forgotten(container) : container,
    ),
  };
}

const isForgotten = ({ init, sidecar, state, last, id }: ContainerView): boolean =>
  init && !sidecar && state.is === 'waiting' && last === undefined && id === undefined;

const forgotten = (container: ContainerView): ContainerView => ({
  ...container,
  ready: true,
  state: {
    is: 'terminated',
    id: '',
    exitCode: 0,
    reason: 'Completed',
    message:
      'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
    startedAtMs: 0,
    finishedAtMs: 0,
  },
});

// No `stopSignal`: the kubelet fills it with the feature ContainerStopSignals only, which is off by default.
function containerStatus(view: ContainerView, messageBytesMax: number): ContainerStatus {
  const { state, last } = view;
  const id = state.is === 'terminated' ? state.id : view.id;
  return {
    name: view.name,
    state: stateOf(state, messageBytesMax),
    lastState: last ? { terminated: terminated(last, messageBytesMax) } : {},
    ready: isReady(view),
    restartCount: view.restartCount,
    image: view.image,
    imageID: view.imageId,
    ...(id && { containerID: `docker://${id}` }),
    started: view.started,
    ...(view.volumeMounts.length > 0 && {
      volumeMounts: volumeMountStatuses(view.volumeMounts, view.readOnlyRecursively),
    }),
    ...resourcesOf(view),
  };
}

/** convertContainerStatusResources: nothing resizes them here, so they are those of the manifest. */
function resourcesOf({
  resources,
}: ContainerView): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  if (!resources) return {};
  const { requests } = resources;
  return { ...(requests && { allocatedResources: requests }), resources };
}

function stateOf(state: ContainerView['state'], messageBytesMax: number): ContainerState {
  if (state.is === 'running') return { running: { startedAt: rfc3339(state.startedAtMs) } };
  if (state.is === 'terminated') return { terminated: terminated(state, messageBytesMax) };
  return {
    waiting: {
      ...(state.reason && { reason: state.reason }),
      ...(state.message && { message: state.message }),
    },
  };
}

function terminated(ended: EndedView, messageBytesMax: number): NonNullable<ContainerState['terminated']> {
  const message = firstBytes(ended.message, messageBytesMax);
  return {
    exitCode: ended.exitCode,
    ...(ended.reason && { reason: ended.reason }),
    ...(message && { message }),
    startedAt: timeOf(ended.startedAtMs),
    finishedAt: timeOf(ended.finishedAtMs),
    ...(ended.id && { containerID: `docker://${ended.id}` }),
  };
}

/** 0 is what is not known, or never was. */
const timeOf = (timeMs: number): string => (timeMs > 0 ? rfc3339(timeMs) : noTime);

/** Cut after whole characters. */
function firstBytes(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text);
  let end = Math.min(bytes.length, bytesMax);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
