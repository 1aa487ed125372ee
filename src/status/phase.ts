// The phase of a Pod from its containers (kubelet getPhase). Pure.
import { RESTARTING_ALL } from './restarting-all.ts';
import type { ContainerView, EndedView, PodView } from './view.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function phaseOf(view: PodView): Phase {
  const { containers, initialized, finished } = view;
  // generateAPIPodStatus: what ends a Pod by its deadline decides, even while containers still stop.
  if (view.failed) return 'Failed';
  const regularInit = containers.filter(({ init, sidecar }) => init && !sidecar);
  const sidecars = containers.filter(({ sidecar }) => sidecar);
  const main = containers.filter(({ init }) => !init);
  if (regularInit.some((container) => hasFailed(container) && !startsAgain(view, container))) return 'Failed';

  const runs = containers.some(({ state }) => state.is === 'running');
  // getPhase's podIsTerminal. There it leaves out static Pods (its TODO), whose last word would be that they run.
  if (finished && !runs) return main.every(hasSucceeded) ? 'Succeeded' : 'Failed';

  // An init container that runs again after a new sandbox puts the Pod back; a sidecar that does so does not.
  if (regularInit.some((container) => container.state.is === 'running' || neverRan(container)))
    return 'Pending';
  if (!initialized && sidecars.some((container) => isStarting(container))) return 'Pending';
  if ([...sidecars, ...main].some(neverRan)) return 'Pending';
  // Sidecars that still stop after the main containers have completed keep the Pod Running.
  if (runs) return 'Running';
  if (main.some((container) => startsAgain(view, container))) return 'Running';
  // What is shown of a sidecar may be its last end while the next attempt starts: it may run yet.
  if (!finished && sidecars.length > 0) return 'Running';
  return main.every(hasSucceeded) ? 'Succeeded' : 'Failed';
}

/** How it ended; one that waits to start again counts by its end before that. */
const latestEnd = ({ state, last }: ContainerView): EndedView | undefined =>
  state.is === 'terminated' ? state : state.is === 'waiting' ? last : undefined;

const neverRan = ({ state, last }: ContainerView): boolean => state.is === 'waiting' && last === undefined;

const isStarting = (sidecar: ContainerView): boolean =>
  sidecar.state.is === 'running' ? !sidecar.started : neverRan(sidecar);

const hasSucceeded = ({ state }: ContainerView): boolean => state.is === 'terminated' && state.exitCode === 0;

function hasFailed(container: ContainerView): boolean {
  const end = latestEnd(container);
  return end !== undefined && end.exitCode !== 0;
}

/** By its policy and rules, or because all containers are being started anew, whatever those say. */
const startsAgain = ({ restartingAll }: PodView, container: ContainerView): boolean =>
  container.restartable || restartingAll || latestEnd(container)?.reason === RESTARTING_ALL.reason;
