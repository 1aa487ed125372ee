// All rules of core/v1 that a Pod from a manifest is held against (ValidatePodCreate with the kubelet's options),
// in the order in which Kubernetes reports them. Pod, defaulted -> errors. Pure.
import { FieldPath } from '../field-path.ts';
import type { V1Pod, V1PodSpec } from '../generated/shapes.ts';
import { validateContainers } from './container.ts';
import { validateObjectMeta } from './metadata.ts';
import { type RuleError, RuleErrors } from './rule-errors.ts';

const restartPolicies = ['Always', 'Never', 'OnFailure'];

export function validatePod(pod: V1Pod): RuleError[] {
  const errors = new RuleErrors();
  validateObjectMeta(pod.metadata ?? {}, FieldPath.root.child('metadata'), errors);
  validatePodSpec(pod.spec as V1PodSpec, FieldPath.root.child('spec'), errors);
  return errors.list;
}

function validatePodSpec(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  validateContainers(spec.containers, path.child('containers'), errors);
  if (!restartPolicies.includes(spec.restartPolicy ?? ''))
    errors.unsupported(path.child('restartPolicy'), spec.restartPolicy, restartPolicies);
}
