// What main gets to see of a Pod: its manifest with a status made from the actor's state. Changes within 100 ms go as
// one, the last of them; a stage that is reached goes at once; what does not differ does not go at all.
import { type Clock, rfc3339, type Timer } from '../clock.ts';
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
  #status: Pick<PodStatus, 'conditions'> | undefined;
  /** Of the generation that `#status` is of; 0 stands for what the checkpoint told of. */
  #serial = 0;
  #latest: PodState | undefined;
  #sent = '';
  #timer: Timer | undefined;

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

  /** When each condition of the generation that is shown last changed. */
  conditionsOf(state: PodState): PodStatus['conditions'] {
    const isItsOwn = this.#serial === 0 || this.#serial === shownOf(state)?.serial;
    return isItsOwn ? this.#status?.conditions : undefined;
  }

  offer(state: PodState): void {
    const { stopped } = state;
    if (stopped && stopped !== this.#latest?.stopped) this.#send(this.#podOf(state, stopped));
    const turned = stageOf(state) !== (this.#latest && stageOf(this.#latest));
    this.#latest = state;
    // A Pod that begins or begins to stop is told of at once: it may be over within the time that others wait.
    if (turned || this.#sent === '') return this.flush();
    this.#timer ??= this.#clock.after(togetherMs, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // Before the first list nothing is known, and nothing is said.
    if (!this.#latest || (this.#latest.list.at !== 'known' && this.#latest.engine.available)) return;
    this.#send(this.#podNow(this.#latest));
  }

  #send(pod: Pod | undefined): void {
    const text = JSON.stringify(pod) ?? '';
    if (text === this.#sent) return;
    this.#sent = text;
    this.#publish(pod);
  }

  #podNow(state: PodState): Pod | undefined {
    const generation = shownOf(state) ?? expected(state);
    return generation && this.#podOf(state, generation);
  }

  #podOf(state: PodState, generation: Generation): Pod {
    // The same UID may come back: its new life has nothing of the old one.
    const previous = this.#serial === 0 || this.#serial === generation.serial ? this.#status : undefined;
    const pod = podOf(state, generation, previous?.conditions, this.#hostIps, this.#clock.now());
    this.#status = pod.status;
    this.#serial = generation.serial;
    return pod;
  }
}

/** What a checkpoint knows of the Pod: what main shows of it until its actor has asked the engine. */
export function lastSeen(
  state: PodState,
  conditions: PodStatus['conditions'],
  hostIps: string[],
  nowMs: number,
): Pod | undefined {
  const generation = shownOf(state);
  return generation && podOf(state, generation, conditions, hostIps, nowMs);
}

function podOf(
  state: PodState,
  generation: Generation,
  conditions: PodStatus['conditions'],
  hostIps: string[],
  nowMs: number,
): Pod {
  const view = viewOf(state, generation, hostIps, nowMs);
  const status = generateStatus(view, { conditions }, nowMs);
  return { apiVersion: 'v1', kind: 'Pod', ...view.pod, metadata: metadataOf(view), status };
}

const shownOf = ({ current, next }: PodState): Generation | undefined => current ?? next;

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
