// Image names that the API accepts and no engine can: the container would wait with InvalidImageName. Pod -> where they
// stand. Pure.
import { FieldPath } from '../kubernetes/field-path.ts';
import { parseImageName } from '../kubernetes/image-name.ts';
import type { Pod } from '../kubernetes/pod.ts';

export type UnusableImage = { at: FieldPath; message: string };

const spec = FieldPath.root.child('spec');

export function unusableImages(pod: Pod): UnusableImage[] {
  const found: UnusableImage[] = [];
  for (const kind of ['initContainers', 'containers'] as const)
    for (const [index, { image }] of (pod.spec?.[kind] ?? []).entries()) {
      if (!image || parseImageName(image)) continue;
      const at = spec.child(kind).index(index).child('image');
      found.push({ at, message: `${why(image)}: the container will wait with InvalidImageName` });
    }
  return found;
}

function why(image: string): string {
  const name = image.replace(/[:@][^/]*$/, '');
  if (/\s/.test(image)) return 'an image name has no blank in it';
  if (/^\w+:\/\//.test(image)) return 'an image name does not begin as a URL does';
  if (/[A-Z]/.test(name.slice(name.indexOf('/') + 1))) return 'an image name has no upper case letter';
  return 'this is no image name (as busybox:1.36 or registry.example/team/app@sha256:…)';
}
