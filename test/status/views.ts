// Views of containers and Pods for tests of status.
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

const common = { name: 'main', init: false, image: 'busybox:1', imageId: 'sha256:1', restartCount: 0 };

export const waits = (more: Partial<ContainerView> = {}): ContainerView => ({
  ...common,
  state: { is: 'waiting', reason: 'ContainerCreating', message: '' },
  ...more,
});
export const runs = (more: Partial<ContainerView> = {}, stopping = false): ContainerView => ({
  ...common,
  id: 'abc',
  state: { is: 'running', startedAtMs: 5_000, stopping },
  ...more,
});
export const ends = (exitCode: number, more: Partial<ContainerView> = {}): ContainerView => ({
  ...common,
  id: 'abc',
  state: { is: 'terminated', ...ended(exitCode) },
  ...more,
});
export const init = (view: ContainerView): ContainerView => ({
  ...view,
  init: true,
  name: `init-${view.name}`,
});

export type Policy = 'Always' | 'OnFailure' | 'Never';

/** All init containers of it have ended well, unless said otherwise. */
export function podView(containers: ContainerView[], policy: Policy, more: Partial<PodView> = {}): PodView {
  const names = (those: ContainerView[]) => those.map(({ name }) => container(name));
  return {
    pod: staticPod('v1', {
      restartPolicy: policy,
      containers: names(containers.filter((view) => !view.init)),
      initContainers: names(containers.filter((view) => view.init)),
    }).pod,
    startedAtMs: 0,
    sandboxReady: true,
    initialized: containers.every(
      (view) => !view.init || (view.state.is === 'terminated' && view.state.exitCode === 0),
    ),
    finished: false,
    ips: ['172.17.0.2'],
    hostIps: ['192.0.2.1', '2001:db8::1'],
    containers,
    ...more,
  };
}
