// What a container does not get to see or write of /proc and /sys: the kubelet's lists, which are longer than those of
// older engines (securitycontext defaultMaskedPaths, defaultReadonlyPaths).
import { existsSync, readdirSync } from 'node:fs';

const masked = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

export const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

let all: string[] | undefined;

/** With those that each CPU has, if it has them: how hot it runs tells what others do on it. */
export function maskedPaths(): string[] {
  all ??= [...masked, ...thermalPaths()];
  return all;
}

function thermalPaths(cpus = '/sys/devices/system/cpu'): string[] {
  try {
    return readdirSync(cpus)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => `${cpus}/${name}/thermal_throttle`)
      .filter((path) => existsSync(path));
  } catch {
    return [];
  }
}
