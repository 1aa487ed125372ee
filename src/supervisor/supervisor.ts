// Desired set -> actors. Takes updates from sources, settles who holds which name, admits, and hands each Pod's actor
// the generation to run; revives what dies. Runs on main and waits for nothing.
import { context, trace } from '@opentelemetry/api';
import type { Spares } from '../actors/spares.ts';
import type { ThreadExit } from '../actors/thread.ts';
import { type Clock, rfc3339 } from '../clock.ts';
import type { ContainerObservation } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { readCheckpoints } from '../host/checkpoint.ts';
import { priorityOf } from '../kubernetes/priority.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import { restore } from '../pod/checkpoint.ts';
import { lastSeen } from '../pod/publication.ts';
import type { PodBoot, PodParent, PodThread } from '../pod/service.ts';
import { type Desired, generationsOf, type PodState } from '../pod/state.ts';
import type { SourceUpdate } from '../sources/update.ts';
import { extract } from '../telemetry/carrier.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceStore } from '../telemetry/store.ts';
import { Admissions, PREEMPTING } from './admissions.ts';
import type { NodeFacts } from './admit/rule.ts';
import { type Claim, Claims } from './claims.ts';
import { DeadContainers } from './dead-containers.ts';
import type { EngineLink } from './engine-link.ts';
import type { NodeTable } from './node-table.ts';
import { PodHandle } from './pod-handle.ts';
import { reasonOf, waitingPod } from './refused-pod.ts';
import { isSameRefusal, reportRefusal } from './report-refusal.ts';
import { reportUpdate } from './report-update.ts';
import { deathsInARow, restartDelayMs } from './restart-delay.ts';

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

