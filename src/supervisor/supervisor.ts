// Desired set -> actors. Takes updates from sources, settles who holds which name, admits, and hands each Pod's actor
// the generation to run; revives what dies. Runs on main and waits for nothing.
import { type Context, context } from '@opentelemetry/api';
import type { Spares } from '../actors/spares.ts';
import type { ThreadExit } from '../actors/thread.ts';
import type { Clock } from '../clock.ts';
import type { ContainerObservation } from '../engine/engine.ts';
import { readCheckpoints } from '../host/checkpoint.ts';
import { priorityOf } from '../kubernetes/priority.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import type { PodBoot, PodParent, PodThread } from '../pod/service.ts';
import type { Desired } from '../pod/state.ts';
import type { NodeOrders } from '../server/node-orders.ts';
import type { SourceUpdate } from '../sources/update.ts';
import { extract } from '../telemetry/carrier.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceStore } from '../telemetry/store.ts';
import { withActorDeath } from './actor-death.ts';
import { Admissions, PREEMPTING } from './admissions.ts';
import type { NodeFacts } from './admit/rule.ts';
import { adoptable } from './adoption.ts';
import { type Claim, Claims } from './claims.ts';
import { Conflicts } from './conflicts.ts';
import { DeadContainers } from './dead-containers.ts';
import { inDispatchSpan } from './dispatch-span.ts';
import type { EngineLink } from './engine-link.ts';
import { Hearing } from './hearing.ts';
import type { NodeTable } from './node-table.ts';
import { OnEngine } from './on-engine.ts';
import { Orders } from './orders.ts';
import { PodHandle } from './pod-handle.ts';
import { reasonOf, waitingPod } from './refused-pod.ts';
import { isSameRefusal, reportRefusal } from './report-refusal.ts';
import { ManifestNews } from './report-update.ts';
import { deathsInARow, restartDelayMs } from './restart-delay.ts';
import { takeOrder } from './take-order.ts';
import { Turns } from './turns.ts';

export type SupervisorOptions = {
  /** All of a Pod's birth that is the same for every Pod. */
  boot: Omit<PodBoot, 'key' | 'checkpoint' | 'known'>;
  /** What Pods are weighed against. */
  node: NodeFacts;
  /** Absent, and below 0: any number. */
  maxDeadContainers?: number;
  /** Every source that is configured: until each has spoken, nothing is stopped for want of a manifest. */
  sourceIds: string[];
  /** Once: every source and the engine have been heard, and these are the UIDs that either knows. */
  onSettled(known: ReadonlySet<string>): void;
  clock: Clock;
  log: Log;
  table: NodeTable;
  traces: TraceStore;
};

export class Supervisor implements PodParent, NodeOrders {
  readonly claims = new Claims();
  readonly conflicts = new Conflicts();
  readonly orders: Orders;
  readonly hearing: Hearing;
  readonly #options: SupervisorOptions;
  readonly #engine: EngineLink;
  readonly #spares: Spares<PodThread>;
  readonly #dead: DeadContainers;
  readonly #handles = new Map<PodKey, PodHandle>();
  readonly #admissions: Admissions;
  readonly #turns: Turns;
  readonly #news = new ManifestNews();
  readonly #onEngine = new OnEngine();
  #ownerOf: (staticPod: StaticPod) => string | undefined = () => undefined;
  #allHeard = false;
  #closed = false;

