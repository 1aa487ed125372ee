// Which containers start again after they ended, whose turn it is to start, and when a Pod has ended for good. Pure.
import type { Container } from '../kubernetes/pod.ts';
import { restartAtMs } from './back-off.ts';
import type { ContainerSlot, Exit, Generation } from './state.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

const restartPolicyOf = ({ staticPod }: Generation): RestartPolicy =>
  (staticPod.pod.spec?.restartPolicy as RestartPolicy | undefined) ?? 'Always';

/** The first of a container's rules that its exit code meets (podutil findMatchingContainerRestartRule). */
export const matchingRule = ({ restartPolicyRules = [] }: Container, exitCode: number) =>
  restartPolicyRules.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === 'NotIn' ? !listed : exitCodes?.operator === 'In' && listed;
  });

const policyOf = (generation: Generation, { spec }: ContainerSlot) =>
  (spec.restartPolicy as RestartPolicy | undefined) ?? restartPolicyOf(generation);

/** podutil.ContainerShouldRestart: the container's rules, then its own policy, then the Pod's. */
function shouldRestart(generation: Generation, slot: ContainerSlot, exitCode: number): boolean {
  if (slot.spec.restartPolicy !== undefined && matchingRule(slot.spec, exitCode)) return true;
  const policy = policyOf(generation, slot);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** podutil.IsContainerRestartable: there is an end of it after which it would start again. */
export const isRestartable = (generation: Generation, slot: ContainerSlot): boolean =>
  slot.sidecar ||
  policyOf(generation, slot) !== 'Never' ||
  (slot.spec.restartPolicyRules ?? []).some(({ action }) => action === 'Restart');

/** kubelet container.ShouldContainerBeRestarted, and for init containers kuberuntime's computeInitContainerActions. */
export function restarts(generation: Generation, slot: ContainerSlot, exit: Exit): boolean {
  if (generation.abandoned) return false;
  if (slot.sidecar) return true;
  if (slot.init) return exit.exitCode !== 0 && shouldRestart(generation, slot, exit.exitCode);
  // Killed for its probe or with its sandbox: how it took that is not asked (computePodActions).
  const killed =
    exit.stoppedFor === 'liveness' || exit.stoppedFor === 'startup' || exit.stoppedFor === 'sandbox';
  return killed ? isRestartable(generation, slot) : shouldRestart(generation, slot, exit.exitCode);
}

/**
 * When it may start again. One that was killed for its probe goes by the end before this one (kuberuntime doBackOff sees no other when it
 * kills and starts in one go): after a long run it starts again at once.
 */
export function againAtMs({ backOff, last }: ContainerSlot, exit: Exit): number {
  const atMs = restartAtMs(backOff, exit.finishedAtMs);
  const killed = exit.stoppedFor === 'liveness' || exit.stoppedFor === 'startup';
  if (!killed || backOff === undefined) return atMs;
  const ranLongEnough = restartAtMs(backOff, last?.finishedAtMs ?? 0) <= exit.finishedAtMs;
  return ranLongEnough ? exit.finishedAtMs : atMs;
}

/** It has done its part; what comes after it may start. */
export const hasPassed = (slot: ContainerSlot): boolean =>
  slot.sidecar ? slot.passed : slot.phase.at === 'exited' && slot.phase.exit.exitCode === 0;

/** All init containers have done their part. */
export const initialized = (generation: Generation): boolean =>
  generation.initialized || generation.containers.every((slot) => !slot.init || hasPassed(slot));

const endedForGood = (generation: Generation, slot: ContainerSlot) =>
  slot.phase.at === 'exited' && !restarts(generation, slot, slot.phase.exit);

/**
 * Its main containers have ended for good, or an init container has failed for good: sidecars do not keep a Pod
 * alive (computePodActions' KillPod).
 */
export function hasEnded(generation: Generation): boolean {
  const { containers } = generation;
  if (generation.abandoned)
    return containers.every(
      (slot) => slot.sidecar || slot.phase.at === 'exited' || slot.phase.at === 'waiting',
    );
  const failed = (slot: ContainerSlot) => slot.init && !hasPassed(slot) && endedForGood(generation, slot);
  if (!generation.initialized && containers.some(failed)) return true;
  return containers.every((slot) => slot.init || endedForGood(generation, slot));
}

/**
 * Containers that may be started now, in the manifest's order: sidecars that have passed once, the first init container
 * that has not, and with none of those left the main ones (computeInitContainerActions).
 */
export function mayStart(generation: Generation): ContainerSlot[] {
  const { containers } = generation;
  if (initialized(generation)) return containers.filter((slot) => !slot.init || slot.sidecar);
  const turn = containers.findIndex((slot) => slot.init && !hasPassed(slot));
  return containers.filter((slot, index) => index === turn || (index < turn && slot.sidecar));
}
