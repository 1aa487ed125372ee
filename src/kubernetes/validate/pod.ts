// All rules of core/v1 that a Pod from a manifest is held against (ValidatePodCreate with the kubelet's options),
// in the order in which Kubernetes reports them. Pod, defaulted -> errors. Pure.
import { FieldPath } from '../field-path.ts';
import type { V1Pod, V1PodSpec } from '../generated/shapes.ts';
import { validatePodAnnotations, validateProfilesAgree } from './annotation.ts';
import { validateImagePadding } from './container.ts';
import { validateObjectMeta } from './metadata.ts';
import { validatePodSpec } from './pod-spec.ts';
import { type RuleError, RuleErrors } from './rule-errors.ts';

export function validatePod(pod: V1Pod): RuleError[] {
  const errors = new RuleErrors();
  const meta = pod.metadata ?? {};
  const spec = pod.spec as V1PodSpec;
  const metaPath = FieldPath.root.child('metadata');
  const path = FieldPath.root.child('spec');
  validateObjectMeta(meta, metaPath, errors);
  validatePodAnnotations(meta.annotations ?? {}, spec, metaPath.child('annotations'), errors);
  validatePodSpec(spec, meta, path, errors);
  if (!spec.serviceAccountName && !spec.serviceAccount) forbidTokens(spec, path.child('volumes'), errors);
  validateImagePadding(spec.containers, path.child('containers'), errors);
  validateImagePadding(spec.initContainers, path.child('initContainers'), errors);
  if (spec.ephemeralContainers?.length)
    errors.forbidden(path.child('ephemeralContainers'), 'cannot be set when a Pod is created');
  if (spec.schedulingGates?.length)
    errors.forbidden(
      path.child('nodeName'),
      'a static Pod is on its node already: it cannot have schedulingGates',
      path.child('schedulingGates'),
    );
  validateProfilesAgree(pod, path, errors);
  return errors.list;
}

/** A projected token is somebody's. */
function forbidTokens(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  for (const [index, { projected }] of (spec.volumes ?? []).entries())
    for (const [sourceIndex, { serviceAccountToken }] of (projected?.sources ?? []).entries())
      if (serviceAccountToken)
        errors.forbidden(
          path.index(index).child('projected', 'sources').index(sourceIndex).child('serviceAccountToken'),
          'a static Pod has no service account, and so no token of one',
        );
}
