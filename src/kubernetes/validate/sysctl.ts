// Sysctls of a Pod (validateSysctls, ValidateHostSysctl).
import type { FieldPath } from '../field-path.ts';
import type { V1PodSpec, V1Sysctl } from '../generated/shapes.ts';
import { namespaceOf, sysctlName, sysctlNameBytesMax, withDots } from '../sysctl-names.ts';
import type { RuleErrors } from './rule-errors.ts';

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
    else if (name.length > sysctlNameBytesMax || !sysctlName.test(name))
      errors.invalid(
        field,
        name,
        `must be at most ${sysctlNameBytesMax} lower case letters, digits, '-', '_', '.' and '/' (as 'net.core.somaxconn')`,
      );
    else if (names.has(name)) errors.duplicate(field, name);
    const namespace = namespaceOf(withDots(name));
    if (spec.hostNetwork && namespace === 'net')
      errors.invalid(field, name, "may not be given when 'hostNetwork' is true");
    else if (spec.hostIPC && namespace === 'ipc')
      errors.invalid(field, name, "may not be given when 'hostIPC' is true");
    names.add(name);
  }
}
