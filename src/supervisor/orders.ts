// What stands between a manifest that holds its name and the version that its Pod's actor is told to run: orders of a
// person, and roll-backs. Kept under the root directory, so that they outlive monopod. On main.
import type { Clock, Timer } from '../clock.ts';
import { StartupError, systemReason } from '../config/startup-error.ts';
import { messageOf } from '../errors.ts';
import { readOrders, removeOrder, writeOrder } from '../host/order-files.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { rollbackAfterMs } from '../manifest/rollback-after.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import type { OrderVerb } from '../server/node-orders.ts';
import type { Log } from '../telemetry/log.ts';
import type { Claim } from './claims.ts';
import type { Order } from './order.ts';
import * as is from './order.ts';
import { hasProved, whyNotReady } from './readiness.ts';

export type OrdersOptions = {
  rootDir: string;
  clock: Clock;
  log: Log;
  /** As last published. */
  podOf(key: PodKey): Pod | undefined;
  /** What its actor is to run. */
  runs(key: PodKey): StaticPod | undefined;
  /** Another version is wanted now. */
  onRolledBack(key: PodKey): void;
};

/** After a start of monopod a version on trial gets this long at least, unless it had less from the beginning. */
const freshChanceMs = 10_000;

export class Orders {
  readonly #options: OrdersOptions;
  readonly #orders = new Map<PodKey, Order>();
  readonly #timers = new Map<PodKey, Timer>();
  readonly #startedAtMs: number;

  constructor(options: OrdersOptions) {
    const { rootDir, clock, log } = options;
    this.#options = options;
    this.#startedAtMs = clock.now();
    for (const [key, text] of ordersIn(rootDir)) {
      const order = is.readOrder(key, text);
      if (order) this.#orders.set(key, order);
      else log.warn('a damaged order is ignored: the Pod runs as its manifest says', { pod: key });
    }
    for (const key of this.#orders.keys()) this.#await(key);
  }

  of(key: PodKey): Order | undefined {
    return this.#orders.get(key);
  }

  all(): Iterable<[PodKey, Order]> {
    return this.#orders;
  }

  /** The claim with the version that is to run; undefined: none. */
  wanted(claim: Claim | undefined): Claim | undefined {
    if (!claim) return undefined;
    const staticPod = is.wantedOf(this.#orders.get(claim.staticPod.key), claim.staticPod);
    return staticPod && { ...claim, staticPod };
  }

  /** A manifest holds its name: perhaps in another version than before. */
  claimed(manifest: StaticPod): void {
    this.#change(manifest.key, (order) => is.edited(order, manifest));
  }

  /** Carries it out as far as it is ours. Throws when it cannot be kept; nothing has changed then. */
  give(verb: OrderVerb, manifest: StaticPod): void {
    const nowMs = this.#options.clock.now();
    const { key } = manifest;
    const before = this.#orders.get(key) ?? { manifest };
    const take = { restart: is.restart, stop: is.stop, start: is.start }[verb];
    this.#keep(key, take(before, nowMs));
    this.#await(key);
  }

  /** Its actor is about to be told to run this version of that manifest. */
  handsOver(version: StaticPod, manifest: StaticPod): void {
    const { key } = manifest;
    const before = this.#orders.get(key) ?? { manifest };
    this.#change(key, () => is.handedOver(before, version), before);
    const isAlone = !before.ready && rollbackAfterMs(version.pod) !== undefined;
    if (isAlone)
      this.#options.log.info('nothing to roll back to: no version of the Pod has been Ready', { pod: key });
  }

  /** Its actor, which is to run this version, has published. */
  seen(version: StaticPod, manifest: StaticPod, pod: Pod): void {
    if (pod.metadata?.uid !== version.uid) return;
    const { key } = version;
    const before = this.#orders.get(key);
    if (hasProved(pod)) {
      if (before?.ready === version) return;
      this.#change(key, (order) => is.becameReady(order, version), before ?? { manifest });
    } else if (before?.trial) {
      this.#change(key, (order) => is.tookOver(order, version, this.#options.clock.now()));
    }
  }

  /**
   * No manifest claims the name any more. What was ordered of that manifest ends with it; a stop is of the name: a file
   * that is written anew, or moved away and back, must not start what a person has stopped.
   */
  manifestGone(key: PodKey): void {
    if (!this.#orders.get(key)?.stopped) this.forget(key);
  }

  /** Nothing is ordered any more. Throws when that cannot be kept; nothing has changed then. */
  forget(key: PodKey): void {
    const order = this.#orders.get(key);
    if (!order) return;
    if (is.isStanding(order)) this.#write(key, undefined);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    this.#orders.delete(key);
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** What happens of itself goes on even if it cannot be kept. */
  #change(key: PodKey, change: (order: Order) => Order, first?: Order): void {
    const before = this.#orders.get(key) ?? first;
    if (!before) return;
    const after = change(before);
    if (after === before) return;
    try {
      this.#keep(key, after);
    } catch (error) {
      this.#orders.set(key, after);
      this.#options.log.error('what holds for a Pod cannot be kept for the next start', {
        pod: key,
        cause: messageOf(error),
      });
    }
    this.#await(key);
  }

  #keep(key: PodKey, order: Order): void {
    const before = this.#orders.get(key);
    if (is.isStanding(order)) this.#write(key, order);
    else if (before && is.isStanding(before)) this.#write(key, undefined);
    this.#orders.set(key, order);
  }

