// Observed containers -> PodStatus (kubelet generateAPIPodStatus). Pure.
import { rfc3339 } from '../clock.ts';
import type { PodStatus } from '../kubernetes/pod.ts';
import { podIpsOf } from '../kubernetes/pod-ips.ts';
import { qosClassOf } from '../kubernetes/qos.ts';
import { conditionsOf } from './conditions.ts';
import { containerStatuses, withForgottenInit } from './container-status.ts';
import { phaseOf } from './phase.ts';
import type { PodView } from './view.ts';

/** `previous`: the status before, of the same generation of the Pod; of one from a checkpoint its conditions are enough. */
export function generateStatus(seen: PodView, previous: PodStatus | undefined, nowMs: number): PodStatus {
  const view = withForgottenInit(seen);
  const { pod, hostIps } = view;
  const podIps = podIpsOf(pod, view.ips, hostIps);
  const phase = phaseOf(view);
  const { init, main } = containerStatuses(view.containers);
  const generation = pod.metadata?.generation ?? 0;
  return {
    phase,
    ...(generation > 0 && { observedGeneration: generation }),
    conditions: conditionsOf(view, phase, previous?.conditions ?? [], nowMs),
    ...reasonOf(view),
    ...(hostIps[0] !== undefined && { hostIP: hostIps[0], hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIps[0] !== undefined && { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    startTime: rfc3339(view.startedAtMs),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: main,
    qosClass: qosClassOf(pod),
  };
}

/** Why a Pod was ended is for good, and goes before an engine that does not answer right now. */
function reasonOf({ failed, engineAway }: PodView): Pick<PodStatus, 'reason' | 'message'> {
  if (failed) return { reason: failed.reason, message: failed.message };
  if (!engineAway) return {};
  return {
    reason: 'EngineUnavailable',
    message: `the container engine does not answer since ${rfc3339(engineAway.sinceMs)} (${engineAway.message}); this status is as last seen`,
  };
}
