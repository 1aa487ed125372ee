// Brings a generation's sandbox forward: image, create, start; and after its death the containers down, then anew.
import { moveSandbox } from './edges.ts';
import { INFRA } from './events.ts';
import { hostPortsOf, leaveBehind, startsOver } from './leave-behind.ts';
import type { Planning } from './planning.ts';
import { isRestartable } from './restart-policy.ts';
import { type Generation, graceMsOf, type PodState } from './state.ts';
import { stopContainers } from './stopping.ts';

export function planSandbox(planning: Planning, generation: Generation): void {
  if (generation.sandbox.at === 'dead') planDeadSandbox(planning, generation, generation.sandbox.id);
  const { sandbox, serial } = generation;
  if (sandbox.at === 'created') {
    const call = planning.issue({ type: 'start-sandbox', serial, id: sandbox.id });
    return moveSandbox(generation, { at: 'starting', id: sandbox.id, call });
  }
  if (sandbox.at !== 'none' || generation.abandoned || clashes(planning.state, generation)) return;
  if (generation.sandboxProblem && !planning.isDue(generation.sandboxProblem.retryAtMs)) return;
  if (generation.infraImage.at === 'pulling') return;
  if (generation.infraImage.at === 'absent') {
    const { infraImage } = planning;
    const call = planning.issue({
      type: 'ensure-image',
      serial,
      container: INFRA,
      image: infraImage,
      policy: 'IfNotPresent',
    });
    generation.infraImage = { at: 'pulling', call };
    return;
  }
  // Optimistic: the create call itself says if the image is missing.
  const call = planning.issue({ type: 'create-sandbox', serial, attempt: generation.nextSandboxAttempt++ });
  moveSandbox(generation, { at: 'creating', call });
}

/** Another sandbox, of the generation before or a former one of this, holds what this one needs: name or ports. */
function clashes(state: PodState, generation: Generation): boolean {
  const { uid } = generation.staticPod;
  if (state.cleanups.some((cleanup) => cleanup.uid === uid && cleanup.failures === 0)) return true;
  const current = generation.stage === 'preparing' ? state.current : undefined;
  if (current?.staticPod.pod.spec?.hostNetwork && generation.staticPod.pod.spec?.hostNetwork) return true;
  if (!hostPortsOf(generation)) return false;
  return (
    (current !== undefined && hostPortsOf(current)) ||
    state.leftovers.some(({ holdsHostPorts }) => holdsHostPorts)
  );
}

/** kuberuntime's computePodActions with a changed sandbox: the whole Pod is killed, and starts over with init. */
function planDeadSandbox(planning: Planning, generation: Generation, id: string): void {
  const { state } = planning;
  if (!stopContainers(planning, generation, 'sandbox', graceMsOf(generation.staticPod))) return;
  leaveBehind(state, generation, { id, sandbox: true, running: false });
  moveSandbox(generation, { at: 'none' });
  const { containers } = generation;
  const main = containers.filter(({ init }) => !init);
  const everRan = containers.some((slot) => slot.phase.at === 'exited' || slot.last !== undefined);
  generation.abandoned = everRan && !main.some((slot) => isRestartable(generation, slot));
  generation.restartingAll = undefined;
  if (generation.abandoned) return;
  generation.initialized = false;
  for (const slot of containers) {
    slot.problem = undefined;
    slot.passed = false;
    if (slot.init) startsOver(slot);
  }
}
