// What a Pod that waits for room looks like (kubelet rejectPod, preemption.evictPodsToFreeRequests). Pure.
import { rfc3339 } from '../clock.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { PREEMPTING, type Waiting } from './admissions.ts';

/** `seen`: of one that stops for another's sake, as long as there is anything of it. */
export function waitingPod({ claim, refusal, awaits, sinceMs }: Waiting, seen?: Pod): Pod {
  const { reason, message } = refusal;
  const startTime = rfc3339(sinceMs);
  const pod = { ...claim.staticPod.pod, apiVersion: 'v1', kind: 'Pod' };
  if (awaits.length > 0)
    return { ...pod, status: { phase: 'Pending', message: awaitsMessage(awaits), startTime } };
  if (reason !== PREEMPTING)
    return {
      ...pod,
      status: { phase: 'Failed', reason, message: `Pod was rejected: ${message}`, startTime },
    };
  const { conditions = [], ...rest } = seen?.status ?? { startTime };
  const disruption = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    lastTransitionTime: startTime,
  };
  const others = conditions.filter(({ type }) => type !== disruption.type);
  const status = { ...rest, phase: 'Failed', reason, message, conditions: [...others, disruption] };
  return { ...(seen ?? pod), status };
}

/** The same for who looks at its manifest. */
export const reasonOf = ({ refusal, awaits }: Waiting): string =>
  awaits.length > 0 ? awaitsMessage(awaits) : `${refusal.reason}: ${refusal.message}`;

const awaitsMessage = (awaits: string[]): string => `waits for ${awaits.join(', ')} to stop in its favour`;
