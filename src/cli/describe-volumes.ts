// The volumes of a Pod as `kubectl describe pod` tells of them. Pure.
import type { V1DownwardAPIVolumeFile, V1VolumeProjection } from '../kubernetes/generated/shapes.ts';
import type { Volume } from '../kubernetes/pod.ts';
import { ifAny, type Row } from './described-rows.ts';

export const describeVolumes = (volumes: Volume[]): Row[] =>
  volumes.map((volume) => ({ name: volume.name, below: describeVolume(volume) }));

function describeVolume({ name: _, ...kinds }: Volume): Row[] {
  const { hostPath, emptyDir, downwardAPI, projected, image } = kinds;
  if (hostPath)
    return [
      { name: 'Type', value: "HostPath (a file or directory of the node's)" },
      { name: 'Path', value: hostPath.path },
      { name: 'HostPathType', value: hostPath.type ?? '' },
    ];
  if (emptyDir)
    return [
      { name: 'Type', value: 'EmptyDir (lives as long as the Pod)' },
      { name: 'Medium', value: emptyDir.medium ?? '' },
      { name: 'SizeLimit', value: emptyDir.sizeLimit ?? '<unset>' },
    ];
  if (downwardAPI)
    return [
      { name: 'Type', value: 'DownwardAPI (facts of the Pod, as files)' },
      { name: 'Items', below: downwardItems(downwardAPI.items) },
    ];
  if (projected)
    return [
      { name: 'Type', value: 'Projected (several sources in one directory)' },
      ...(projected.sources ?? []).flatMap(projection),
    ];
  if (image)
    return [
      { name: 'Type', value: 'Image (what is in an image)' },
      ...ifAny('Reference', image.reference),
      ...ifAny('PullPolicy', image.pullPolicy),
    ];
  return anyOther(kinds);
}

const downwardItems = (items: V1DownwardAPIVolumeFile[] = []): string[] =>
  items.flatMap(({ path, fieldRef, resourceFieldRef: resource }) => [
    ...(fieldRef ? [`${fieldRef.fieldPath} -> ${path}`] : []),
    ...(resource ? [`${resource.resource} of ${resource.containerName} -> ${path}`] : []),
  ]);

function projection({ downwardAPI, ...others }: V1VolumeProjection): Row[] {
  if (downwardAPI) return [{ name: 'DownwardAPI', below: downwardItems(downwardAPI.items) }];
  return Object.entries(others).map(([kind, value]) => ({ name: titled(kind), below: fields(value) }));
}

/** What a node without an API server runs none of, but may be asked for: its kind, and its fields as they are. */
function anyOther(kinds: object): Row[] {
  const [kind = 'unknown', value] = Object.entries(kinds)[0] ?? [];
  return [{ name: 'Type', value: titled(kind) }, ...fields(value)];
}

const fields = (value: unknown): Row[] =>
  Object.entries(Object(value)).map(([name, field]) => ({
    name: titled(name),
    value: typeof field === 'object' ? JSON.stringify(field) : String(field),
  }));

const titled = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
