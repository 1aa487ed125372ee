// Whether a read-only mount makes what is mounted below it read-only as well: by the Pod's word and what the engine can.
import { ok, type Result } from '../../errors.ts';
import type { Mount } from '../engine.ts';
import { refusedRecursion } from '../recursive-read-only.ts';
import type { AskedOnce } from './asked-once.ts';
import type { Below, BoundMount } from './binds.ts';

/** Of the engine's answer to /version. */
export type EngineVersion = { ApiVersion: string; KernelVersion?: string };

/** Since when an engine is told what becomes of mounts below; and the first kernel with mount_setattr(2). */
const toldSince = [1, 44] as const;
const kernelSince = [5, 12] as const;

/** Asks the engine for its version only if a mount is read-only. Fails as that call, or ContainerConfigInvalid. */
export async function settleMounts(
  mounts: Mount[],
  version: AskedOnce<EngineVersion>,
): Promise<Result<BoundMount[]>> {
  if (!mounts.some(({ readOnly }) => readOnly)) return ok(mounts);
  const asked = await version.get();
  return asked.ok ? settledFor(mounts, asked.value) : asked;
}

/** Pure. */
export function settledFor(
  mounts: Mount[],
  { ApiVersion, KernelVersion = '' }: EngineVersion,
): Result<BoundMount[]> {
  const told = isAtLeast(ApiVersion, toldSince);
  const canRecurse = told && isAtLeast(KernelVersion, kernelSince);
  const refused = canRecurse ? undefined : refusedRecursion(mounts);
  if (refused) return refused;
  const belowOf = ({ recursiveReadOnly }: Mount): Below =>
    recursiveReadOnly && canRecurse ? 'ReadOnlyForceRecursive' : 'ReadOnlyNonRecursive';
  // There is no word for a relabelled mount but in `Binds`.
  return ok(
    mounts.map((mount) =>
      told && mount.readOnly && !mount.relabel ? { ...mount, below: belowOf(mount) } : mount,
    ),
  );
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ourMajor = 0, ourMinor = 0] = version.split(/[.-]/).map(Number);
  return ourMajor > major || (ourMajor === major && ourMinor >= minor);
}
