// Windows in a Pod: options (validateWindowsSecurityContextOptions), host process containers, and what spec.os rules out.
import type { FieldPath } from '../field-path.ts';
import type { V1PodSpec, V1WindowsSecurityContextOptions } from '../generated/shapes.ts';
import { isGiven } from '../given-empty.ts';
import { containersOf } from './all-containers.ts';
import { isDNS1123Subdomain } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

const credentialBytesMax = 64 * 1024;
const domainLengthMax = 255;
const userLengthMax = 104;
const netBIOSName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsName =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

export function validateWindowsOptions(
  options: V1WindowsSecurityContextOptions | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName: user } = options ?? {};
  if (name !== undefined)
    errors.invalidFor(isDNS1123Subdomain(name), path.child('gmsaCredentialSpecName'), name);
  const field = path.child('gmsaCredentialSpec');
  if (credential === '') errors.invalid(field, credential, 'must not be empty');
  if (Buffer.byteLength(credential ?? '') > credentialBytesMax)
    errors.invalid(field, undefined, 'must be no more than 64 KiB');
  if (user !== undefined) errors.invalidFor(userProblems(user), path.child('runAsUserName'), user);
}

function userProblems(text: string): string[] {
  if (text === '') return ['must not be empty'];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return ['must not contain control characters'];
  const parts = text.split('\\');
  if (parts.length > 2) return ['must not contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const problems: string[] = [];
  if (Buffer.byteLength(domain ?? '') > domainLengthMax) problems.push('the domain must be under 256 bytes');
  if (domain !== undefined && !netBIOSName.test(domain) && !dnsName.test(domain))
    problems.push('the domain must be a NetBIOS or DNS name');
  if (user === '') problems.push('the user must not be empty');
  else if (Buffer.byteLength(user) > userLengthMax)
    problems.push(`the user must be no more than ${userLengthMax} bytes`);
  if (/^[. ]+$/.test(user)) problems.push('the user must not be dots or spaces alone');
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) problems.push('the user must not contain any of "/\\:;|=,+*?<>@[]');
  return problems;
}

/** validateWindowsHostProcessPod */
export function validateHostProcess(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const all = containersOf(spec, path);
  let inHost = 0;
  for (const { container, at } of all) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.invalid(
        at.child('securityContext', 'windowsOptions', 'hostProcess'),
        own,
        `must be the same as in the Pod's security context: ${ofPod}`,
      );
    if (own ?? ofPod) inHost++;
  }
  if (inHost === 0) return;
  if (inHost !== all.length)
    errors.invalid(path, undefined, 'if one container is a host process, all containers must be');
  if (!spec.hostNetwork)
    errors.invalid(
      path.child('hostNetwork'),
      false,
      'must be true where containers are host processes, as windowsOptions.hostProcess has it',
    );
}

const linuxOnlyOfPod = [
  'appArmorProfile',
  'seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const linuxOnlyOfContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** validateOS, validateLinux, validateWindows */
export function validateOS(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const { os } = spec;
  if (!os) return;
  if (os.name === '') return errors.required(path.child('os', 'name'), 'must be linux or windows');
  if (os.name === 'linux') return forbidWindowsOptions(spec, path, errors);
  if (os.name !== 'windows')
    return errors.unsupported(path.child('os'), os.name, ['linux', 'windows'], path.child('os', 'name'));
  const context = spec.securityContext ?? {};
  const words = 'cannot be set for a windows pod';
  for (const name of linuxOnlyOfPod) {
    const ofSpec =
      name === 'hostUsers' || name === 'hostPID' || name === 'hostIPC' || name === 'shareProcessNamespace';
    // Groups count when they are given, sysctls when there are any.
    const given = name === 'sysctls' ? context.sysctls !== undefined : isGiven(ofSpec ? spec : context, name);
    if (given) errors.forbidden(ofSpec ? path.child(name) : path.child('securityContext', name), words);
  }
  for (const { container, at } of containersOf(spec, path))
    for (const name of linuxOnlyOfContainer)
      if (container.securityContext?.[name] !== undefined)
        errors.forbidden(at.child('securityContext', name), words);
}

function forbidWindowsOptions(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const words = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions)
    errors.forbidden(path.child('securityContext', 'windowsOptions'), words);
  for (const { container, at } of containersOf(spec, path))
    if (container.securityContext?.windowsOptions)
      errors.forbidden(at.child('securityContext', 'windowsOptions'), words);
}
