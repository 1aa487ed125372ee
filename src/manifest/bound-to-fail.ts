// What the API accepts in a Pod and nothing can carry out: an image that no engine knows by such a name, a port that the
// container does not have, a time to roll back after that is none. Pod -> where, and what will come of it. Pure.
import { FieldPath } from '../kubernetes/field-path.ts';
import type { V1Container, V1LifecycleHandler, V1Probe } from '../kubernetes/generated/shapes.ts';
import { parseImageName } from '../kubernetes/image-name.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { rollbackAnnotation, rollbackProblem } from './rollback-after.ts';
import { unsplitCommands } from './unsplit-command.ts';

export type BoundToFail = { at: FieldPath; message: string };

const spec = FieldPath.root.child('spec');

export function boundToFail(pod: Pod): BoundToFail[] {
  const found: BoundToFail[] = [];
  const message = rollbackProblem(pod);
  if (message !== undefined)
    found.push({ at: FieldPath.root.child('metadata', 'annotations').key(rollbackAnnotation), message });
  for (const kind of ['initContainers', 'containers'] as const)
    for (const [index, container] of (pod.spec?.[kind] ?? []).entries()) {
      const at = spec.child(kind).index(index);
      const { image } = container;
      if (image && !parseImageName(image))
        found.push({
          at: at.child('image'),
          message: `${whyNoImage(image)}: the container will wait with InvalidImageName`,
        });
      for (const unsplit of unsplitCommands(container, at)) found.push(unsplit);
      for (const unknown of unknownPorts(container, at)) found.push(unknown);
    }
  return found;
}

function whyNoImage(image: string): string {
  const name = image.replace(/[:@][^/]*$/, '');
  if (/\s/.test(image)) return 'an image name has no blank in it';
  if (/^\w+:\/\//.test(image)) return 'an image name does not begin as a URL does';
  if (/[A-Z]/.test(name.slice(name.indexOf('/') + 1))) return 'an image name has no upper case letter';
  return 'this is no image name (as busybox:1.36 or registry.example/team/app@sha256:…)';
}

/** probe.ResolveContainerPort: a name that no port of the container has, and that is no number either. */
function unknownPorts(container: V1Container, at: FieldPath): BoundToFail[] {
  const { startupProbe, livenessProbe, readinessProbe, lifecycle, ports = [] } = container;
  if (!startupProbe && !livenessProbe && !readinessProbe && !lifecycle) return [];
  const handlers: [FieldPath, V1Probe | V1LifecycleHandler | undefined, string][] = [
    [at.child('startupProbe'), startupProbe, 'the probe'],
    [at.child('livenessProbe'), livenessProbe, 'the probe'],
    [at.child('readinessProbe'), readinessProbe, 'the probe'],
    [at.child('lifecycle', 'postStart'), lifecycle?.postStart, 'the hook'],
    [at.child('lifecycle', 'preStop'), lifecycle?.preStop, 'the hook'],
  ];
  return handlers.flatMap(([path, handler, what]) =>
    (['httpGet', 'tcpSocket'] as const).flatMap((action) => {
      const port = handler?.[action]?.port;
      if (typeof port !== 'string' || /^[+-]?\d+$/.test(port)) return [];
      if (ports.some(({ name }) => name === port)) return [];
      const message = `no port of the container has the name ${JSON.stringify(port)}: ${what} will fail`;
      return [{ at: path.child(action, 'port'), message }];
    }),
  );
}
