// Which of several Pods a person means by what was typed; and what to say where there is none. Pure.
import { nearName } from '../kubernetes/near-name.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { CommandError } from './command-error.ts';
import { isNamed, splitName } from './pod-name.ts';

export type Candidate = { namespace: string; name: string; pod: Pod };

export const candidateOf = (pod: Pod): Candidate => ({
  namespace: pod.metadata?.namespace ?? '',
  name: pod.metadata?.name ?? '',
  pod,
});

// `pod/web` is kubectl's way to name one.
export const splitTyped = (typed: string) => splitName(typed.replace(/^(pods?|po)\//, ''));

export function isMeant(pod: Pod, typed: string, inNamespace: string | undefined): boolean {
  const { namespace = inNamespace, name } = splitTyped(typed);
  return isNamed(pod, name) && (namespace === undefined || pod.metadata?.namespace === namespace);
}

/** Throws a CommandError where it is not clear which. */
export function podMeant<C extends Candidate>(
  typed: string,
  inNamespace: string | undefined,
  candidates: C[],
): C | undefined {
  const found = candidates.filter(({ pod }) => isMeant(pod, typed, inNamespace));
  if (found.length < 2) return found[0];
  const each = found.map((one) => `${one.namespace}/${one.name}`);
  throw new CommandError(`"${typed}" could be ${each.join(' or ')}`);
}

/** Of Pods that are there. Throws a CommandError where there is none, or it is not clear which. */
export function podNamed(typed: string, inNamespace: string | undefined, pods: Pod[]): Pod {
  const candidates = pods.map(candidateOf);
  const found = podMeant(typed, inNamespace, candidates);
  if (!found) throw notFound(typed, candidates);
  return found.pod;
}

/** With where there is one of the name, or what it may have been meant to be. */
export function notFound(typed: string, candidates: Candidate[]): CommandError {
  const { name } = splitTyped(typed);
  const known = candidates.flatMap(({ pod, name: full }) => {
    const suffix = `-${pod.spec?.nodeName}`;
    return full.endsWith(suffix) ? [full.slice(0, -suffix.length), full] : [full];
  });
  const elsewhere = candidates.find(({ pod }) => isNamed(pod, name));
  const near = nearName(name, known);
  const hint = elsewhere
    ? `: there is one in namespace ${elsewhere.namespace}`
    : near === undefined
      ? '; monopod get manifests shows what there is'
      : `: did you mean "${near}"?`;
  return new CommandError(`pod "${typed}" not found${hint}`);
}