  constructor(options: SupervisorOptions, engine: EngineLink, spares: Spares<PodThread>) {
    this.#options = options;
    this.#engine = engine;
    this.#dead = new DeadContainers(options.maxDeadContainers ?? -1, (key, id) =>
      this.#handles.get(key)?.discard(id),
    );
    this.#spares = spares;
    this.#admissions = new Admissions(options.node);
    const { boot, clock, log, sourceIds, table } = options;
    this.hearing = new Hearing(sourceIds, log, clock.now());
    this.#turns = new Turns({
      clock,
      rank: (key) => this.#rank(key),
      settle: (key) => this.#dispatch(key),
      onDone: () => {
        this.#sweep();
        table.manifestsChanged();
      },
    });
    this.orders = new Orders({
      rootDir: boot.rootDir,
      clock,
      log,
      podOf: (key) => table.get(key),
      runs: (key) => this.#handles.get(key)?.runs,
      onRolledBack: (key) => this.#turn(key),
    });
  }

  /**
   * Takes up every Pod of the run before from its checkpoint: it is shown as last seen until its actor has asked the
   * engine. Answers with the last good manifests of then, by source; `ownerOf`: undefined where none of those that are
   * configured can have said it.
   */
  adopt(ownerOf: (staticPod: StaticPod) => string | undefined): Map<string, StaticPod[]> {
    const { boot, clock, log, table } = this.#options;
    this.#ownerOf = ownerOf;
    const manifests = new Map<PodKey, StaticPod>();
    for (const { key, checkpoint, runs, generations, pod } of adoptable(boot, clock, log)) {
      if (pod) table.put(key, pod);
      // What runs is never refused, and comes before all that is new.
      for (const generation of generations) this.#admissions.take(key, generation);
      this.#birth(key, { checkpoint, adopted: runs, owner: runs && ownerOf(runs) });
      if (runs) manifests.set(key, runs);
      if (runs && pod) this.orders.seen(runs, runs, pod);
    }
    // By an order another version may run than the manifest's, or none.
    for (const [key, { manifest }] of this.orders.all()) manifests.set(key, manifest);
    const lastGood = new Map<string, StaticPod[]>();
    for (const manifest of manifests.values()) {
      const sourceId = ownerOf(manifest);
      if (sourceId === undefined) continue;
      lastGood.set(sourceId, [...(lastGood.get(sourceId) ?? []), manifest]);
      this.claims.presume(sourceId, manifest, clock.now());
    }
    return lastGood;
  }

  /** What the engine has, once it has said so: adopts what no checkpoint tells of. */
  engineHas(observations: ContainerObservation[]): void {
    this.#onEngine.learn(observations);
    this.#admitWaiting();
    this.#sweep();
  }

  get knowsEngine(): boolean {
    return this.#onEngine.isKnown;
  }

  update(update: SourceUpdate): void {
    const { clock, log } = this.#options;
    this.hearing.hear(update);
    this.#news.heard(update, log);
    const touched = this.claims.apply(update);
    for (const key of touched) {
      const claim = this.claims.settle(key);
      if (claim) this.orders.claimed(claim.staticPod);
    }
    this.#news.settled(this.conflicts.settled(touched, this.claims, clock.now()), log);
    this.#turns.take(touched);
  }

  room(): ReturnType<Admissions['room']> {
    return this.#admissions.room();
  }

  /** The engine thread was replaced. */
  attachAll(): void {
    for (const [key, handle] of this.#handles) handle.attach(this.#engine.portsFor(key));
  }

  published: PodParent['published'] = (key, pod, dead = []) => {
    this.#dead.keeps(key, pod ? dead : []);
    const { table } = this.#options;
    const runs = this.#handles.get(key)?.runs;
    if (pod && runs) this.orders.seen(runs, this.claims.settle(key)?.staticPod ?? runs, pod);
    const waiting = this.#admissions.waiting(key);
    const roomCameFree = this.#admissions.seen(key, pod, this.#isStopping(key));
    if (waiting?.refusal.reason === PREEMPTING || (waiting && !pod)) table.put(key, waitingPod(waiting, pod));
    else if (pod) table.put(key, pod);
    else table.remove(key);
    if (roomCameFree) this.#admitWaiting();
  };

  ended: PodParent['ended'] = (key, version) => {
    const handle = this.#handles.get(key);
    if (!handle?.hasEnded(version)) return;
    this.#handles.delete(key);
    this.#engine.detach(key);
    this.#dead.keeps(key, []);
    this.#admissions.ended(key);
    const waiting = this.#admissions.waiting(key);
    if (waiting) this.#options.table.put(key, waitingPod(waiting));
    else this.#options.table.remove(key);
    void handle.end();
    this.#admitWaiting();
  };

  log: PodParent['log'] = (level, message, fields) => this.#options.log[level](message, fields);

  async close(): Promise<void> {
    this.#closed = true;
    this.#turns.close();
    this.orders.close();
    await Promise.all([...this.#handles.values()].map((handle) => handle.end()));
  }

  /** What goes makes room, what runs keeps it; of the rest critical Pods come first, then the others as they came. */
  #rank(key: PodKey): number {
    const claim = this.#wanted(key);
    if (!claim) return Number.NEGATIVE_INFINITY;
    const isThere = this.#handles.has(key) || this.#runsUnattended(key, claim);
    return isThere ? Number.MIN_SAFE_INTEGER : -priorityOf(claim.staticPod.pod);
  }

  /** The claim that holds the key, with the version that is to run by what was ordered. */
  #wanted(key: PodKey): Claim | undefined {
    return this.orders.wanted(this.claims.settle(key));
  }

  /** `within`: the trace that led here, where it is not that of the manifest's change. */
  #dispatch(key: PodKey, within?: Context): void {
    const claim = this.#wanted(key);
    const handle = this.#handles.get(key);
    if (!claim) {
      if (this.#admissions.forget(key) && !handle) this.#options.table.remove(key);
      if (handle && handle.desired.want !== 'gone')
        this.#tell(key, handle, { want: 'gone' }, undefined, within);
      return;
    }
    const { staticPod } = claim;
    const desired: Desired = { want: 'run', staticPod };
    if (handle?.runs?.uid === staticPod.uid) {
      this.#admissions.forget(key);
      if (handle.desired.want === 'undecided') this.#tell(key, handle, desired, claim);
      return;
    }
    if (this.#runsUnattended(key, claim)) this.#admissions.take(key, claim);
    else if (!this.#admits(key, claim)) return;
    this.orders.handsOver(staticPod, claim.entry.staticPod ?? staticPod);
    this.#tell(key, handle, desired, claim, within);
  }

  /** Another version is wanted, or none, although no manifest has changed. */
  #turn(key: PodKey, within?: Context): void {
    if (this.claims.settle(key)) this.#dispatch(key, within);
    this.#admitWaiting();
    this.#options.table.manifestsChanged();
  }

  order: NodeOrders['order'] = (key, verb) => {
    const { claims, orders } = this;
    const answer = takeOrder(key, verb, { claims, orders, log: this.#options.log }, (within) =>
      this.#turn(key, within),
    );
    const refusal = answer.ok && this.refusal(key)?.reason;
    return refusal ? { ok: true, taken: { ...answer.taken, refusal } } : answer;
  };

  /** Its containers run, by a run of monopod of which no checkpoint is left. */
  #runsUnattended(key: PodKey, { staticPod }: Claim): boolean {
    return !this.#handles.has(key) && this.#onEngine.runs(key, staticPod.uid);
  }

  /** Says it to the actor, which may have to be born first, in the trace of the change that led here. */
  #tell(key: PodKey, handle: PodHandle | undefined, desired: Desired, claim?: Claim, within?: Context): void {
    const parent = within ?? (claim ? extract(claim.entry.trace) : context.active());
    inDispatchSpan(this.#options.traces, { key, desired, parent }, () =>
      (handle ?? this.#birth(key, {})).desire(desired),
    );
  }

  #birth(
    key: PodKey,
    { checkpoint, adopted, owner }: { checkpoint?: string; adopted?: StaticPod; owner?: string },
  ): PodHandle {
    const { boot, clock } = this.#options;
    // A name never seen: the actor need not ask. Only the first birth can be sure of that.
    const nothing = this.#onEngine.hasNothingOf(key) && checkpoint === undefined;
    const full: PodBoot = { ...boot, key, checkpoint, ...(nothing && { known: [] }) };
    const handle = new PodHandle(
      full,
      { want: 'undecided' },
      this.#spares,
      this.#engine.portsFor(key),
      clock.now(),
      (exit) => this.#died(key, exit),
    );
    handle.adopted = adopted;
    handle.owner = owner;
    this.#handles.set(key, handle);
    return handle;
  }

  /** If there is room. What is there of the Pod meanwhile stays: an edit that does not fit ends nothing. */
  #admits(key: PodKey, claim: Claim): boolean {
    const { clock, log, table } = this.#options;
    const before = this.#admissions.waiting(key);
    const refused = this.#admissions.ask(key, claim, (other) => this.#isStopping(other), clock.now());
    if (!refused) return true;
    const { waiting, victims } = refused;
    const handle = this.#handles.get(key);
    const isNews = !isSameRefusal(before, waiting);
    if (isNews) reportRefusal(waiting, handle?.runs !== undefined, log);
    if (!handle) {
      // What is shown is why it was refused when it was: not anew with each Pod that comes or goes.
      if (isNews) table.put(key, waitingPod(waiting));
    } else if (handle.desired.want === 'undecided') {
      const { runs } = handle;
      this.#tell(key, handle, runs ? { want: 'run', staticPod: runs } : { want: 'gone' }, claim);
    }
    for (const victim of victims) this.#preempt(victim, key);
    return false;
  }

  #preempt(key: PodKey, inFavourOf: PodKey): void {
    const { clock, log, table } = this.#options;
    const handle = this.#handles.get(key);
    if (!handle) return;
    log.warn(PREEMPTING, { pod: key, cause: `${inFavourOf} is critical and takes its place` });
    const claim = this.#wanted(key);
    if (claim) {
      const waiting = this.#admissions.preempt(key, claim, clock.now());
      table.put(key, waitingPod(waiting, table.get(key)));
    }
    this.#tell(key, handle, { want: 'gone' });
  }

  #isStopping(key: PodKey): boolean {
    return this.#handles.get(key)?.desired.want === 'gone';
  }

  #admitWaiting(): void {
    for (const key of this.#admissions.inOrder()) this.#dispatch(key);
  }

  /** Why a Pod waits, for who asks about its manifest; `kept`: a version before it runs on. */
  refusal(key: PodKey): { reason: string; kept: boolean } | undefined {
    const waiting = this.#admissions.waiting(key);
    if (!waiting) return undefined;
    const kept = this.#handles.get(key)?.runs !== undefined;
    return { reason: reasonOf(waiting), kept };
  }

  /**
   * Stops what runs although no source wants it: as soon as the one source that it is known to be of has been heard;
   * where that is not known, only when all have, and the engine too.
   */
  #sweep(): void {
    // Who has not had its turn may want any of it.
    if (!this.#turns.isDone) return;
    for (const [key, handle] of this.#handles) {
      // With a claim it is stopped by order, and that is for sure.
      const mayGo = this.claims.settle(key) !== undefined || this.hearing.covers(handle.owner);
      if (mayGo && handle.desired.want === 'undecided' && !this.#wanted(key))
        this.#tell(key, handle, { want: 'gone' });
    }
    for (const [key, { manifest }] of this.orders.all())
      if (!this.claims.settle(key) && this.hearing.covers(this.#ownerOf(manifest)))
        this.orders.manifestGone(key);
    if (!this.hearing.covers(undefined)) return;
    this.#tellSettled();
    for (const key of this.#onEngine.keys()) {
      if (this.#handles.has(key)) continue;
      // What is left of a refused Pod goes; it waits itself.
      this.#birth(key, {}).desire({ want: 'gone' });
    }
    this.#onEngine.handedOn();
  }

  #tellSettled(): void {
    if (this.#allHeard || !this.#onEngine.isKnown) return;
    this.#allHeard = true;
    const manifests = this.claims.entries().flatMap(({ entry }) => entry.staticPod ?? []);
    const wanted = manifests.flatMap(({ key }) => this.#wanted(key)?.staticPod ?? []);
    const claimed = [...manifests, ...wanted].map(({ uid }) => uid);
    this.#options.onSettled(new Set([...claimed, ...this.#onEngine.uids()]));
  }

  #died(key: PodKey, { error }: ThreadExit): void {
    const { clock, log, table } = this.#options;
    const handle = this.#handles.get(key);
    if (this.#closed || !handle) return;
    handle.deaths = deathsInARow(handle.deaths, handle.startedAtMs, clock.now());
    const delayMs = restartDelayMs(handle.deaths);
    const cause = error?.message ?? 'its thread ended';
    log.error("the Pod's actor has died and is revived", { pod: key, cause, delaySeconds: delayMs / 1000 });
    const pod = table.get(key);
    if (handle.deaths > 1 && pod) table.put(key, withActorDeath(pod, handle.deaths, cause, delayMs));
    clock.after(delayMs, () => this.#revive(key, handle));
  }

  #revive(key: PodKey, handle: PodHandle): void {
    const { boot, clock } = this.#options;
    if (this.#closed || this.#handles.get(key) !== handle) return;
    // A checkpoint that may be what kills the actor gets one more try; after that the engine's labels have to do.
    const checkpoint = handle.deaths <= 2 ? readCheckpoints(boot.rootDir).get(key) : undefined;
    handle.revive(
      { ...boot, key, checkpoint },
      this.#spares,
      this.#engine.portsFor(key),
      clock.now(),
      (exit) => this.#died(key, exit),
    );
  }
}
