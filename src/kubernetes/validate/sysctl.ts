// Sysctls of a Pod (validateSysctls, ValidateHostSysctl).
import type { FieldPath } from '../field-path.ts';
import type { V1PodSpec, V1Sysctl } from '../generated/shapes.ts';
import type { RuleErrors } from './rule-errors.ts';

const form = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const lengthMax = 253;
const ofIPC = /^(kernel\.(sem$|shm|msg)|fs\.mqueue\.)/;
const ofNetwork = /^net\./;

export function validateSysctls(
  sysctls: V1Sysctl[],
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const names = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const field = path.index(index).child('name');
    if (name === '') errors.required(field);
    else if (name.length > lengthMax || !form.test(name))
      errors.invalid(
        field,
        name,
        `must be at most ${lengthMax} lower case letters, digits, '-', '_', '.' and '/' (as 'net.core.somaxconn')`,
      );
    else if (names.has(name)) errors.duplicate(field, name);
    const dotted = withDots(name);
    if (spec.hostNetwork && ofNetwork.test(dotted))
      errors.invalid(field, name, "may not be given when 'hostNetwork' is true");
    else if (spec.hostIPC && ofIPC.test(dotted))
      errors.invalid(field, name, "may not be given when 'hostIPC' is true");
    names.add(name);
  }
}

/** sysctl.NormalizeName: `net/ipv4/conf/eno2.100` -> `net.ipv4.conf.eno2/100`. */
const withDots = (name: string) =>
  /[./]/.exec(name)?.[0] === '/' ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name;
