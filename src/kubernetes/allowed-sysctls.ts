// Which sysctls a Pod may set on this node: the safe ones that its kernel keeps apart, and what the administrator allows
// besides (kubelet sysctl.SafeSysctlAllowlist, sysctl.NewAllowlist). Pure.
import { namespaceOf, sysctlNameBytesMax, sysctlPattern, withDots } from './sysctl-names.ts';

/** With the kernel from which on each network namespace has its own. */
const safe: [name: string, kernel?: [major: number, minor: number]][] = [
  ['kernel.shm_rmid_forced'],
  ['net.ipv4.ip_local_port_range'],
  ['net.ipv4.tcp_syncookies'],
  ['net.ipv4.ping_group_range'],
  ['net.ipv4.ip_unprivileged_port_start'],
  ['net.ipv4.ip_local_reserved_ports', [3, 16]],
  ['net.ipv4.tcp_keepalive_time', [4, 5]],
  ['net.ipv4.tcp_fin_timeout', [4, 6]],
  ['net.ipv4.tcp_keepalive_intvl', [4, 5]],
  ['net.ipv4.tcp_keepalive_probes', [4, 5]],
  ['net.ipv4.tcp_rmem', [4, 15]],
  ['net.ipv4.tcp_wmem', [4, 15]],
];

/** `kernelRelease` as `uname -r` has it. The answer's names have dots; `kernel.msg*` stands for all that begin so. */
export function allowedSysctls(kernelRelease: string, unsafe: string[]): string[] {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
  const isAtLeast = ([a, b]: [number, number]) =>
    Number(major) > a || (Number(major) === a && Number(minor) >= b);
  const ofKernel = safe.filter(([, kernel]) => kernel === undefined || isAtLeast(kernel));
  return [...ofKernel.map(([name]) => name), ...unsafe.map(withDots)];
}

export function isAllowedSysctl(name: string, allowed: string[]): boolean {
  const dotted = withDots(name);
  return allowed.some((pattern) =>
    pattern.endsWith('*') ? dotted.startsWith(pattern.slice(0, -1)) : dotted === pattern,
  );
}

/** What is wrong with the value of `--allowed-unsafe-sysctls`, if anything is. */
export function sysctlPatternError(patterns: string[]): string | undefined {
  for (const pattern of patterns) {
    if (pattern.length > sysctlNameBytesMax || !sysctlPattern.test(pattern))
      return `sysctl "${pattern}" must have at most ${sysctlNameBytesMax} characters and match regex ${sysctlPattern.source}`;
    const dotted = withDots(pattern);
    if (namespaceOf(dotted.replace(/\*$/, '')) === undefined)
      return `the sysctl${dotted.endsWith('*') ? 's' : ''} "${dotted}" are not known to be namespaced`;
  }
  return undefined;
}
