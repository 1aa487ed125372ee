// A generation's slots -> the view that status is made from. Pure: here the phases of slots get the names Kubernetes
// has for them.
import type { ContainerView, EndedView, PodView } from '../status/view.ts';
import { goSeconds } from './back-off.ts';
import { againAtMs, hasPassed, initialized, restarts } from './restart-policy.ts';
import { hasStarted, isReady, isSetUp } from './started.ts';
import {
  type ContainerSlot,
  containerId,
  type Exit,
  type Generation,
  type PodState,
  type Problem,
} from './state.ts';

export function viewOf(state: PodState, generation: Generation, hostIps: string[], nowMs: number): PodView {
  const { staticPod, sandbox, termination, stage } = generation;
  const { engine } = state;
  return {
    pod: staticPod.pod,
    startedAtMs: generation.acceptedAtMs,
    sandboxReady: sandbox.at === 'ready',
    initialized: initialized(generation),
    finished: stage === 'finished' || (stage === 'terminating' && hasStopped(generation)),
    restartingAll: generation.restartingAll !== undefined,
    ...(generation.failed && { failed: generation.failed }),
    ips: generation.ips,
    hostIps,
    containers: generation.containers.map((slot) => containerView(generation, slot, nowMs)),
    ...(stage === 'terminating' &&
      termination && {
        termination: {
          sinceMs: termination.sinceMs,
          graceSeconds: Math.round((termination.deadlineMs - termination.sinceMs) / 1000),
        },
      }),
    ...(!engine.available && { engineAway: { sinceMs: engine.sinceMs, message: engine.message } }),
  };
}

const hasStopped = ({ containers }: Generation) =>
  containers.every(({ phase }) => phase.at === 'exited' || phase.at === 'waiting');

function containerView(generation: Generation, slot: ContainerSlot, nowMs: number): ContainerView {
  const { phase } = slot;
  const id = containerId(slot);
  const stopping = (phase.at === 'running' && phase.stop !== undefined) || generation.stage === 'terminating';
  const latest = phase.at === 'exited' ? phase.exit : slot.last;
  return {
    name: slot.name,
    init: slot.init,
    sidecar: slot.sidecar,
    image: slot.spec.image ?? '',
    imageId: slot.imageId,
    restartCount: slot.restartCount,
    stopSignal: slot.stopSignal,
    started: hasStarted(slot),
    ready: slot.init && !slot.sidecar ? hasPassed(slot) : isReady(slot) && !stopping,
    restartable: latest === undefined || restarts(generation, slot, latest),
    ...(id !== undefined && phase.at !== 'created' && { id }),
    ...stateView(generation, slot, stopping, nowMs),
  };
}

type StateView = Pick<ContainerView, 'state' | 'last'>;

function stateView(generation: Generation, slot: ContainerSlot, stopping: boolean, nowMs: number): StateView {
  const { phase } = slot;
  const last = slot.last && { last: ended(slot.last) };
  const waiting = (reason: Reason) => ({ state: { is: 'waiting', ...reason } as const });
  if (phase.at === 'running' && isSetUp(slot))
    return { ...last, state: { is: 'running', startedAtMs: phase.startedAtMs, stopping } };
  // A container whose postStart runs is not shown as running yet (it is what SyncPod is busy with).
  if (phase.at !== 'exited') return { ...last, ...waiting(waitingReason(generation, slot)) };
  const { exit } = phase;
  if (generation.stage !== 'active' || !restarts(generation, slot, exit))
    return { ...last, state: { is: 'terminated', ...ended(exit) } };
  const again = (reason: Reason) => ({ last: ended(exit), ...waiting(reason) });
  if (slot.problem) return again(problemReason(slot.problem, slot));
  if (exit.stoppedFor === 'sandbox') return again(waitingReason(generation, slot));
  if (exit.stoppedFor === 'restart-all')
    return again({ reason: 'RestartingAllContainers', message: restartingAllMessage });
  if (!exit.withEngine && againAtMs(slot, exit) > nowMs)
    return again({ reason: 'CrashLoopBackOff', message: backOffMessage(generation, slot) });
  if (exit.stoppedFor === 'post-start')
    return again({ reason: 'PostStartHookError', message: slot.hookFailure?.message ?? '' });
  return { ...last, state: { is: 'terminated', ...ended(exit) } };
}

const restartingAllMessage = 'The container is removed because RestartAllContainers in place';

/** kuberuntime doBackOff's message. */
function backOffMessage({ staticPod }: Generation, { name, backOff }: ContainerSlot): string {
  const { name: pod, namespace } = staticPod.pod.metadata ?? {};
  return `back-off ${goSeconds(backOff?.delayMs ?? 0)} restarting failed container=${name} pod=${pod}_${namespace}(${staticPod.uid})`;
}

const ended = ({ id, exitCode, reason, message, startedAtMs, finishedAtMs }: Exit): EndedView => ({
  id,
  exitCode,
  reason,
  message,
  startedAtMs,
  finishedAtMs,
});

type Reason = { reason: string; message: string };

/** ContainerCreating, or PodInitializing where there are init containers; with what stands in the way, if anything. */
function waitingReason(generation: Generation, slot: ContainerSlot): Reason {
  const hasInit = generation.containers.some(({ init }) => init);
  const reason = hasInit ? 'PodInitializing' : 'ContainerCreating';
  const itsTurn =
    slot.init && !slot.passed ? firstPending(generation) === slot : slot.init || initialized(generation);
  if (!itsTurn) return { reason, message: '' };
  if (slot.problem) return problemReason(slot.problem, slot);
  const obstacle = generation.hostProblem ?? generation.sandboxProblem;
  return {
    reason: obstacle ? 'ContainerCreating' : reason,
    message: obstacle ? `${obstacle.reason}: ${obstacle.message}` : '',
  };
}

const firstPending = ({ containers }: Generation) => containers.find((slot) => slot.init && !hasPassed(slot));

/** images.imageManager: the first failure shows as ErrImagePull, waiting for a further try as ImagePullBackOff. */
function problemReason({ reason, message, failures }: Problem, { spec }: ContainerSlot): Reason {
  if (reason !== 'ErrImagePull' || failures < 2) return { reason, message };
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${spec.image}": ${message}` };
}
