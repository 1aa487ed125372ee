// projected: several sources in one directory (projected.go). Of a static Pod only downwardAPI: all others need an API
// server, and were refused when the manifest was read.
import { ok, type Result } from '../../errors.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { collectFiles } from './downward-api.ts';
import { setUpFiles } from './files-volume.ts';
import { refused, type Setting } from './setting.ts';

export async function prepareProjected(setting: Setting, volume: Volume): Promise<Result<undefined>> {
  const { sources = [], defaultMode = 0o644 } = volume.projected ?? {};
  const foreign = sources.flatMap((source) => Object.keys(source)).filter((kind) => kind !== 'downwardAPI');
  if (foreign.length > 0) return refused(volume.name, `a static Pod cannot have ${foreign.join(', ')}`);
  const collected = sources.map(({ downwardAPI }) =>
    collectFiles(downwardAPI?.items ?? [], defaultMode, setting),
  );
  const problems = collected.flatMap((one) => one.problems);
  if (problems.length > 0) return refused(volume.name, problems.join(', '));
  const files = new Map(collected.flatMap((one) => [...one.files]));
  await setUpFiles(setting, 'projected', volume, files);
  return ok(undefined);
}
