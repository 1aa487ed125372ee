// Main's table of what is: every Pod as last published, and who wants to hear of changes. The server reads from it.
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { NodeChange } from '../server/node-view.ts';

export class NodeTable {
  readonly #pods = new Map<PodKey, Pod>();
  readonly #listeners = new Set<(change: NodeChange) => void>();

  get(key: PodKey): Pod | undefined {
    return this.#pods.get(key);
  }

  /** A Pod shown as last seen is as a rule just so: that is no change. */
  put(key: PodKey, pod: Pod): void {
    const before = this.#pods.get(key);
    this.#pods.set(key, pod);
    if (!before || JSON.stringify(before) !== JSON.stringify(pod)) this.#tell({ type: 'pod', pod });
  }

  remove(key: PodKey): void {
    const pod = this.#pods.get(key);
    if (pod && this.#pods.delete(key)) this.#tell({ type: 'removed', pod });
  }

  manifestsChanged(): void {
    this.#tell({ type: 'manifests' });
  }

  pods(): Pod[] {
    const keys = [...this.#pods.keys()].sort();
    return keys.flatMap((key) => this.#pods.get(key) ?? []);
  }

  subscribe(listener: (change: NodeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(change: NodeChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
