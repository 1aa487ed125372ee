// Which Pods a person means by what was typed behind `restart`, `stop` or `start`: names -> keys of manifests. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import type { OrderVerb } from '../server/node-orders.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { CommandError } from './command-error.ts';
import { type Candidate, candidateOf, isMeant, notFound, podMeant } from './pods-meant.ts';

export type Target = { namespace: string; name: string };
export type Meant = { names: string[]; all: boolean; namespace: string | undefined };

/** Throws a CommandError where it is not clear which, or there is none. */
export function orderTargets(
  verb: OrderVerb,
  { names, all, namespace }: Meant,
  manifests: ManifestRecord[],
  pods: Pod[],
): Target[] {
  if (all && names.length > 0) throw new CommandError('names cannot be given together with --all');
  if (!all && names.length === 0) throw new CommandError('give the name of a Pod, or --all');
  // What has no name of its own is of no Pod; what is stopped has a manifest only.
  const owners = manifests.filter(({ state, staticPod }) => staticPod && state !== 'conflict');
  const served = owners.flatMap(({ staticPod, state }) =>
    staticPod ? [{ ...candidateOf(staticPod.pod), isStopped: state === 'stopped' }] : [],
  );
  const isThere = (one: Target) => namespace === undefined || one.namespace === namespace;
  const chosen = all
    ? served.filter((one) => isThere(one) && one.isStopped === (verb === 'start'))
    : names.map((name) => find(name, namespace, served, pods));
  const byKey = new Map(chosen.map(({ namespace: of, name }) => [`${of}/${name}`, { namespace: of, name }]));
  return [...byKey.values()];
}

function find(typed: string, namespace: string | undefined, served: Candidate[], pods: Pod[]): Target {
  const found = podMeant(typed, namespace, served);
  if (found) return found;
  if (pods.some((pod) => isMeant(pod, typed, namespace)))
    throw new CommandError(`pod "${typed}" stops already: it has no manifest any more`);
  throw notFound(typed, served);
}