  #write(key: PodKey, order: Order | undefined): void {
    const { rootDir } = this.#options;
    if (order) writeOrder(rootDir, key, is.orderText(order));
    else removeOrder(rootDir, key);
  }

  /** A version on trial has its time; nothing else has a timer. */
  #await(key: PodKey): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    const { clock } = this.#options;
    const deadlineMs = this.#deadlineMs(key);
    if (deadlineMs === undefined) return;
    const timer = clock.after(deadlineMs - clock.now(), () => this.#timeIsUp(key));
    this.#timers.set(key, timer);
  }

  #deadlineMs(key: PodKey): number | undefined {
    const order = this.#orders.get(key);
    const sinceMs = order?.trial?.sinceMs;
    const version = order && is.wantedOf(order, order.manifest);
    const afterMs = version && rollbackAfterMs(version.pod);
    if (sinceMs === undefined || afterMs === undefined) return undefined;
    return Math.max(sinceMs + afterMs, this.#startedAtMs + Math.min(afterMs, freshChanceMs));
  }

  #timeIsUp(key: PodKey): void {
    const { clock, log, podOf, runs, onRolledBack } = this.#options;
    const order = this.#orders.get(key);
    const { trial, ready, manifest } = order ?? {};
    if (!trial || !ready || !manifest) return;
    // Longer than a timer can be.
    if (clock.now() < (this.#deadlineMs(key) ?? 0)) return this.#await(key);
    // It gave way to another Pod meanwhile: that is not its failure, and it begins anew when it is back.
    if (runs(key)?.uid !== trial.uid) return this.#change(key, is.withoutTrial);
    const pod = podOf(key);
    const reason = pod ? whyNotReady(pod) : 'it is not Ready';
    log.warn('rolled back: a version has not become Ready in time, the last one that was runs instead', {
      pod: key,
      manifest: manifest.origin,
      uid: trial.uid,
      instead: ready.uid,
      cause: reason,
    });
    this.#change(key, (before) => is.givenUp(before, clock.now(), reason));
    onRolledBack(key);
  }
}

/** To go on without would start what is to stay stopped. */
function ordersIn(rootDir: string): Map<PodKey, string> {
  try {
    return readOrders(rootDir);
  } catch (error) {
    throw new StartupError(
      `cannot read what was ordered for Pods (${rootDir}/orders): ${systemReason(error)}`,
      {
        cause: error,
      },
    );
  }
}
