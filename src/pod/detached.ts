// Probes and hooks under way: each is given up as soon as its container no longer runs.
import { type Effect, isHandler } from './events.ts';
import { containerId, generationsOf, type PodState } from './state.ts';

export class Detached {
  readonly #running = new Map<number, { id: string; abort: AbortController }>();

  /** The signal that gives this effect up; undefined for an effect that must run to its end. */
  begin(effect: Effect): AbortSignal | undefined {
    if (!isHandler(effect)) return undefined;
    const abort = new AbortController();
    this.#running.set(effect.call, { id: effect.id, abort });
    return abort.signal;
  }

  end({ call }: Effect): void {
    this.#running.delete(call);
  }

  follow(state: PodState): void {
    if (this.#running.size === 0) return;
    const running = new Set(
      generationsOf(state).flatMap(({ containers }) =>
        containers.filter(({ phase }) => phase.at === 'running').map(containerId),
      ),
    );
    for (const { id, abort } of this.#running.values()) if (!running.has(id)) abort.abort();
  }
}