export class Supervisor implements PodParent {
  readonly claims = new Claims();
  readonly #options: SupervisorOptions;
  readonly #engine: EngineLink;
  readonly #spares: Spares<PodThread>;
  readonly #dead: DeadContainers;
  readonly #handles = new Map<PodKey, PodHandle>();
  readonly #admissions: Admissions;
  readonly #settled = new Set<string>();
  readonly #unreadable = new Map<string, { message: string; sinceMs: number }>();
  /** Keys of which the engine had something when monopod started; undefined until it has said so. */
  #onEngine: Map<PodKey, ContainerObservation[]> | undefined;
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
  }

  /**
   * Takes up every Pod of the run before from its checkpoint: it is shown as last seen until its actor has asked the
   * engine. Answers with the last good manifests of then, by source; `ownerOf`: undefined where none of those that are
   * configured can have said it.
   */
  adopt(ownerOf: (staticPod: StaticPod) => string | undefined): Map<string, StaticPod[]> {
    const { boot, clock, log } = this.#options;
    const lastGood = new Map<string, StaticPod[]>();
    for (const [key, checkpoint] of readCheckpoints(boot.rootDir)) {
      const restored = restore(checkpoint);
      if (restored?.state.key !== key) {
        log.warn('a damaged checkpoint is ignored; the engine has the essentials', { pod: key });
        continue;
      }
      const { state } = restored;
      this.#showLastSeen(key, restored);
      const staticPod = desiredOf(state);
      const owner = staticPod && ownerOf(staticPod);
      if (staticPod && owner !== undefined) {
        lastGood.set(owner, [...(lastGood.get(owner) ?? []), staticPod]);
        this.claims.presume(owner, staticPod, clock.now());
      }
      // What runs is never refused, and comes before all that is new.
      for (const generation of generationsOf(state)) this.#admissions.take(key, generation);
      this.#birth(key, { want: 'undecided' }, { checkpoint, adopted: staticPod, owner });
    }
    return lastGood;
  }

  /** So that a Pod which runs on does not vanish while monopod restarts. */
  #showLastSeen(key: PodKey, { state, conditions }: NonNullable<ReturnType<typeof restore>>): void {
    const { boot, clock, log, table } = this.#options;
    try {
      const pod = lastSeen(state, conditions, boot.hostIps, clock.now());
      if (pod) table.put(key, pod);
    } catch (error) {
      // Not of our shape after all: that is the actor's affair, and must not be the end of main.
      log.warn('a Pod cannot be shown from its checkpoint', { pod: key, cause: messageOf(error) });
    }
  }

  /** What the engine has, once it has said so: adopts what no checkpoint tells of. */
  engineHas(observations: ContainerObservation[]): void {
    this.#onEngine ??= Map.groupBy(observations, ({ key }) => key);
    this.#admitWaiting();
    this.#sweep();
  }

  get knowsEngine(): boolean {
    return this.#onEngine !== undefined;
  }

  update(update: SourceUpdate): void {
    const { log, table } = this.#options;
    const { sourceId, unreadable } = update;
    if (unreadable && !this.#unreadable.has(sourceId))
      log.warn('a source cannot be read; what runs of it runs on', {
        source: sourceId,
        cause: unreadable.message,
      });
    if (!unreadable && this.#unreadable.has(sourceId))
      log.info('a source can be read again', { source: sourceId });
    if (unreadable) this.#unreadable.set(sourceId, unreadable);
    else {
      this.#unreadable.delete(sourceId);
      this.#settled.add(sourceId);
    }
    reportUpdate(update, log);
    for (const key of this.#inTurn(this.claims.apply(update))) this.#dispatch(key);
    this.#sweep();
    table.manifestsChanged();
  }

  troubles(): string[] {
    return [...this.#unreadable].map(
      ([sourceId, { message, sinceMs }]) =>
        `${sourceId} cannot be read since ${rfc3339(sinceMs)}: ${message}`,
    );
  }

  /** The engine thread was replaced. */
  attachAll(): void {
    for (const [key, handle] of this.#handles) handle.attach(this.#engine.portsFor(key));
  }

  published: PodParent['published'] = (key, pod, dead = []) => {
    this.#dead.keeps(key, pod ? dead : []);
    const { table } = this.#options;
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
    await Promise.all([...this.#handles.values()].map((handle) => handle.end()));
  }

  /** What goes makes room, what runs keeps it; of the rest critical Pods come first, then the others as they came. */
  #inTurn(keys: Iterable<PodKey>): PodKey[] {
    const rank = (key: PodKey): number => {
      const claim = this.claims.settle(key);
      if (!claim) return Number.NEGATIVE_INFINITY;
      const isThere = this.#handles.has(key) || this.#runsUnattended(key, claim);
      return isThere ? Number.MIN_SAFE_INTEGER : -priorityOf(claim.staticPod.pod);
    };
    const ranked = [...keys].map((key) => ({ key, rank: rank(key) }));
    return ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank)).map(({ key }) => key);
  }

  #dispatch(key: PodKey): void {
    const claim = this.claims.settle(key);
    const handle = this.#handles.get(key);
    if (!claim) {
      if (this.#admissions.forget(key) && !handle) this.#options.table.remove(key);
      if (handle && handle.desired.want !== 'gone') this.#tell(key, handle, { want: 'gone' });
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
    if (handle) return this.#tell(key, handle, desired, claim);
    this.#traced(key, desired, claim, () => this.#birth(key, desired, {}));
  }

  /** Its containers run, by a run of monopod of which no checkpoint is left. */
  #runsUnattended(key: PodKey, { staticPod }: Claim): boolean {
    if (this.#handles.has(key)) return false;
    return (this.#onEngine?.get(key) ?? []).some(
      ({ identity, kind, state }) =>
        kind === 'container' && state === 'running' && identity.uid === staticPod.uid,
    );
  }

  /** Says it to the actor, in the trace of the change that led here. */
  #tell(key: PodKey, handle: PodHandle, desired: Desired, claim?: Claim): void {
    this.#traced(key, desired, claim, () => handle.desire(desired));
  }

  #traced(key: PodKey, desired: Desired, claim: Claim | undefined, action: () => void): void {
    const parent = claim ? extract(claim.entry.trace) : context.active();
    const span = trace
      .getTracer('monopod')
      .startSpan('supervisor.dispatch', { attributes: { pod: key, want: desired.want } }, parent);
    this.#options.traces.bind(key, span.spanContext().traceId);
    context.with(trace.setSpan(parent, span), action);
    span.end();
  }

  #birth(
    key: PodKey,
    desired: Desired,
    { checkpoint, adopted, owner }: { checkpoint?: string; adopted?: StaticPod; owner?: string },
  ): void {
    const { boot, clock } = this.#options;
    // A name never seen: the actor need not ask. Only the first birth can be sure of that.
    const nothing = this.#onEngine !== undefined && !this.#onEngine.has(key) && checkpoint === undefined;
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
    if (desired.want !== 'undecided') handle.desire(desired);
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
    const claim = this.claims.settle(key);
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
    const isHeard = (id: string) => this.#settled.has(id) && !this.#unreadable.has(id);
    const allHeard = this.#options.sourceIds.every(isHeard);
    for (const [key, handle] of this.#handles) {
      const mayGo = handle.owner === undefined ? allHeard : isHeard(handle.owner);
      if (mayGo && handle.desired.want === 'undecided' && !this.claims.settle(key))
        this.#tell(key, handle, { want: 'gone' });
    }
    if (!allHeard) return;
    this.#tellSettled();
    for (const key of this.#onEngine?.keys() ?? []) {
      if (this.#handles.has(key)) continue;
      // What is left of a refused Pod goes; it waits itself.
      this.#birth(key, { want: 'gone' }, {});
    }
    // From now on what is on the engine is what actors know of.
    if (this.#onEngine && this.#onEngine.size > 0) this.#onEngine = new Map();
  }

  #tellSettled(): void {
    if (this.#allHeard || !this.#onEngine) return;
    this.#allHeard = true;
    const claimed = this.claims.entries().flatMap(({ entry }) => entry.staticPod ?? []);
    const found = [...this.#onEngine.values()].flat().map(({ identity }) => identity);
    this.#options.onSettled(new Set([...claimed, ...found].map(({ uid }) => uid)));
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
    if (handle.deaths > 1 && pod) {
      const message = `the Pod's actor has died ${handle.deaths} times in a row (${cause}); its containers run on, it is revived in ${delayMs / 1000} s`;
      table.put(key, { ...pod, status: { ...pod.status, reason: 'ActorDied', message } });
    }
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

/** The manifest that the checkpointed Pod was to run, if it was not to go. */
function desiredOf({ current, next }: PodState): StaticPod | undefined {
  if (next) return next.staticPod;
  return current && current.stage !== 'terminating' ? current.staticPod : undefined;
}
