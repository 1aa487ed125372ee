// What the engine had when monopod started, by Pod, until actors know of it. Pure, but for the table it keeps.
import type { ContainerObservation } from '../engine/engine.ts';
import type { PodKey } from '../manifest/static-pod.ts';

export class OnEngine {
  #byKey: Map<PodKey, ContainerObservation[]> | undefined;

  /** The first answer counts: what comes later is of this run. */
  learn(observations: ContainerObservation[]): void {
    this.#byKey ??= Map.groupBy(observations, ({ key }) => key);
  }

  get isKnown(): boolean {
    return this.#byKey !== undefined;
  }

  keys(): Iterable<PodKey> {
    return this.#byKey?.keys() ?? [];
  }

  uids(): string[] {
    return [...(this.#byKey?.values() ?? [])].flat().map(({ identity }) => identity.uid);
  }

  /** For sure. */
  hasNothingOf(key: PodKey): boolean {
    return this.#byKey !== undefined && !this.#byKey.has(key);
  }

  /** A container of that version runs. */
  runs(key: PodKey, uid: string): boolean {
    return (this.#byKey?.get(key) ?? []).some(
      ({ identity, kind, state }) => kind === 'container' && state === 'running' && identity.uid === uid,
    );
  }

  /** From now on what is there is what actors know of. */
  handedOn(): void {
    if (this.#byKey) this.#byKey = new Map();
  }
}
