// What main gets to see of a Pod: its manifest with a status made from the actor's state. The first change goes at
// once, further ones within 100 ms go as one, and what does not differ does not go at all.
import { type Clock, rfc3339 } from '../clock.ts';
import type { Pod, PodStatus } from '../kubernetes/pod.ts';
import { generateStatus } from '../status/generate.ts';
import type { PodView } from '../status/view.ts';
import { type Generation, newGeneration, type PodState } from './state.ts';
import { viewOf } from './view.ts';

const togetherMs = 100;

export class Publication {
  readonly #clock: Clock;
  readonly #hostIps: string[];
  readonly #publish: (pod: Pod | undefined) => unknown;
  #status: PodStatus | undefined;
  #serial = 0;
  #latest: PodState | undefined;
  #sent = '';
  #sentAtMs = 0;
  #pending = false;

  constructor(
    clock: Clock,
    hostIps: string[],
    conditions: PodStatus['conditions'],
    publish: (pod: Pod | undefined) => unknown,
  ) {
    this.#clock = clock;
    this.#hostIps = hostIps;
    this.#publish = publish;
    this.#status = conditions && { conditions };
  }

  /** When each condition last changed: of the status made last. */
  get conditions(): PodStatus['conditions'] {
    return this.#status?.conditions;
  }

  offer(state: PodState): void {
    const { stopped } = state;
    if (stopped && stopped !== this.#latest?.stopped) this.#send(this.#podOf(state, stopped));
    const turned = stageOf(state) !== (this.#latest && stageOf(this.#latest));
    this.#latest = state;
    // A Pod that begins or begins to stop is told of at once: it may be over within the time that others wait.
    if (turned) return this.flush();
    if (this.#pending) return;
    const waitMs = this.#sentAtMs + togetherMs - this.#clock.now();
    if (waitMs <= 0) return this.flush();
    this.#pending = true;
    this.#clock.after(waitMs, () => this.flush());
  }

  flush(): void {
    this.#pending = false;
    // Before the first list nothing is known, and nothing is said.
    if (!this.#latest || (this.#latest.list.at !== 'known' && this.#latest.engine.available)) return;
    this.#send(this.#podNow(this.#latest));
  }

  #send(pod: Pod | undefined): void {
    const text = JSON.stringify(pod) ?? '';
    if (text === this.#sent) return;
    this.#sent = text;
    this.#sentAtMs = this.#clock.now();
    this.#publish(pod);
  }

  #podNow(state: PodState): Pod | undefined {
    const generation = state.current ?? state.next ?? expected(state);
    return generation && this.#podOf(state, generation);
  }

  #podOf(state: PodState, generation: Generation): Pod {
    const nowMs = this.#clock.now();
    const view = viewOf(state, generation, this.#hostIps, nowMs);
    // The same UID may come back: its new life has nothing of the old one. 0 stands for what the checkpoint told of.
    const previous = this.#serial === 0 || this.#serial === generation.serial ? this.#status : undefined;
    this.#status = generateStatus(view, previous, nowMs);
    this.#serial = generation.serial;
    return { apiVersion: 'v1', kind: 'Pod', ...view.pod, metadata: metadataOf(view), status: this.#status };
  }
}

const stageOf = ({ current }: PodState) => current && `${current.serial} ${current.stage}`;

/** While the engine has never answered, nothing is made of what is desired; it shows as Pending, and why. */
function expected({ desired, engine }: PodState): Generation | undefined {
  if (desired.want !== 'run' || engine.available) return undefined;
  return newGeneration(0, desired.staticPod, 'preparing', engine.sinceMs);
}

/** A Pod that stops says since when and for how long, as the API does. */
function metadataOf({ pod, startedAtMs, termination }: PodView): Pod['metadata'] {
  const metadata = { ...pod.metadata, creationTimestamp: rfc3339(startedAtMs) };
  if (!termination) return metadata;
  const { sinceMs, graceSeconds } = termination;
  return {
    ...metadata,
    deletionTimestamp: rfc3339(sinceMs + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
}
