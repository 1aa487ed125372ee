// The cgroup that a Pod's containers are to be in, by the name that the engine's cgroup driver has for it (kubelet cm
// CgroupName.ToSystemd).
import { ok, type Result } from '../../errors.ts';
import type { AskedOnce } from './asked-once.ts';

/** Asks the engine for its driver only for a Pod that has a cgroup of its own. Fails as that call. */
export async function cgroupParentFor(
  parent: string | undefined,
  driver: AskedOnce<string>,
): Promise<Result<string | undefined>> {
  if (parent === undefined) return ok(undefined);
  const asked = await driver.get();
  if (!asked.ok) return asked;
  return ok(asked.value === 'systemd' ? sliceOf(parent) : parent);
}

/** `/kubepods/burstable/pod1-2` -> `kubepods-burstable-pod1_2.slice`: there a dash stands for a level. */
const sliceOf = (parent: string): string =>
  `${parent
    .split('/')
    .filter(Boolean)
    .map((name) => name.replaceAll('-', '_'))
    .join('-')}.slice`;
