// Resources, node affinity, node name, host ports: what the scheduler would have seen to (kubelet predicateAdmitHandler,
// scheduler.AdmissionCheck). Taints are not looked at: static Pods tolerate them all. Pure.
import { matchesNode } from '../../kubernetes/node-affinity.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import { hostPortsOf } from '../../kubernetes/pod-requests.ts';
import { isCritical } from '../../kubernetes/priority.ts';
import { refusalFor, shortagesOf } from './resource-fit.ts';
import type { Refusal, Room } from './rule.ts';

export function generalPredicates(pod: Pod, room: Room): Refusal | undefined {
  const short = shortagesOf(pod, room);
  const [shortage] = short;
  const [mismatch] = mismatchesOf(pod, room);
  // HandleAdmissionFailure: a critical Pod is refused for want of resources only if nothing else stands in its way.
  if (mismatch && (!shortage || isCritical(pod))) return mismatch;
  if (!shortage) return undefined;
  return { ...refusalFor(shortage), ...(!mismatch && { short }) };
}

function mismatchesOf(pod: Pod, { node, occupied }: Room): Refusal[] {
  const { nodeName } = pod.spec ?? {};
  return [
    ...(matchesNode(pod, node)
      ? []
      : [failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")]),
    ...(nodeName && nodeName !== node.nodeName
      ? [failed('NodeName', "node(s) didn't match the requested node name")]
      : []),
    ...(hostPortsOf(pod).some((port) => occupied.isTaken(port))
      ? [failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")]
      : []),
  ];
}

/** lifecycle.PredicateFailureError */
const failed = (predicate: string, description: string): Refusal => ({
  reason: predicate,
  message: `Predicate ${predicate} failed: ${description}`,
});
