// What of a Pod's volumes a container sees (ValidateVolumeMounts, ValidateVolumeDevices). Kubernetes leaves the index
// out of some of these fields; the place shown is the exact one.
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1PodSpec, V1Volume, V1VolumeMount } from '../generated/shapes.ts';
import { hasBacksteps, validateDescendingPath } from './local-path.ts';
import { namedVolumes } from './named-volumes.ts';
import type { RuleErrors } from './rule-errors.ts';

/** The volumes that are valid themselves, by name. */
export type Volumes = ReadonlyMap<string, V1Volume>;

/** Of volumes, in a message. */
const namesShown = 10;
const propagations = ['Bidirectional', 'HostToContainer', 'None'];
const recursions = ['Disabled', 'Enabled', 'IfPossible'];

export function validateVolumeMounts(
  container: V1Container,
  volumes: Volumes,
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const devices = new Map((container.volumeDevices ?? []).map(({ name, devicePath }) => [name, devicePath]));
  const devicePaths = new Set(devices.values());
  const mountPaths = new Set<string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const { name, mountPath } = mount;
    const at = path.index(index);
    if (name === '') errors.required(at.child('name'));
    if (!volumes.has(name)) errors.notFound(at.child('name'), name, noSuchVolume(name, volumes, spec));
    if (mountPath === '') errors.required(at.child('mountPath'));
    if (mountPaths.has(mountPath))
      errors.invalid(at.child('mountPath'), mountPath, 'must be unique: another volume is mounted there');
    mountPaths.add(mountPath);
    if (devices.has(name)) errors.invalid(at.child('name'), name, 'must not be in volumeDevices as well');
    if (devicePaths.has(mountPath))
      errors.invalid(at.child('mountPath'), mountPath, 'must not be a path in volumeDevices as well');
    validateMountOptions(mount, container, path, at, errors);
  }
}

function noSuchVolume(name: string, volumes: Volumes, spec: V1PodSpec): string {
  if (namedVolumes(spec.volumes ?? []).has(name)) return 'the volume of this name has errors of its own';
  const names = [...volumes.keys().take(namesShown)].join(', ');
  return names === ''
    ? 'spec.volumes has no such volume'
    : `must be one of the names in spec.volumes: ${names}`;
}

function validateMountOptions(
  mount: V1VolumeMount,
  container: V1Container,
  path: FieldPath,
  at: FieldPath,
  errors: RuleErrors,
): void {
  const { subPath = '', subPathExpr = '', mountPropagation, recursiveReadOnly } = mount;
  if (subPath !== '') validateDescendingPath(subPath, path.child('subPath'), errors, at.child('subPath'));
  if (subPathExpr !== '') {
    if (subPath !== '')
      errors.invalid(at.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive');
    validateDescendingPath(subPathExpr, path.child('subPathExpr'), errors, at.child('subPathExpr'));
  }
  if (mountPropagation !== undefined) {
    const field = path.child('mountPropagation');
    const here = at.child('mountPropagation');
    if (!propagations.includes(mountPropagation))
      errors.unsupported(field, mountPropagation, propagations, here);
    if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
      errors.forbidden(field, 'Bidirectional is available only to privileged containers', here);
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  const field = path.child('recursiveReadOnly');
  const here = at.child('recursiveReadOnly');
  if (!recursions.includes(recursiveReadOnly))
    return errors.unsupported(field, recursiveReadOnly, recursions, here);
  if (!mount.readOnly) errors.forbidden(field, 'may only be given when readOnly is true', here);
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.forbidden(field, 'may only be given when mountPropagation is None or absent', here);
}

export function validateVolumeDevices(
  container: V1Container,
  volumes: Volumes,
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  // GetVolumeMountMap: of a volume that is mounted twice only the last path counts.
  const mounts = new Map((container.volumeMounts ?? []).map(({ name, mountPath }) => [name, mountPath]));
  const mountPaths = new Set(mounts.values());
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    const at = path.index(index);
    const volume = volumes.get(name);
    if (name === '') errors.required(at.child('name'));
    if (names.has(name)) errors.invalid(at.child('name'), name, 'must be unique');
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      errors.invalid(at.child('name'), name, 'must be a persistentVolumeClaim or ephemeral volume');
    if (!volume) errors.notFound(at.child('name'), name, noSuchVolume(name, volumes, spec));
    if (devicePath === '') errors.required(at.child('devicePath'));
    if (paths.has(devicePath)) errors.invalid(at.child('devicePath'), devicePath, 'must be unique');
    if (hasBacksteps(devicePath)) errors.invalid(at.child('devicePath'), devicePath, "must not contain '..'");
    else paths.add(devicePath);
    if (mounts.has(name)) errors.invalid(at.child('name'), name, 'must not be in volumeMounts as well');
    if (mountPaths.has(devicePath))
      errors.invalid(at.child('devicePath'), devicePath, 'must not be a path in volumeMounts as well');
    if (name !== '') names.add(name);
  }
}
