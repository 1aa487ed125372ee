// Which containers start again after they ended, and when a Pod has ended for good. Pure.
import type { ContainerSlot, Exit, Generation } from './state.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export const restartPolicyOf = ({ staticPod }: Generation): RestartPolicy =>
  (staticPod.pod.spec?.restartPolicy as RestartPolicy | undefined) ?? 'Always';

/** kubelet container.ShouldContainerBeRestarted, and for init containers kuberuntime's computeInitContainerActions. */
export function restarts(generation: Generation, slot: ContainerSlot, exit: Exit): boolean {
  if (generation.abandoned) return false;
  const policy = restartPolicyOf(generation);
  if (slot.init) return exit.exitCode !== 0 && policy !== 'Never';
  // computePodActions counts as succeeded only what had ended before its sandbox was found dead.
  return policy === 'Always' || (policy === 'OnFailure' && (exit.exitCode !== 0 || exit.byUs === true));
}

export const initDone = (slot: ContainerSlot): boolean =>
  slot.phase.at === 'exited' && slot.phase.exit.exitCode === 0;

/** All init containers have ended well. */
export const initialized = (generation: Generation): boolean =>
  generation.containers.every((slot) => !slot.init || initDone(slot));

const endedForGood = (generation: Generation, slot: ContainerSlot) =>
  slot.phase.at === 'exited' && !restarts(generation, slot, slot.phase.exit);

/** Nothing runs and nothing will: an init container failed for good, or every container has ended. */
export function hasEnded(generation: Generation): boolean {
  const { containers } = generation;
  if (generation.abandoned)
    return containers.every(({ phase }) => phase.at === 'exited' || phase.at === 'waiting');
  if (containers.some((slot) => slot.init && !initDone(slot) && endedForGood(generation, slot))) return true;
  return containers.every((slot) => slot.init || endedForGood(generation, slot));
}

/** The one container whose turn to start it is by the manifest's order, or undefined while none may start. */
export function nextToStart(generation: Generation): ContainerSlot | undefined {
  const init = generation.containers.find((slot) => slot.init && !initDone(slot));
  if (init) return init;
  return generation.containers.find((slot) => !slot.init && slot.phase.at === 'created');
}
