// Security contexts (ValidateSecurityContext, validatePodSpecSecurityContext): who a process runs as, and as what.
import type { FieldPath } from '../field-path.ts';
import type {
  V1AppArmorProfile,
  V1PodSecurityContext,
  V1PodSpec,
  V1SeccompProfile,
  V1SecurityContext,
} from '../generated/shapes.ts';
import { validateDescendingPath } from './local-path.ts';
import { isPadded, isValidId } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateSysctls } from './sysctl.ts';
import { validateWindowsOptions } from './windows.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** PATH_MAX - 1 */
const profileBytesMax = 4095;

export function validateSecurityContext(
  context: V1SecurityContext | undefined,
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (!context) return;
  const { runAsUser, runAsGroup, procMount } = context;
  validateId(runAsUser, path.child('runAsUser'), errors);
  validateId(runAsGroup, path.child('runAsGroup'), errors);
  if (procMount !== undefined) {
    const field = path.child('procMount');
    if (procMount !== 'Default' && procMount !== 'Unmasked')
      errors.unsupported(field, procMount, ['Default', 'Unmasked']);
    if (procMount === 'Unmasked' && spec.hostUsers !== false)
      errors.invalid(field, procMount, '`hostUsers` must be false to use `Unmasked`');
  }
  validateSeccompProfile(context.seccompProfile, path.child('seccompProfile'), errors);
  if (context.allowPrivilegeEscalation === false) {
    const field = path.child('allowPrivilegeEscalation');
    if (context.privileged)
      errors.invalid(
        path,
        undefined,
        'allowPrivilegeEscalation may not be false where privileged is true',
        field,
      );
    for (const capability of context.capabilities?.add ?? [])
      if (capability === 'CAP_SYS_ADMIN')
        errors.invalid(
          path,
          undefined,
          'allowPrivilegeEscalation may not be false where CAP_SYS_ADMIN is added',
          field,
        );
  }
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmorProfile(context.appArmorProfile, path.child('appArmorProfile'), errors);
}

function validateId(id: number | undefined, field: FieldPath, errors: RuleErrors): void {
  if (id !== undefined) errors.invalidFor(isValidId(id), field, id);
}

export function validatePodSecurityContext(
  context: V1PodSecurityContext,
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  validateId(context.fsGroup, path.child('fsGroup'), errors);
  validateId(context.runAsUser, path.child('runAsUser'), errors);
  validateId(context.runAsGroup, path.child('runAsGroup'), errors);
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    validateId(group, path.child('supplementalGroups').index(index), errors);
  // The Go type holds these two in the security context; a manifest does not.
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.invalid(
      path.child('shareProcessNamespace'),
      true,
      'shareProcessNamespace and hostPID cannot both be true',
      path.parent?.child('shareProcessNamespace'),
    );
  validateSysctls(context.sysctls ?? [], spec, path.child('sysctls'), errors);
  const choose = (name: keyof V1PodSecurityContext, supported: string[]) => {
    const value = context[name];
    if (value !== undefined && !supported.includes(String(value)))
      errors.unsupported(path.child(name), value, supported);
  };
  choose('fsGroupChangePolicy', ['Always', 'OnRootMismatch']);
  validateSeccompProfile(context.seccompProfile, path.child('seccompProfile'), errors);
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmorProfile(context.appArmorProfile, path.child('appArmorProfile'), errors);
  choose('supplementalGroupsPolicy', ['Merge', 'Strict']);
  // MountOption is behind a feature gate, SELinuxMount, that is off.
  choose('seLinuxChangePolicy', ['Recursive']);
}

function validateSeccompProfile(
  profile: V1SeccompProfile | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (!profile) return;
  const field = path.child('localhostProfile');
  errors.oneOf(path.child('type'), profile.type, profileTypes);
  if (profile.type !== 'Localhost') {
    if (profile.localhostProfile !== undefined)
      errors.invalid(field, profile.localhostProfile, 'can only be given when type is Localhost');
  } else if (profile.localhostProfile === undefined)
    errors.required(field, 'must be given when type is Localhost');
  else validateDescendingPath(profile.localhostProfile, field, errors);
}

function validateAppArmorProfile(
  profile: V1AppArmorProfile | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (!profile) return;
  const { type, localhostProfile: name } = profile;
  const field = path.child('localhostProfile');
  if (type === 'Localhost') {
    if (name === undefined || name === '')
      return errors.required(field, 'must be given when type is Localhost');
    if (isPadded(name)) errors.invalid(field, name, 'must not be padded with white space');
    if (Buffer.byteLength(name) > profileBytesMax)
      errors.tooLong(field, `must be no more than ${profileBytesMax} bytes`);
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (name !== undefined) errors.invalid(field, name, 'can only be given when type is Localhost');
  } else errors.oneOf(path.child('type'), type, profileTypes);
}
