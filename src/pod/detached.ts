// What may be given up while it is under way: probes and hooks as soon as their container no longer runs, a wait for an
// image as soon as nothing of the Pod wants it.
import { type Effect, isHandler } from './events.ts';
import { containerId, generationBySerial, generationsOf, type PodState } from './state.ts';

type Running = { abort: AbortController } & (
  | { for: 'container'; id: string }
  | { for: 'generation'; serial: number }
);

export class Detached {
  readonly #running = new Map<number, Running>();

  /** The signal that gives this effect up; undefined for an effect that must run to its end. */
  begin(effect: Effect): AbortSignal | undefined {
    const abort = new AbortController();
    if (isHandler(effect)) this.#running.set(effect.call, { for: 'container', id: effect.id, abort });
    else if (effect.type === 'ensure-image')
      this.#running.set(effect.call, { for: 'generation', serial: effect.serial, abort });
    else return undefined;
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
    for (const one of this.#running.values()) {
      const isWanted = one.for === 'container' ? running.has(one.id) : startsContainers(state, one.serial);
      if (!isWanted) one.abort.abort();
    }
  }
}

function startsContainers(state: PodState, serial: number): boolean {
  const stage = generationBySerial(state, serial)?.stage;
  return stage === 'preparing' || stage === 'active';
}
