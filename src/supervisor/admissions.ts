// Who may run on this node and who waits: holds room for each Pod from its admission to its end, and keeps the refused
// ones in the order in which they get a turn again. On main; the supervisor carries out what is decided here.
import type { Pod } from '../kubernetes/pod.ts';
import { isCritical, priorityOf } from '../kubernetes/priority.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import { refusalOf } from './admission.ts';
import { victimsOf } from './admit/preemption.ts';
import type { NodeFacts, Refusal } from './admit/rule.ts';
import type { Claim } from './claims.ts';
import { Occupancy } from './occupancy.ts';

/** A Pod without room. `awaits`: its room is being made by these, which stop for it. */
export type Waiting = {
  claim: Claim;
  refusal: Refusal;
  awaits: PodKey[];
  arrival: number;
  sinceMs: number;
};

export const PREEMPTING = 'Preempting';

export class Admissions {
  readonly #node: NodeFacts;
  readonly #occupancy = new Occupancy();
  readonly #waiting = new Map<PodKey, Waiting>();
  #arrivals = 0;

  constructor(node: NodeFacts) {
    this.#node = node;
  }

  /**
   * Admitted (undefined), and from now on the room is held; or what it has come to now, with who has to stop for it.
   */
  ask(
    key: PodKey,
    claim: Claim,
    isStopping: (key: PodKey) => boolean,
    nowMs: number,
  ): { waiting: Waiting; victims: PodKey[] } | undefined {
    const { pod } = claim.staticPod;
    this.#unreserve(key);
    const refusal = refusalOf(pod, { node: this.#node, occupied: this.#occupancy.besides(key) });
    if (!refusal) {
      this.take(key, claim);
      return undefined;
    }
    if (!refusal.short || !isCritical(pod))
      return { waiting: this.#wait(key, claim, refusal, [], nowMs), victims: [] };
    const holders = [...this.#occupancy.pods()]
      .filter(([other]) => other !== key && !this.#isReserved(other))
      .map(([other, held]) => ({ key: other, pod: held, stopping: isStopping(other) }));
    const victims = victimsOf(pod, refusal.short, holders);
    if (!victims) return { waiting: this.#wait(key, claim, refusal, [], nowMs), victims: [] };
    const stopping = holders.filter((holder) => holder.stopping).map((holder) => holder.key);
    const waiting = this.#wait(key, claim, refusal, [...victims, ...stopping], nowMs);
    this.#occupancy.hold(key, [...this.#occupancy.versionsOf(key), pod]);
    return { waiting, victims };
  }

  /** It runs already, or may: the room is its own, whatever there is of it. */
  take(key: PodKey, { staticPod }: { staticPod: StaticPod }): void {
    this.forget(key);
    const [before] = this.#occupancy.versionsOf(key);
    const replaces = before !== undefined && before.metadata?.uid !== staticPod.uid;
    this.#occupancy.hold(key, replaces ? [before, staticPod.pod] : [staticPod.pod]);
  }

  /** Stops for another Pod's sake, and then waits for room like any other. */
  preempt(key: PodKey, claim: Claim, nowMs: number): Waiting {
    this.#unreserve(key);
    const message = 'Preempted in order to admit critical pod';
    return this.#wait(key, claim, { reason: PREEMPTING, message }, [], nowMs);
  }

  /** The refused one is no longer wanted. */
  forget(key: PodKey): boolean {
    this.#unreserve(key);
    return this.#waiting.delete(key);
  }

  /** For who would foresee what is admitted. */
  room(): { node: NodeFacts; held: [PodKey, Pod][] } {
    return { node: this.#node, held: [...this.#occupancy.pods()] };
  }

  waiting(key: PodKey): Waiting | undefined {
    return this.#waiting.get(key);
  }

  /** By priority, then by arrival. */
  inOrder(): PodKey[] {
    return [...this.#waiting]
      .sort(
        ([, a], [, b]) =>
          priorityOf(b.claim.staticPod.pod) - priorityOf(a.claim.staticPod.pod) || a.arrival - b.arrival,
      )
      .map(([key]) => key);
  }

  /**
   * What is seen of a Pod may give room back: a version that has been replaced, or a Pod that has ended (kubelet
   * filterOutInactivePods). Answers whether it did.
   */
  seen(key: PodKey, pod: Pod | undefined, stopping: boolean): boolean {
    const versions = this.#occupancy.versionsOf(key);
    const latest = versions.at(-1);
    if (stopping) {
      // Host ports are free when the sandbox has gone, which `ended` tells.
      const isFree = !pod || hasEnded(pod);
      return isFree && !this.#occupancy.hasPorts(key) && this.#occupancy.release(key);
    }
    if (!pod || this.#isReserved(key)) return false;
    const isLatest = latest?.metadata?.uid === pod.metadata?.uid && !pod.metadata?.deletionTimestamp;
    if (hasEnded(pod)) return isLatest && this.#occupancy.release(key);
    if (!latest) this.#occupancy.hold(key, [pod]);
    if (!latest || !isLatest || versions.length < 2) return false;
    this.#occupancy.hold(key, [latest]);
    return true;
  }

  /** Nothing of it is left. */
  ended(key: PodKey): void {
    this.#occupancy.release(key);
  }

  #wait(key: PodKey, claim: Claim, refusal: Refusal, awaits: PodKey[], nowMs: number): Waiting {
    const before = this.#waiting.get(key);
    const { arrival, sinceMs } = before ?? { arrival: this.#arrivals++, sinceMs: nowMs };
    // Why it stopped says more than why it does not run again yet.
    const wasPreempted =
      before?.refusal.reason === PREEMPTING && before.claim.staticPod.uid === claim.staticPod.uid;
    const waiting = { claim, refusal: wasPreempted ? before.refusal : refusal, awaits, arrival, sinceMs };
    this.#waiting.set(key, waiting);
    return waiting;
  }

  #isReserved(key: PodKey): boolean {
    return (this.#waiting.get(key)?.awaits.length ?? 0) > 0;
  }

  /** A critical Pod that waits for others to stop holds its room already, so that nobody else takes it. */
  #unreserve(key: PodKey): void {
    const waiting = this.#waiting.get(key);
    if (!waiting || waiting.awaits.length === 0) return;
    this.#waiting.set(key, { ...waiting, awaits: [] });
    const rest = this.#occupancy.versionsOf(key).slice(0, -1);
    if (rest.length > 0) this.#occupancy.hold(key, rest);
    else this.#occupancy.release(key);
  }
}

/** None of its containers runs, or will. */
function hasEnded({ status }: Pod): boolean {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  const runs = [...initContainerStatuses, ...containerStatuses].some(({ state }) => state?.running);
  return (status?.phase === 'Succeeded' || status?.phase === 'Failed') && !runs;
}
