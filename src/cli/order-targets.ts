// Which Pods a person means by what was typed behind `restart`, `stop` or `start`: names -> keys of manifests. Pure.
import { nearName } from '../kubernetes/near-name.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { OrderVerb } from '../server/node-orders.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { CommandError } from './command-error.ts';
import { isNamed, splitName } from './pod-name.ts';

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
    staticPod ? [{ ...targetOf(staticPod.pod), pod: staticPod.pod, isStopped: state === 'stopped' }] : [],
  );
  const isThere = (one: Target) => namespace === undefined || one.namespace === namespace;
  const chosen = all
    ? served.filter((one) => isThere(one) && one.isStopped === (verb === 'start'))
    : names.map((name) => find(name, namespace, served, pods));
  const byKey = new Map(chosen.map(({ namespace: of, name }) => [`${of}/${name}`, { namespace: of, name }]));
  return [...byKey.values()];
}

type Served = Target & { pod: Pod };

function find(typed: string, inNamespace: string | undefined, served: Served[], pods: Pod[]): Target {
  // `pod/web` is kubectl's way to name one.
  const { namespace = inNamespace, name } = splitName(typed.replace(/^(pods?|po)\//, ''));
  const isMeant = (pod: Pod) =>
    isNamed(pod, name) && (namespace === undefined || pod.metadata?.namespace === namespace);
  const [found, ...others] = served.filter(({ pod }) => isMeant(pod));
  if (found && others.length === 0) return found;
  if (found) {
    const each = [found, ...others].map((one) => `${one.namespace}/${one.name}`);
    throw new CommandError(`"${typed}" could be ${each.join(' or ')}`);
  }
  if (pods.some(isMeant)) throw new CommandError(`pod "${typed}" stops already: it has no manifest any more`);
  const known = served.flatMap(({ pod, name: full }) => {
    const suffix = `-${pod.spec?.nodeName}`;
    return full.endsWith(suffix) ? [full.slice(0, -suffix.length), full] : [full];
  });
  const elsewhere = served.find(({ pod }) => isNamed(pod, name));
  const near = nearName(name, known);
  const hint = elsewhere
    ? `: there is one in namespace ${elsewhere.namespace}`
    : near === undefined
      ? '; monopod get manifests shows what there is'
      : `: did you mean "${near}"?`;
  throw new CommandError(`pod "${typed}" not found${hint}`);
}

const targetOf = ({ metadata }: Pod): Target => ({
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
});
