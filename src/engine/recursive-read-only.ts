// The answer of an engine that cannot mount read-only with all that is mounted below (kubelet resolveRecursiveReadOnly).
import { fail } from '../errors.ts';
import type { Mount } from './engine.ts';

/** Of the first mount that must be so; undefined if none must. ContainerConfigInvalid. */
export function refusedRecursion(mounts: readonly Mount[]) {
  const must = mounts.find(
    ({ recursiveReadOnly }) => recursiveReadOnly?.mode === 'Enabled',
  )?.recursiveReadOnly;
  return (
    must &&
    fail(
      'ContainerConfigInvalid',
      `failed to resolve recursive read-only mode: volume "${must.volume}" requested recursive read-only mode, but it is not supported by the runtime`,
    )
  );
}
