// downwardAPI: what the Pod says of itself, as files (downwardapi.go). A static Pod that changes is another Pod, so they
// never change.
import { ok, type Result } from '../../errors.ts';
import { metadataValue, type Resolved } from '../../kubernetes/field-ref.ts';
import type { V1DownwardAPIVolumeFile } from '../../kubernetes/generated/shapes.ts';
import type { Volume } from '../../kubernetes/pod.ts';
import { resourceValueByName } from '../../kubernetes/resource-field-ref.ts';
import type { VolumeFiles } from './atomic-writer.ts';
import { setUpFiles } from './files-volume.ts';
import { refused, type Setting } from './setting.ts';

const defaultFileMode = 0o644;

export async function prepareDownwardApi(setting: Setting, volume: Volume): Promise<Result<undefined>> {
  const { items = [], defaultMode = defaultFileMode } = volume.downwardAPI ?? {};
  const { files, problems } = collectFiles(items, defaultMode, setting);
  if (problems.length > 0) return refused(volume.name, problems.join(', '));
  await setUpFiles(setting, 'downward-api', volume, files);
  return ok(undefined);
}

/** downwardapi.CollectData. Pure. */
export function collectFiles(
  items: readonly V1DownwardAPIVolumeFile[],
  defaultMode: number,
  setting: Pick<Setting, 'pod' | 'node'>,
): { files: VolumeFiles; problems: string[] } {
  const files = new Map<string, { data: string; mode: number }>();
  const problems: string[] = [];
  for (const item of items) {
    const content = contentOf(item, setting);
    if ('problem' in content) problems.push(`${item.path}: ${content.problem}`);
    else files.set(item.path, { data: content.value, mode: item.mode ?? defaultMode });
  }
  return { files, problems };
}

function contentOf(
  { fieldRef, resourceFieldRef }: V1DownwardAPIVolumeFile,
  { pod, node }: Pick<Setting, 'pod' | 'node'>,
): Resolved {
  if (fieldRef) return metadataValue(fieldRef.fieldPath, pod);
  if (resourceFieldRef) return resourceValueByName(resourceFieldRef, pod, node.allocatable);
  return { problem: 'has neither fieldRef nor resourceFieldRef' };
}
