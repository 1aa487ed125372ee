// A generation's slots -> the view that status is made from. Pure: here the phases of slots get the names Kubernetes
// has for them.
import type { ContainerView, EndedView, PodView } from '../status/view.ts';
import { goSeconds, restartAtMs } from './back-off.ts';
import { initDone, initialized, restarts } from './restart-policy.ts';
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
  const common = {
    name: slot.name,
    init: slot.init,
    image: slot.spec.image ?? '',
    imageId: slot.imageId,
    restartCount: slot.restartCount,
    ...(id !== undefined && phase.at !== 'created' && { id }),
  };
  const last = slot.last && { last: ended(slot.last) };
  if (phase.at === 'running') {
    const stopping = phase.stop !== undefined || generation.stage === 'terminating';
    return { ...common, ...last, state: { is: 'running', startedAtMs: phase.startedAtMs, stopping } };
  }
  if (phase.at !== 'exited')
    return { ...common, ...last, state: { is: 'waiting', ...waitingReason(generation, slot) } };
  const again = generation.stage === 'active' && restarts(generation, slot, phase.exit);
  if (slot.problem && again)
    return {
      ...common,
      last: ended(phase.exit),
      state: { is: 'waiting', ...problemReason(slot.problem, slot) },
    };
  if (again && phase.exit.byUs)
    return {
      ...common,
      last: ended(phase.exit),
      state: { is: 'waiting', ...waitingReason(generation, slot) },
    };
  const backingOff =
    again && !phase.exit.withEngine && restartAtMs(slot.backOff, phase.exit.finishedAtMs) > nowMs;
  if (!backingOff) return { ...common, ...last, state: { is: 'terminated', ...ended(phase.exit) } };
  return {
    ...common,
    last: ended(phase.exit),
    state: { is: 'waiting', reason: 'CrashLoopBackOff', message: backOffMessage(generation, slot) },
  };
}

/** kuberuntime doBackOff's message. */
function backOffMessage({ staticPod }: Generation, { name, backOff }: ContainerSlot): string {
  const { name: pod, namespace } = staticPod.pod.metadata ?? {};
  return `back-off ${goSeconds(backOff?.delayMs ?? 0)} restarting failed container=${name} pod=${pod}_${namespace}(${staticPod.uid})`;
}

const ended = ({ withEngine: _, byUs: __, ...exit }: Exit): EndedView => exit;

type Reason = { reason: string; message: string };

/** ContainerCreating, or PodInitializing where there are init containers; with what stands in the way, if anything. */
function waitingReason(generation: Generation, slot: ContainerSlot): Reason {
  const hasInit = generation.containers.some(({ init }) => init);
  const reason = hasInit ? 'PodInitializing' : 'ContainerCreating';
  const itsTurn = slot.init ? firstPending(generation) === slot : initialized(generation);
  if (!itsTurn) return { reason, message: '' };
  if (slot.problem) return problemReason(slot.problem, slot);
  const obstacle = generation.hostProblem ?? generation.sandboxProblem;
  return {
    reason: obstacle ? 'ContainerCreating' : reason,
    message: obstacle ? `${obstacle.reason}: ${obstacle.message}` : '',
  };
}

const firstPending = ({ containers }: Generation) => containers.find((slot) => slot.init && !initDone(slot));

/** images.imageManager: the first failure shows as ErrImagePull, waiting for a further try as ImagePullBackOff. */
function problemReason({ reason, message, failures }: Problem, { spec }: ContainerSlot): Reason {
  if (reason !== 'ErrImagePull' || failures < 2) return { reason, message };
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${spec.image}": ${message}` };
}
