// What a Pod that does not run yet waits for, in one line, for who asks about its manifest. Pure.
import type { Pod } from '../kubernetes/pod.ts';

/** '' while nothing stands in its way. */
export function waitingReason({ status }: Pod): string {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  for (const { name, state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason, message } = state?.waiting ?? {};
    if (message) return `container ${name}: ${reason}: ${message}`;
  }
  return '';
}
