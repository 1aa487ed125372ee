// The phase of a Pod from its containers (kubelet getPhase). Pure.
import type { PodView } from './view.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function phaseOf({ pod, containers, initialized, finished }: PodView): Phase {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const failedInit = containers.some(
    ({ init, state }) => init && state.is === 'terminated' && state.exitCode !== 0,
  );
  const main = containers.filter(({ init }) => !init);
  if (finished)
    return main.every(({ state }) => state.is === 'terminated' && state.exitCode === 0)
      ? 'Succeeded'
      : 'Failed';
  const hasMainRun = main.some(({ state, last }) => state.is !== 'waiting' || last !== undefined);
  if (!initialized && !hasMainRun) return failedInit && policy === 'Never' ? 'Failed' : 'Pending';

  const running = main.filter(({ state }) => state.is === 'running');
  // A container that waits to start again counts as stopped.
  const stopped = main.filter(
    ({ state, last }) => state.is === 'terminated' || (state.is === 'waiting' && last !== undefined),
  );
  const waiting = main.length - running.length - stopped.length;
  if (waiting > 0) return policy === 'Never' && failedInit ? 'Failed' : 'Pending';
  if (running.length > 0) return 'Running';
  if (policy === 'Always') return 'Running';
  if (stopped.every(({ state }) => state.is === 'terminated' && state.exitCode === 0)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}
