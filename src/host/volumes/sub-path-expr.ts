// What of a volume a mount asks for: subPath as written, or subPathExpr with the container's environment in it (kubelet
// makeMounts, kubecontainer.ExpandContainerVolumeMounts). Pure.
import { fail, ok, type Result } from '../../errors.ts';
import { expandStrictly } from '../../kubernetes/expansion.ts';
import type { VolumeMount } from '../../kubernetes/pod.ts';

/** '' is the whole volume. Relative, without `..`; where links in it lead is for others to see. ContainerConfigInvalid. */
export function subPathOf(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  environment: ReadonlyMap<string, string>,
): Result<string> {
  const { text: path, missing } = subPathExpr
    ? expandStrictly(subPathExpr, environment)
    : { text: subPath, missing: [] };
  if (missing.length > 0) return fail('ContainerConfigInvalid', `missing value for ${missing.join(', ')}`);
  if (path.startsWith('/'))
    return fail('ContainerConfigInvalid', `error SubPath \`${path}\` must not be an absolute path`);
  if (path.split('/').includes('..'))
    return fail('ContainerConfigInvalid', `unable to provision SubPath \`${path}\`: must not contain '..'`);
  return ok(path);
}
