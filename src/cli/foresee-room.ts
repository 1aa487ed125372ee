// What would stand in the way of Pods that would start: no room beside those that are there, as the node's own rules of
// admission say, and images that would have to be pulled. Outcomes in, a hint each into them; nothing is changed.
import type { Container, Pod } from '../kubernetes/pod.ts';
import { isCritical, priorityOf } from '../kubernetes/priority.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import { refusalOf } from '../supervisor/admission.ts';
import type { NodeFacts } from '../supervisor/admit/rule.ts';
import { Occupancy } from '../supervisor/occupancy.ts';
import type { Foreseen } from './foresee.ts';

/** As the running monopod has it. */
export type NodeRoom = { node: NodeFacts; held: [PodKey, Pod][] };

/** What goes makes room; of the rest critical Pods come first, then the others as they were given. */
export function foreseeRoom(all: Foreseen[], { node, held }: NodeRoom): void {
  const occupancy = new Occupancy();
  for (const [key, pod] of held) occupancy.hold(key, [pod]);
  for (const { pod, outcome } of all) if (outcome === 'stop' && pod !== undefined) occupancy.release(pod);
  const coming = all.filter(({ wanted }) => wanted !== undefined);
  coming.sort((a, b) => priority(b) - priority(a));
  for (const { pod: key = '', wanted, outcome, hints } of coming) {
    if (!wanted) continue;
    const refusal = refusalOf(wanted, { node, occupied: occupancy.besides(key) });
    if (!refusal) {
      occupancy.hold(key, [wanted]);
      continue;
    }
    const { reason, message, short } = refusal;
    const then =
      short && isCritical(wanted)
        ? '; it is critical, and others may have to stop for it'
        : outcome === 'restart'
          ? '; what runs of it would run on'
          : '';
    hints.push(`it would be refused: ${reason}: ${message}${then}`);
  }
}

const priority = ({ wanted }: Foreseen): number => (wanted ? priorityOf(wanted) : 0);

/** `hasImage`: undefined where the engine does not say. */
export async function foreseeImages(
  all: Foreseen[],
  hasImage: (image: string) => Promise<boolean | undefined>,
): Promise<void> {
  const known = new Map<string, boolean | undefined>();
  for (const { wanted, hints } of all) {
    const { initContainers = [], containers = [] } = wanted?.spec ?? {};
    const told = new Set<string>();
    for (const container of [...initContainers, ...containers]) {
      const { image = '' } = container;
      if (!known.has(image)) known.set(image, await hasImage(image));
      const hint = imageHint(container, known.get(image));
      if (hint) told.add(hint);
    }
    hints.push(...told);
  }
}

function imageHint({ image, imagePullPolicy }: Container, isThere: boolean | undefined): string | undefined {
  if (isThere === true) return undefined;
  if (isThere === undefined) return `whether image ${image} is there is not known: the engine does not say`;
  return imagePullPolicy === 'Never'
    ? `image ${image} is not there, and imagePullPolicy Never keeps it from being pulled`
    : `image ${image} is not there and would be pulled`;
}
