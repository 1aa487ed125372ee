// The conditions of a Pod (kubelet status.GeneratePodReadyCondition and its siblings). Pure. A condition's
// lastTransitionTime is kept for as long as its status stays the same.
import { rfc3339 } from '../clock.ts';
import type { PodCondition } from '../kubernetes/pod.ts';
import type { Phase } from './phase.ts';
import type { ContainerView, PodView } from './view.ts';

type Verdict = { status: 'True' | 'False'; reason?: string; message?: string };

const yes: Verdict = { status: 'True' };
const no = (reason: string, message?: string): Verdict => ({ status: 'False', reason, message });

export function conditionsOf(
  view: PodView,
  phase: Phase,
  previous: PodCondition[],
  nowMs: number,
): PodCondition[] {
  const ready = containersReady(view, phase);
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', view.sandboxReady ? yes : { status: 'False' }],
    ['Initialized', initialized(view, phase)],
    ['Ready', view.termination && ready.status === 'True' ? no('PodTerminating') : ready],
    ['ContainersReady', ready],
    ['PodScheduled', yes],
  ];
  return verdicts.map(([type, { status, reason, message }]) => {
    const before = previous.find((condition) => condition.type === type);
    const since = before?.status === status ? before.lastTransitionTime : rfc3339(nowMs);
    return {
      type,
      status,
      ...(reason && { reason }),
      ...(message && { message }),
      lastTransitionTime: since,
    };
  });
}

function initialized({ containers, initialized }: PodView, phase: Phase): Verdict {
  if (initialized) return phase === 'Succeeded' ? { ...yes, reason: 'PodCompleted' } : yes;
  const incomplete = containers.filter(
    ({ init, state }) => init && !(state.is === 'terminated' && state.exitCode === 0),
  );
  return no('ContainersNotInitialized', `containers with incomplete status: ${list(incomplete)}`);
}

function containersReady({ containers }: PodView, phase: Phase): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  const unready = containers.filter(
    ({ init, state }) => !init && !(state.is === 'running' && !state.stopping),
  );
  return unready.length === 0
    ? yes
    : no('ContainersNotReady', `containers with unready status: ${list(unready)}`);
}

const list = (containers: ContainerView[]) => `[${containers.map(({ name }) => name).join(' ')}]`;
