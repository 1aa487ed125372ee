// Views of containers and Pods for tests of status.
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { ContainerView, EndedView, PodView } from '../../src/status/view.ts';
import { container, staticPod } from '../pod/pods.ts';

export const ended = (exitCode: number, more: Partial<EndedView> = {}): EndedView => ({
  id: 'old',
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  message: '',
  startedAtMs: 1_000,
  finishedAtMs: 2_000,
  ...more,
});

/** Whether it starts again follows from the Pod's restart policy, unless said otherwise. */
export type Given = Omit<ContainerView, 'restartable'> & { restartable?: boolean };

const common = {
  name: 'main',
  init: false,
  sidecar: false,
  started: false,
  ready: false,
  image: 'busybox:1',
  imageId: 'sha256:1',
  restartCount: 0,
  stopSignal: 'SIGTERM',
  volumeMounts: [],
  readOnlyRecursively: [],
};

export const waits = (more: Partial<Given> = {}): Given => ({
  ...common,
  state: { is: 'waiting', reason: 'ContainerCreating', message: '' },
  ...more,
});
export const runs = (more: Partial<Given> = {}, stopping = false): Given => ({
  ...common,
  id: 'abc',
  started: true,
  ready: true,
  state: { is: 'running', startedAtMs: 5_000, stopping },
  ...more,
});
export const ends = (exitCode: number, more: Partial<Given> = {}): Given => ({
  ...common,
  id: 'abc',
  state: { is: 'terminated', ...ended(exitCode) },
  ...more,
});
/** Waits to start again. */
export const crashed = (exitCode = 1, more: Partial<Given> = {}): Given =>
  waits({
    restartCount: 1,
    last: ended(exitCode),
    state: { is: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 10s' },
    ...more,
  });

/** The same as an init container: ready once it has ended well. */
export const init = (view: Given): Given => ({
  ...view,
  init: true,
  name: `init-${view.name}`,
  ready: view.state.is === 'terminated' && view.state.exitCode === 0,
});

/** The same as a sidecar: starts again whatever it ended with. */
export const sidecar = (view: Given): Given => ({
  ...view,
  init: true,
  sidecar: true,
  name: `sidecar-${view.name}`,
  restartable: true,
});

export type Policy = 'Always' | 'OnFailure' | 'Never';

function startsAgain({ state, last }: Given, policy: Policy): boolean {
  const end = state.is === 'terminated' ? state : last;
  return !end || policy === 'Always' || (policy === 'OnFailure' && end.exitCode !== 0);
}

const hasPassed = ({ sidecar, started, ready }: Given) => (sidecar ? started : ready);

/** Initialized once all init containers of it have done their part, unless said otherwise. */
export function podView(
  containers: Given[],
  policy: Policy = 'Always',
  more: Partial<PodView> = {},
  spec: Partial<NonNullable<Pod['spec']>> = {},
): PodView {
  const specs = (those: Given[]) =>
    those.map(({ name, sidecar }) => container(name, sidecar ? { restartPolicy: 'Always' } : {}));
  return {
    pod: staticPod('v1', {
      restartPolicy: policy,
      containers: specs(containers.filter((view) => !view.init)),
      initContainers: specs(containers.filter((view) => view.init)),
      ...spec,
    }).pod,
    startedAtMs: 0,
    sandboxReady: true,
    initialized: containers.every((view) => !view.init || hasPassed(view)),
    finished: false,
    restartingAll: false,
    ips: ['172.17.0.2'],
    hostIps: ['192.0.2.1', '2001:db8::1'],
    containers: containers.map((view) => ({ restartable: startsAgain(view, policy), ...view })),
    ...more,
  };
}
