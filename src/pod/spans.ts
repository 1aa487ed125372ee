// The trace of one change of a Pod: `pod.change` from the word that came to the state that was wanted, with a span for
// each container's start and for the termination below it. Effects run in its context, so the engine's calls join it.
// Between changes (restarts, the engine's doings) nothing is traced.
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { DETACHED, type Effect } from './events.ts';
import { initialized } from './restart-policy.ts';
import { isSetUp } from './started.ts';
import type { ContainerSlot, Desired, Generation, PodState } from './state.ts';

export class ChangeSpans {
  readonly #key: string;
  readonly #containers = new Map<string, Span>();
  readonly #terminations = new Map<number, Span>();
  #change: Span | undefined;
  #context: Context | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  /** In the context of the message that brought it. A change that was under way ends here, unfinished. */
  begin(desired: Desired): void {
    this.#end('superseded');
    const uid = desired.want === 'run' ? desired.staticPod.uid : '';
    this.#change = trace
      .getTracer('monopod')
      .startSpan('pod.change', { attributes: { pod: this.#key, want: desired.want, uid } });
    this.#context = trace.setSpan(context.active(), this.#change);
  }

  /** Runs an effect inside the change, under the span of the container it is for; a hook gets one of its own. */
  run<T>(effect: Effect, action: () => Promise<T>): Promise<T> {
    if (!this.#context) return action();
    if (effect.type === 'run-hook') {
      const span = this.#span('pod.hook', { container: effect.container, hook: effect.hook });
      return context.with(trace.setSpan(this.#context, span), action).finally(() => span.end());
    }
    const own =
      'container' in effect && effect.type !== 'kill' && !DETACHED.has(effect.type)
        ? this.#container(effect.serial, effect.container)
        : undefined;
    return context.with(own ? trace.setSpan(this.#context, own) : this.#context, action);
  }

  follow(before: PodState, after: PodState): void {
    if (!this.#context) return;
    for (const generation of [after.current, after.next]) {
      if (!generation) continue;
      if (generation.stage === 'terminating' && !this.#terminations.has(generation.serial)) {
        this.#terminations.set(
          generation.serial,
          this.#span('pod.termination', { uid: generation.staticPod.uid }),
        );
      }
      for (const slot of generation.containers) this.#followContainer(generation, slot);
    }
    const old = before.current;
    if (old && after.current?.serial !== old.serial) {
      this.#terminations.get(old.serial)?.end();
      this.#terminations.delete(old.serial);
    }
    if (isSettled(after)) this.#end();
  }

  #followContainer({ serial }: Generation, slot: ContainerSlot): void {
    const id = `${serial}/${slot.name}`;
    const span = this.#containers.get(id);
    if (!span) return;
    if (slot.problem) span.setStatus({ code: SpanStatusCode.ERROR, message: slot.problem.message });
    if (!isSetUp(slot) && slot.phase.at !== 'exited') return;
    span.end();
    this.#containers.delete(id);
  }

  #container(serial: number, name: string): Span {
    const id = `${serial}/${name}`;
    const span = this.#containers.get(id) ?? this.#span('pod.container', { container: name || 'POD' });
    this.#containers.set(id, span);
    return span;
  }

  #span(name: string, attributes: Record<string, string>): Span {
    return trace.getTracer('monopod').startSpan(name, { attributes }, this.#context);
  }

  #end(outcome?: string): void {
    for (const span of [...this.#containers.values(), ...this.#terminations.values()]) span.end();
    this.#containers.clear();
    this.#terminations.clear();
    if (outcome) this.#change?.setAttribute('outcome', outcome);
    this.#change?.end();
    this.#change = undefined;
    this.#context = undefined;
  }
}

/** What is desired is so: every container of it has started, or all of it is gone. */
function isSettled({ desired, current, next }: PodState): boolean {
  if (desired.want === 'undecided' || next) return false;
  if (desired.want === 'gone') return !current;
  if (!current || current.staticPod.uid !== desired.staticPod.uid || current.stage === 'terminating')
    return false;
  if (current.stage === 'finished') return true;
  return (
    initialized(current) &&
    current.containers.every((slot) => slot.init || isSetUp(slot) || slot.phase.at === 'exited')
  );
}
