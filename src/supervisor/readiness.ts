// Whether a version has shown that it works, and if not, why, in one line for a person. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { waitingReason } from './waiting-reason.ts';

/** A Pod whose containers have all ended well was as ready as it can be. */
export const hasProved = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' ||
  (status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

export function whyNotReady(pod: Pod): string {
  const waits = waitingReason(pod);
  if (waits) return waits;
  const { initContainerStatuses = [], containerStatuses = [], conditions = [], ...status } = pod.status ?? {};
  for (const { name, state } of [...initContainerStatuses, ...containerStatuses]) {
    if (state?.waiting?.reason) return `container ${name}: ${state.waiting.reason}`;
    if (state?.terminated && state.terminated.exitCode !== 0)
      return `container ${name}: ${state.terminated.reason}: exit code ${state.terminated.exitCode}`;
  }
  const unmet = conditions.filter(({ status: is }) => is !== 'True').find(({ message }) => message);
  if (unmet) return `${unmet.reason}: ${unmet.message}`;
  return status.message ?? status.reason ?? 'it is not Ready';
}
