// Which containers of a Pod `monopod logs` shows, and what kubectl says about the choice (podcmd, logsForObject). Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { CommandError } from './command-error.ts';

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container';

export type Chosen = { containers: string[] /** For standard error. */; says: string[] };

export function logContainers(pod: Pod, wanted: { container?: string; allContainers?: boolean }): Chosen {
  const main = (pod.spec?.containers ?? []).map(({ name }) => name);
  const init = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  if (wanted.allContainers) return { containers: [...init, ...main], says: [] };
  if (wanted.container !== undefined) {
    if (![...main, ...init].includes(wanted.container))
      throw new CommandError(`container ${wanted.container} is not valid for pod ${pod.metadata?.name}`);
    return { containers: [wanted.container], says: [] };
  }
  return byDefault(pod, main, init);
}

function byDefault(pod: Pod, main: string[], init: string[]): Chosen {
  const annotated = pod.metadata?.annotations?.[defaultContainerAnnotation];
  const says: string[] = [];
  if (annotated) {
    if ([...main, ...init].includes(annotated)) return { containers: [annotated], says };
    says.push(`Default container name "${annotated}" not found in pod ${pod.metadata?.name}`);
  }
  const [first] = main;
  if (first === undefined) throw new CommandError(`pod ${pod.metadata?.name} does not have any containers`);
  const all = [...main, ...init.map((name) => `${name} (init)`)];
  if (all.length > 1) says.push(`Defaulted container "${first}" out of: ${all.join(', ')}`);
  return { containers: [first], says };
}
