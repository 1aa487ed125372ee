// spec of a Pod (ValidatePodSpec): its parts, in the order in which Kubernetes checks them.
import { FieldPath } from '../field-path.ts';
import type {
  V1ObjectMeta,
  V1PodResourceClaim,
  V1PodSchedulingGroup,
  V1PodSpec,
} from '../generated/shapes.ts';
import { validateAffinity } from './affinity.ts';
import { containersOf } from './all-containers.ts';
import { validateContainers } from './container.ts';
import { validateFileKeyVolumes } from './env.ts';
import { validateEphemeralContainers, validateInitContainers } from './init-container.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import {
  validateDNSConfig,
  validateHostAliases,
  validateHostNetworkPorts,
  validateHostnameOverride,
  validateHostnames,
} from './network.ts';
import { validateOverhead, validatePodResources } from './resources.ts';
import type { RuleErrors } from './rule-errors.ts';
import {
  validateReadinessGates,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling.ts';
import { validatePodSecurityContext } from './security.ts';
import { validateLabels } from './selector.ts';
import { validateVolumes } from './volume.ts';
import { validateHostProcess, validateOS } from './windows.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];
const int32Max = 2 ** 31 - 1;

export function validatePodSpec(
  spec: V1PodSpec,
  meta: V1ObjectMeta,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const volumes = validateVolumes(spec.volumes ?? [], meta, path.child('volumes'), errors);
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  validateResourceClaims(spec.resourceClaims ?? [], meta, path.child('resourceClaims'), errors);
  const within = { spec, volumes, claims };
  validateContainers(within, path.child('containers'), errors);
  validateInitContainers(within, path.child('initContainers'), errors);
  validateEphemeralContainers(within, path.child('ephemeralContainers'), errors);
  validatePodResources(spec, claims, path.child('resources'), errors);
  validateHostNetworkPorts(spec, path, errors);
  errors.oneOf(path.child('restartPolicy'), spec.restartPolicy, restartPolicies);
  errors.oneOf(path.child('dnsPolicy'), spec.dnsPolicy, dnsPolicies);
  validateLabels(spec.nodeSelector, path.child('nodeSelector'), errors);
  validatePodSecurityContext(spec.securityContext ?? {}, spec, path.child('securityContext'), errors);
  validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDNSConfig(spec, path.child('dnsConfig'), errors);
  validateReadinessGates(spec.readinessGates ?? [], path.child('readinessGates'), errors);
  validateSchedulingGates(spec.schedulingGates ?? [], path.child('schedulingGates'), errors);
  validateTopologySpread(
    spec.topologySpreadConstraints ?? [],
    path.child('topologySpreadConstraints'),
    errors,
  );
  validateHostProcess(spec, path, errors);
  validateHostUsers(spec, path, errors);
  validateHostnameOverride(spec, path, errors);
  validateNames(spec, path, errors);
  validateFileKeyVolumes(spec, path, errors);
}

function validateNames(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) {
    const at = path.child(spec.serviceAccountName ? 'serviceAccountName' : 'serviceAccount');
    errors.invalidFor(isDNS1123Subdomain(account), path.child('serviceAccountName'), account, at);
  }
  if (spec.nodeName)
    errors.invalidFor(isDNS1123Subdomain(spec.nodeName), path.child('nodeName'), spec.nodeName);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > int32Max))
    errors.invalid(
      path.child('activeDeadlineSeconds'),
      deadline,
      `must be between 1 and ${int32Max}, inclusive`,
    );
  validateHostnames(spec, path, errors);
  validateTolerations(spec.tolerations ?? [], path.child('tolerations'), errors);
  validateHostAliases(spec.hostAliases ?? [], path.child('hostAliases'), errors);
  const { priorityClassName: priority, runtimeClassName: runtime } = spec;
  if (priority) errors.invalidFor(isDNS1123Subdomain(priority), path.child('priorityClassName'), priority);
  if (runtime !== undefined)
    errors.invalidFor(isDNS1123Subdomain(runtime), path.child('runtimeClassName'), runtime);
  if (spec.preemptionPolicy !== undefined)
    errors.oneOf(path.child('preemptionPolicy'), spec.preemptionPolicy, preemptionPolicies);
  if (spec.overhead) validateOverhead(spec.overhead, path.child('overhead'), errors);
  validateOS(spec, path, errors);
  if (spec.schedulingGroup)
    validateSchedulingGroup(spec.schedulingGroup, path.child('schedulingGroup'), errors);
}

/** validateSchedulingGroup: one of several names, once there are several. */
function validateSchedulingGroup(
  { podGroupName: name }: V1PodSchedulingGroup,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const field = path.child('podGroupName');
  if (name === undefined) errors.invalid(field, undefined, 'must be given', path);
  else errors.invalidFor(isDNS1123Subdomain(name), field, name);
}

/** validateHostUsers. The two capitals are Kubernetes' own. */
function validateHostUsers(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  if (spec.hostUsers !== false) return;
  const words = 'may not be true when hostUsers is false';
  if (spec.hostNetwork) errors.forbidden(path.child('hostNetwork'), words);
  if (spec.hostPID) errors.forbidden(path.child('HostPID'), words, path.child('hostPID'));
  if (spec.hostIPC) errors.forbidden(path.child('HostIPC'), words, path.child('hostIPC'));
  for (const { container, at } of containersOf(spec, path))
    if (container.volumeDevices?.length)
      errors.forbidden(at.child('volumeDevices'), 'may not be given when hostUsers is false');
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** validatePodResourceClaims. Of a mirror Pod Kubernetes refuses each claim, and does not say where. */
function validateResourceClaims(
  claims: V1PodResourceClaim[],
  { annotations = {} }: V1ObjectMeta,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (Object.hasOwn(annotations, mirrorAnnotation)) {
    for (const index of claims.keys())
      errors.forbidden(FieldPath.root, 'static Pods do not support resource claims', path.index(index));
    return;
  }
  const names = new Set<string>();
  for (const [
    index,
    { name, resourceClaimName: claim, resourceClaimTemplateName: template },
  ] of claims.entries()) {
    const at = path.index(index);
    if (name === '') errors.required(at.child('name'));
    else if (names.has(name)) errors.duplicate(at.child('name'), name);
    else errors.invalidFor(isDNS1123Label(name), at.child('name'), name);
    names.add(name);
    if (claim !== undefined && template !== undefined)
      errors.invalid(at, undefined, 'may have only one of resourceClaimName and resourceClaimTemplateName');
    if (claim === undefined && template === undefined)
      errors.invalid(at, undefined, 'must have one of resourceClaimName and resourceClaimTemplateName');
    if (claim !== undefined)
      errors.invalidFor(isDNS1123Subdomain(claim), at.child('resourceClaimName'), claim);
    if (template !== undefined)
      errors.invalidFor(isDNS1123Subdomain(template), at.child('resourceClaimTemplateName'), template);
  }
}
