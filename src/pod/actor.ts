// The shell around the pure transition: a mailbox, one timer, the effects and what they answer, the checkpoint, the
// published status. Owned by one Pod thread; a broken invariant kills that thread, and main revives the Pod.

import type { Remote } from '../actors/call.ts';
import type { Clock, Timer } from '../clock.ts';
import type { EngineEvent } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { checkpointText, restore } from './checkpoint.ts';
import { Detached } from './detached.ts';
import type { AnsweredEvent, Effect, PodEvent } from './events.ts';
import { narrate } from './narrate.ts';
import { type LinkLog, newLogs } from './new-logs.ts';
import { deadContainersOf } from './plan-dead.ts';
import { Publication } from './publication.ts';
import type { RunEffect } from './run-effect.ts';
import type { PodBoot, PodParent } from './service.ts';
import { ChangeSpans } from './spans.ts';
import { type Desired, newPodState, type PodState } from './state.ts';
import { transition } from './transition.ts';

/** The two things that an actor does to the host at once, without an answer. */
export type ActorHost = {
  /** Replaces the Pod's checkpoint, or removes it (''). Throws if it cannot. */
  checkpoint(text: string): void;
  linkLog: LinkLog;
};

export type PodActorOptions = {
  boot: PodBoot;
  clock: Clock;
  runEffect: RunEffect;
  host: ActorHost;
  parent: Remote<PodParent>;
};

export class PodActor {
  readonly #options: PodActorOptions;
  readonly #publication: Publication;
  readonly #spans: ChangeSpans;
  readonly #detached = new Detached();
  readonly #mailbox: PodEvent[] = [];
  #state: PodState;
  #desiredVersion = 0;
  #busy = false;
  #timer: Timer | undefined;
  /** As last written; undefined until something was. */
  #checkpoint: string | undefined;
  #ended = false;

  constructor(options: PodActorOptions) {
    const { boot, clock, parent } = options;
    const [bornMs, lot] = [clock.now(), clock.random()];
    const restored = boot.checkpoint === undefined ? undefined : restore(boot.checkpoint, bornMs, lot);
    this.#options = options;
    this.#state = restored?.state ?? newPodState(boot.key, { want: 'undecided' }, bornMs, lot);
    this.#publication = new Publication(clock, boot.hostIps, restored?.conditions, (pod) => {
      // With it the conditions changed, and when.
      this.#writeCheckpoint();
      if (!boot.retention?.counted) return parent.published(boot.key, pod);
      return parent.published(boot.key, pod, deadContainersOf(this.#state));
    });
    this.#spans = new ChangeSpans(boot.key);
    if (boot.known) this.#know(boot.known);
    else if (restored) this.receive({ type: 'tick' });
  }

  /** Begins a change in the caller's trace. */
  desire(desired: Desired, version: number): void {
    this.#desiredVersion = version;
    this.#ended = false;
    this.#spans.begin(desired);
    this.receive({ type: 'desire', desired });
  }

  receive(event: PodEvent | EngineEvent): void {
    this.#mailbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#mailbox.shift(); next; next = this.#mailbox.shift()) this.#step(next);
      this.#busy = false;
    } catch (error) {
      // Whoever called must not swallow it: a broken invariant ends this thread.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Main knows for sure what the engine has: that stands in for the first list. */
  #know(known: NonNullable<PodBoot['known']>): void {
    const effect = { type: 'list', call: 0, serial: 0 } as const;
    this.#state = { ...this.#state, list: { at: 'asked', call: 0 } };
    this.receive({ type: 'answered', effect, result: { ok: true, value: known } });
  }

  #step(event: PodEvent): void {
    const { clock, boot } = this.#options;
    const before = this.#state;
    const { podInfraContainerImage, retention } = boot;
    const { state, effects, wakeAtMs } = transition(
      before,
      event,
      clock.now(),
      podInfraContainerImage,
      retention,
    );
    this.#state = state;
    this.#spans.follow(before, state);
    // Written ahead: what the effects do must be known to whoever comes after a crash.
    this.#writeCheckpoint();
    this.#detached.follow(state);
    for (const effect of effects) this.#run(effect, state);
    this.#wakeAt(wakeAtMs);
    for (const { level, message, fields } of narrate(before, state))
      void this.#options.parent.log(level, message, fields);
    for (const log of newLogs(before, state)) this.#options.host.linkLog(log);
    this.#publication.offer(state);
    this.#endIfDone();
  }

  #run(effect: Effect, state: PodState): void {
    const signal = this.#detached.begin(effect);
    void this.#spans
      .run(effect, () => this.#options.runEffect(effect, state, signal))
      .then((result) => {
        this.#detached.end(effect);
        this.receive({ type: 'answered', effect, result } as AnsweredEvent);
      });
  }

  #wakeAt(atMs: number | undefined): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timer =
      atMs === undefined ? undefined : clock.after(atMs - clock.now(), () => this.receive({ type: 'tick' }));
  }

  #writeCheckpoint(): void {
    const { host, boot, parent } = this.#options;
    const { current, next, leftovers, cleanups } = this.#state;
    const text =
      current || next || leftovers.length + cleanups.length > 0
        ? checkpointText(this.#state, this.#publication.conditionsOf(this.#state))
        : '';
    if (text === this.#checkpoint) return;
    try {
      host.checkpoint(text);
      this.#checkpoint = text;
    } catch (error) {
      // A full disk must not stop the Pod: the labels on the engine carry the essentials.
      void parent.log('warn', 'cannot write the checkpoint of the Pod', {
        pod: boot.key,
        cause: messageOf(error),
      });
    }
  }

  #endIfDone(): void {
    const { desired, current, next, leftovers, cleanups, calls, list } = this.#state;
    const idle =
      !current && !next && leftovers.length === 0 && cleanups.length === 0 && Object.keys(calls).length === 0;
    if (this.#ended || desired.want !== 'gone' || list.at !== 'known' || !idle) return;
    this.#ended = true;
    this.#publication.flush();
    void this.#options.parent.ended(this.#options.boot.key, this.#desiredVersion);
  }
}
