// Whether Pods can have cgroups of their own: where the engine runs on this host, and monopod may make them.
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMount } from './pod-cgroup.ts';

/**
 * Not where systemd has the one tree of version 2 to itself: what others write there it undoes. The containers of a Pod
 * are then told its limits one by one.
 */
export function hasPodCgroups(
  endpoint: string,
  mount = cgroupMount,
  systemd = '/run/systemd/system',
): boolean {
  if (!endpoint.startsWith('unix:')) return false;
  const isUnified = existsSync(join(mount, 'cgroup.controllers'));
  if (isUnified && existsSync(systemd)) return false;
  const trees = isUnified ? [mount] : ['cpu', 'memory', 'pids'].map((controller) => join(mount, controller));
  return trees.every(isWritable);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
