// A generation's slots -> the view that status is made from. Pure: here the phases of slots get the names Kubernetes
// has for them.
import { pullMessage } from '../status/pull-message.ts';
import { RESTARTING_ALL } from '../status/restarting-all.ts';
import type { ContainerView, EndedView, PodView } from '../status/view.ts';
import { goSeconds } from './back-off.ts';
import { againAtMs, hasPassed, initialized, restarts } from './restart-policy.ts';
import { hasStarted, isReady, isSetUp } from './started.ts';
import {
  type ContainerSlot,
  containerId,
  deadOf,
  type Exit,
  type Generation,
  type PodState,
  type Problem,
} from './state.ts';

export function viewOf(state: PodState, generation: Generation, hostIps: string[], nowMs: number): PodView {
  const { staticPod, sandbox, termination, stage } = generation;
  const { engine } = state;
  const finished = stage === 'finished' || (stage === 'terminating' && hasStopped(generation));
  return {
    pod: staticPod.pod,
    startedAtMs: generation.acceptedAtMs,
    // The kubelet kills it with the last container, before it says so.
    sandboxReady: sandbox.at === 'ready' && !finished,
    initialized: initialized(generation),
    finished,
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
  const before = followed(slot);
  const shownId = before?.id ?? (phase.at === 'created' ? undefined : id);
  const stopping = (phase.at === 'running' && phase.stop !== undefined) || generation.stage === 'terminating';
  const latest = phase.at === 'exited' ? phase.exit : slot.last;
  return {
    name: slot.name,
    init: slot.init,
    sidecar: slot.sidecar,
    image: slot.spec.image ?? '',
    imageId: slot.imageId,
    // One that is created and does not run yet counts already.
    restartCount: before && id !== undefined ? slot.restartCount - 1 : slot.restartCount,
    stopSignal: slot.stopSignal,
    volumeMounts: slot.spec.volumeMounts ?? [],
    readOnlyRecursively: slot.readOnlyRecursively ?? [],
    started: hasStarted(slot),
    ready: slot.init && !slot.sidecar ? hasPassed(slot) : isReady(slot) && !stopping,
    restartable: latest === undefined || restarts(generation, slot, latest),
    ...(shownId !== undefined && { id: shownId, resources: slot.spec.resources ?? {} }),
    ...stateView(generation, slot, stopping, nowMs),
  };
}

type StateView = Pick<ContainerView, 'state' | 'last'>;

function stateView(generation: Generation, slot: ContainerSlot, stopping: boolean, nowMs: number): StateView {
  const { phase } = slot;
  const last = lastOf(slot);
  if (phase.at === 'exited') return exitedView(generation, slot, phase.exit, nowMs);
  if (phase.at === 'running' && isSetUp(slot))
    return { ...last, state: { is: 'running', startedAtMs: phase.startedAtMs, stopping } };
  const before = followed(slot);
  if (before) return betweenAttempts(generation, slot, before, slot.backOff?.waitedMs ?? 0);
  // A container whose postStart runs is not shown as running yet (it is what SyncPod is busy with).
  return { ...last, state: { is: 'waiting', ...waitingReason(generation, slot) } };
}

/**
 * The end that the attempt now being made follows. Until that is set up the kubelet, busy with it, shows nothing else;
 * what starts over with the Pod is shown as if for the first time.
 */
function followed({ init, sidecar, phase, last, problem }: ContainerSlot): Exit | undefined {
  if (phase.at === 'exited' || !last || problem) return undefined;
  if (phase.at === 'running' && phase.postStart.at === 'done') return undefined;
  const again = init && !sidecar && last.exitCode === 0;
  const withPod = last.withEngine || last.stoppedFor === 'sandbox' || last.reason === RESTARTING_ALL.reason;
  return again || withPod ? undefined : last;
}

function exitedView(generation: Generation, slot: ContainerSlot, exit: Exit, nowMs: number): StateView {
  const last = lastOf(slot);
  if (generation.stage !== 'active' || !restarts(generation, slot, exit))
    return { ...last, state: { is: 'terminated', ...ended(exit) } };
  if (slot.problem) return again(exit, problemReason(slot.problem, slot));
  if (exit.stoppedFor === 'sandbox') return again(exit, waitingReason(generation, slot));
  if (exit.stoppedFor === 'restart-all') return again(exit, RESTARTING_ALL);
  const waits = !exit.withEngine && againAtMs(slot, exit) > nowMs;
  return { ...last, ...betweenAttempts(generation, slot, exit, waits ? (slot.backOff?.delayMs ?? 0) : 0) };
}

/** `waitMs`: what the next attempt waits, or has waited. */
function betweenAttempts(generation: Generation, slot: ContainerSlot, exit: Exit, waitMs: number): StateView {
  if (waitMs > 0)
    return again(exit, { reason: 'CrashLoopBackOff', message: backOffMessage(generation, slot, waitMs) });
  if (exit.stoppedFor === 'post-start')
    return again(exit, { reason: 'PostStartHookError', message: slot.hookFailure?.message ?? '' });
  return { state: { is: 'terminated', ...ended(exit) } };
}

/** Its container gone, nothing is left to show it by (convertToAPIContainerStatuses). */
function lastOf(slot: ContainerSlot): Pick<StateView, 'last'> {
  const { last } = slot;
  const isKept = last && (last.id === '' || deadOf(slot).some(({ id }) => id === last.id));
  return isKept ? { last: ended(last) } : {};
}

const again = (exit: Exit, reason: Reason): StateView => ({
  last: ended(exit),
  state: { is: 'waiting', ...reason },
});

/** kuberuntime doBackOff's message. */
function backOffMessage({ staticPod }: Generation, { name }: ContainerSlot, waitMs: number): string {
  const { name: pod, namespace } = staticPod.pod.metadata ?? {};
  return `back-off ${goSeconds(waitMs)} restarting failed container=${name} pod=${pod}_${namespace}(${staticPod.uid})`;
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
  const pulls = pullOf(generation, slot);
  if (pulls && (pulls.moves || !slot.problem)) return { reason, message: pulls.message };
  if (slot.problem) return problemReason(slot.problem, slot);
  const obstacle = generation.hostProblem ?? generation.sandboxProblem;
  return {
    reason: obstacle ? 'ContainerCreating' : reason,
    message: obstacle ? `${obstacle.reason}: ${obstacle.message}` : '',
  };
}

const firstPending = ({ containers }: Generation) => containers.find((slot) => slot.init && !hasPassed(slot));

/** What a container waits for, if that is a pull: of the infra container's image or its own. */
function pullOf({ infraImage }: Generation, { image, spec }: ContainerSlot) {
  const [phase, name] = infraImage.at === 'pulling' ? [infraImage, undefined] : [image, spec.image];
  if (phase.at !== 'pulling' || !phase.progress) return undefined;
  const { at } = phase.progress;
  return {
    message: pullMessage(name, phase.progress),
    moves: at === 'downloading' || at === 'extracting',
  };
}

/** images.imageManager: the first failure shows as ErrImagePull, waiting for a further try as ImagePullBackOff. */
function problemReason({ reason, message, failures }: Problem, { spec }: ContainerSlot): Reason {
  if ((reason !== 'ErrImagePull' && reason !== 'RegistryUnavailable') || failures < 2)
    return { reason, message };
  return {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${spec.image}": ${reason}: ${message}`,
  };
}
