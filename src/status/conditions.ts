// The conditions of a Pod (kubelet status/generate.go, in the order of generateAPIPodStatus). Pure. A condition's
// lastTransitionTime is kept for as long as its status stays the same (status_manager updateLastTransitionTime).
import { rfc3339 } from '../clock.ts';
import type { PodCondition } from '../kubernetes/pod.ts';
import { isReady } from './container-status.ts';
import { noTime } from './no-time.ts';
import type { Phase } from './phase.ts';
import type { ContainerView, PodView } from './view.ts';

type Verdict = { status: 'True' | 'False'; reason?: string; message?: string };

const yes: Verdict = { status: 'True' };
const no = (reason?: string, message?: string): Verdict => ({ status: 'False', reason, message });

/** kubelet types PodConditionByKubelet: a manifest's word on these does not count. */
const ofKubelet = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodResizeInProgress',
  'PodResizePending',
  'PodReadyToStartContainers',
  'AllContainersRestarting',
]);

/** `previous`: of the same generation of the Pod, also across a restart of monopod. */
export function conditionsOf(
  view: PodView,
  phase: Phase,
  previous: PodCondition[],
  nowMs: number,
): PodCondition[] {
  const foreign = (view.pod.status?.conditions ?? []).filter(({ type }) => !ofKubelet.has(type));
  const containers = containersReady(view, phase);
  const generation = view.pod.metadata?.generation ?? 0;
  const made = (type: string, verdict: Verdict, observedGeneration = generation): PodCondition => {
    const { status, reason, message } = verdict;
    const before = previous.find((condition) => condition.type === type);
    return {
      type,
      ...(observedGeneration > 0 && { observedGeneration }),
      status,
      lastProbeTime: noTime,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : rfc3339(nowMs),
      ...(reason && { reason }),
      ...(message && { message }),
    };
  };
  return [
    ...foreign,
    made('PodReadyToStartContainers', view.sandboxReady ? yes : no()),
    made('Initialized', initialized(view, phase, previous)),
    made('Ready', podReady(view, containers, foreign)),
    made('ContainersReady', containers),
    made('PodScheduled', yes),
    // The one condition to which the kubelet gives no observedGeneration.
    ...(couldRestartAll(view) ? [made('AllContainersRestarting', allRestarting(view, phase), 0)] : []),
  ];
}

/** GeneratePodInitializedCondition; once True it stays so, though containers start anew. */
function initialized({ containers }: PodView, phase: Phase, previous: PodCondition[]): Verdict {
  if (phase === 'Succeeded') return { ...yes, reason: 'PodCompleted' };
  // HasAnyRegularContainerStarted
  if (containers.some(({ init, state }) => !init && state.is !== 'waiting')) return yes;
  const incomplete = containers.filter((one) => one.init && !(one.sidecar ? one.started : one.ready));
  if (incomplete.length === 0) return yes;
  if (previous.some(({ type, status }) => type === 'Initialized' && status === 'True')) return yes;
  return no('ContainersNotInitialized', `containers with incomplete status: ${list(incomplete)}`);
}

/** GenerateContainersReadyCondition */
function containersReady({ containers }: PodView, phase: Phase): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  const sidecars = containers.filter(({ sidecar }) => sidecar);
  const main = containers.filter(({ init }) => !init);
  const unready = [...sidecars, ...main].filter((container) => !isReady(container));
  if (unready.length === 0) return yes;
  return no('ContainersNotReady', `containers with unready status: ${list(unready)}`);
}

/** GeneratePodReadyCondition */
function podReady({ pod, termination }: PodView, containers: Verdict, foreign: PodCondition[]): Verdict {
  if (containers.status === 'False') return containers;
  if (termination) return no('PodTerminating');
  const unmet = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = JSON.stringify(conditionType);
    const condition = foreign.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate ${gate} does not exist.`];
    if (condition.status === 'True') return [];
    return [`the status of pod readiness gate ${gate} is not "True", but ${condition.status}`];
  });
  return unmet.length === 0 ? yes : no('ReadinessGatesNotReady', unmet.join(', '));
}

/** podutil.AllContainersCouldRestart */
const couldRestartAll = ({ pod: { spec } }: PodView): boolean =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  );

/** GenerateAllContainersRestartingCondition */
function allRestarting({ restartingAll }: PodView, phase: Phase): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  if (!restartingAll) return no();
  return {
    status: 'True',
    reason: 'RestartAllContainersStarted',
    message: 'container exited with restart policy rule',
  };
}

const list = (containers: ContainerView[]) => `[${containers.map(({ name }) => name).join(' ')}]`;
