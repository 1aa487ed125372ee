// Sysctls by name: how they are written, and whether the kernel keeps them apart for each Pod (component-helpers
// sysctl.NormalizeName, sysctl.NamespacedBy). Pure.

export const sysctlNameBytesMax = 253;

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
export const sysctlName = new RegExp(`^(${segment}[./])*${segment}$`);
/** policyvalidation.IsValidSysctlPattern: a name, or one that ends in `*`. */
export const sysctlPattern = new RegExp(`^(${segment}[./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]$`);

/** `net/ipv4/conf/eno2.100` -> `net.ipv4.conf.eno2/100`: the separator that comes first says how it is written. */
export const withDots = (name: string): string =>
  /[./]/.exec(name)?.[0] === '/' ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name;

/** By a name with dots, or its beginning; undefined: one for the whole node. */
export function namespaceOf(name: string): 'ipc' | 'net' | undefined {
  if (name === 'kernel.sem' || /^(kernel\.(shm|msg)|fs\.mqueue\.)/.test(name)) return 'ipc';
  return name.startsWith('net.') ? 'net' : undefined;
}
