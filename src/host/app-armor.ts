// Whether the kernel enforces AppArmor profiles (runc apparmor.IsEnabled).
import { existsSync, readFileSync } from 'node:fs';

export function hasAppArmor(sys = '/sys'): boolean {
  try {
    return (
      existsSync(`${sys}/kernel/security/apparmor`) &&
      readFileSync(`${sys}/module/apparmor/parameters/enabled`, 'utf8').startsWith('Y')
    );
  } catch {
    return false;
  }
}
