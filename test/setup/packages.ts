// Debian packages that an engine and the test images are made of: installed only as root on Debian or Ubuntu.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Daemons live in sbin, which the PATH of a person seldom has. */
const searched = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/bin'];

/** The absolute path of a program, undefined if there is none. */
export function program(name: string): string | undefined {
  return searched
    .filter(Boolean)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What invoke-rc.d asks before it starts a service; 101 forbids it. */
const servicePolicy = '/usr/sbin/policy-rc.d';

export const canInstallPackages = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && program('apt-get') !== undefined;

/** Throws with what apt-get said. The services that the packages bring are installed, not started. */
export function installPackages(names: string[]): void {
  const policyIsOurs = !existsSync(servicePolicy);
  if (policyIsOurs) writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet(names);
  } finally {
    if (policyIsOurs) rmSync(servicePolicy, { force: true });
  }
}

function aptGet(names: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
  ];
  for (const step of steps) {
    const ran = spawnSync('apt-get', step, { env, encoding: 'utf8', timeout: 300_000 });
    if (ran.status === 0) continue;
    const said = `${ran.stdout}${ran.stderr}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`apt-get ${step.join(' ')} failed (${ran.signal ?? ran.status}):\n${said}`);
  }
}
