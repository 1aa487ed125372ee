// Desired set -> actors. Takes updates from sources, settles who holds which name, admits, and hands each Pod's actor
// the generation to run; revives what dies. Runs on main and waits for nothing.
import { context, trace } from '@opentelemetry/api';
import type { Spares } from '../actors/spares.ts';
import type { ThreadExit } from '../actors/thread.ts';
import { type Clock, rfc3339 } from '../clock.ts';
import type { ContainerObservation } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { readCheckpoints } from '../host/checkpoint.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import { restore } from '../pod/checkpoint.ts';
import { lastSeen } from '../pod/publication.ts';
import type { PodBoot, PodParent, PodThread } from '../pod/service.ts';
import type { Desired, PodState } from '../pod/state.ts';
import type { SourceUpdate } from '../sources/update.ts';
import { extract } from '../telemetry/carrier.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceStore } from '../telemetry/store.ts';
import { type Refusal, refusalOf, refusedPod } from './admission.ts';
import { type Claim, Claims } from './claims.ts';
import type { EngineLink } from './engine-link.ts';
import type { NodeTable } from './node-table.ts';
import { PodHandle } from './pod-handle.ts';
import { deathsInARow, restartDelayMs } from './restart-delay.ts';

export type SupervisorOptions = {
  /** All of a Pod's birth that is the same for every Pod. */
  boot: Omit<PodBoot, 'key' | 'checkpoint' | 'known'>;
  maxPods: number;
  /** Every source that is configured: until each has spoken, nothing is stopped for want of a manifest. */
  sourceIds: string[];
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
  readonly #handles = new Map<PodKey, PodHandle>();
  /** Waits for room, in the order in which it came. */
  readonly #refused = new Map<PodKey, Claim>();
  readonly #settled = new Set<string>();
  readonly #unreadable = new Map<string, { message: string; sinceMs: number }>();
  /** Keys of which the engine had something when monopod started; undefined until it has said so. */
  #onEngine: Map<PodKey, ContainerObservation[]> | undefined;
  #closed = false;

  constructor(options: SupervisorOptions, engine: EngineLink, spares: Spares<PodThread>) {
    this.#options = options;
    this.#engine = engine;
    this.#spares = spares;
  }

  /**
   * Takes up every Pod of the run before from its checkpoint: it is shown as last seen until its actor has asked the
   * engine. Answers with the last good manifests of then.
   */
  adopt(sourceIdOf: (staticPod: StaticPod) => string): StaticPod[] {
    const { boot, log } = this.#options;
    const lastGood: StaticPod[] = [];
    for (const [key, checkpoint] of readCheckpoints(boot.rootDir)) {
      const restored = restore(checkpoint);
      if (restored?.state.key !== key) {
        log.warn('a damaged checkpoint is ignored; the engine has the essentials', { pod: key });
        continue;
      }
      const { state } = restored;
      this.#showLastSeen(key, restored);
      const staticPod = desiredOf(state);
      if (staticPod) {
        lastGood.push(staticPod);
        this.claims.presume(key, { sourceId: sourceIdOf(staticPod), origin: staticPod.origin });
      }
      this.#birth(key, { want: 'undecided' }, { checkpoint });
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
    this.#report(update);
    for (const key of this.claims.apply(update)) this.#dispatch(key);
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

  published: PodParent['published'] = (key, pod) => {
    if (pod) this.#options.table.put(key, pod);
    else if (!this.#refused.has(key)) this.#options.table.remove(key);
  };

  ended: PodParent['ended'] = (key, version) => {
    const handle = this.#handles.get(key);
    if (!handle?.hasEnded(version)) return;
    this.#handles.delete(key);
    this.#engine.detach(key);
    this.#options.table.remove(key);
    void handle.end();
    this.#admitWaiting();
  };

  log: PodParent['log'] = (level, message, fields) => this.#options.log[level](message, fields);

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#handles.values()].map((handle) => handle.end()));
  }

  #dispatch(key: PodKey): void {
    const claim = this.claims.settle(key);
    const handle = this.#handles.get(key);
    if (!claim) {
      if (this.#refused.delete(key)) this.#options.table.remove(key);
      if (handle && handle.desired.want !== 'gone') this.#tell(key, handle, { want: 'gone' });
      return;
    }
    const { staticPod } = claim;
    if (handle?.desired.want === 'run' && handle.desired.staticPod.uid === staticPod.uid) return;
    const desired: Desired = { want: 'run', staticPod };
    if (handle) return this.#tell(key, handle, desired, claim);
    const room = { running: this.#handles.size, maxPods: this.#options.maxPods };
    const refusal = refusalOf(staticPod.pod, room);
    if (refusal) return this.#refuse(key, claim, refusal);
    this.#refused.delete(key);
    this.#traced(key, desired, claim, () => this.#birth(key, desired, {}));
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

  #birth(key: PodKey, desired: Desired, { checkpoint }: { checkpoint?: string }): void {
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
    this.#handles.set(key, handle);
    if (desired.want !== 'undecided') handle.desire(desired);
  }

  #refuse(key: PodKey, claim: Claim, refusal: Refusal): void {
    const { table, log, clock } = this.#options;
    if (!this.#refused.has(key))
      log.warn(`Pod refused: ${refusal.reason}`, {
        pod: key,
        uid: claim.staticPod.uid,
        cause: refusal.message,
      });
    this.#refused.set(key, claim);
    table.put(key, refusedPod(claim.staticPod.pod, refusal, clock.now()));
  }

  #admitWaiting(): void {
    for (const key of [...this.#refused.keys()]) {
      if (this.#handles.size >= this.#options.maxPods) return;
      this.#dispatch(key);
    }
  }

  /** Stops what runs although no source wants it: only when every source has been heard and the engine is known. */
  #sweep(): void {
    if (!this.#options.sourceIds.every((id) => this.#settled.has(id) && !this.#unreadable.has(id))) return;
    for (const [key, handle] of this.#handles) {
      if (handle.desired.want === 'undecided' && !this.claims.settle(key))
        this.#tell(key, handle, { want: 'gone' });
    }
    for (const key of this.#onEngine?.keys() ?? []) {
      if (!this.#handles.has(key) && !this.#refused.has(key)) this.#birth(key, { want: 'gone' }, {});
    }
    // From now on what is on the engine is what actors know of.
    if (this.#onEngine && this.#onEngine.size > 0) this.#onEngine = new Map();
  }

  /** One line for each document that is not simply accepted. */
  #report({ changed }: SourceUpdate): void {
    for (const { origin, state, reason, errors, warnings } of changed) {
      const place = (line?: number, column?: number) =>
        line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
      if (state === 'rejected' || state === 'kept') {
        const [first] = errors;
        this.#options.log.warn(`manifest ${state}`, {
          manifest: place(first?.line, first?.column),
          cause: reason,
        });
      }
      for (const { field, message, line, column } of warnings) {
        this.#options.log.warn('manifest warning', { manifest: place(line, column), field, cause: message });
      }
    }
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
