// Who hears what of an engine's events: each Pod's actor its own Pod's, main the engine's state and whatever concerns
// a Pod that nobody attends to. Every implementation of Engine hands its events to one of these.
import type { PodKey } from '../manifest/static-pod.ts';
import type { EngineEvent } from './engine.ts';

export type EngineState = Extract<EngineEvent, { type: 'engine' }>;
export type PodEvent = Exclude<EngineEvent, { type: 'engine' }>;

/** What main hears. */
export type WatchEvent = EngineState | { type: 'unattended'; key: PodKey; event: PodEvent };

export type EngineListener = (event: EngineEvent) => void;

export interface EngineEvents {
  /** One listener a key: a second replaces the first. Answers with how to end it. */
  attach(key: PodKey, listener: EngineListener): () => void;
  watch(listener: (event: WatchEvent) => void): () => void;
}

export class Subscriptions implements EngineEvents {
  readonly #byKey = new Map<PodKey, EngineListener>();
  readonly #watchers = new Set<(event: WatchEvent) => void>();
  #state: EngineState | undefined;

  /** An engine that is away at this moment is said so at once. */
  attach(key: PodKey, listener: EngineListener): () => void {
    this.#byKey.set(key, listener);
    if (this.#state?.available === false) listener(this.#state);
    return () => {
      if (this.#byKey.get(key) === listener) this.#byKey.delete(key);
    };
  }

  watch(listener: (event: WatchEvent) => void): () => void {
    this.#watchers.add(listener);
    if (this.#state) listener(this.#state);
    return () => this.#watchers.delete(listener);
  }

  keys(): Iterable<PodKey> {
    return this.#byKey.keys();
  }

  send(key: PodKey, event: PodEvent): void {
    const listener = this.#byKey.get(key);
    if (listener) listener(event);
    else for (const watcher of this.#watchers) watcher({ type: 'unattended', key, event });
  }

  announce(state: EngineState): void {
    this.#state = state;
    for (const listener of [...this.#byKey.values(), ...this.#watchers]) listener(state);
  }
}
