// How a person may name a static Pod: with or without the `-<node>` that its name ends in. Pure.
import type { Pod } from '../kubernetes/pod.ts';

export const isNamed = ({ metadata, spec }: Pod, name: string): boolean =>
  metadata?.name === name || (spec?.nodeName !== undefined && metadata?.name === `${name}-${spec.nodeName}`);

/** `name`, `namespace/name`: without a namespace, any. */
export function splitName(text: string): { namespace?: string; name: string } {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
