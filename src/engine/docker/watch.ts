// Watches the engine: keeps one event stream open, looks at what each event is about, compares everything with one
// list after each (re)connect and once a minute, and says when the engine is away. Feeds the subscriptions.
import type { Clock, Timer } from '../../clock.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type { PodEvent, Subscriptions } from '../subscriptions.ts';
import type { Answer, EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import { labelFilter, type Owner, podKey } from './container-name.ts';
import { type ContainerEvent, type EventStream, openEventStream } from './events.ts';
import type { MaybeEnded } from './exec.ts';
import { isGone, type Refusal } from './failures.ts';
import type { ImageRefs } from './image-refs.ts';
import { type ContainerSummary, identityOf, observe, summarise } from './observe.ts';

export type WatchTimes = {
  /** For a ping, and for the event stream to open. */
  pingTimeoutMs: number;
  listTimeoutMs: number;
  listEveryMs: number;
  backoffMsMin: number;
  backoffMsMax: number;
};

/** So much earlier than our clock does the first stream begin: events between connecting and listening are repeated. */
const firstLookBackMs = 2000;

/** A key whose containers were being created during a list is listed again after this long. */
const relistMs = 1000;

export class EngineWatch {
  readonly #docker: DockerClient;
  readonly #calls: EngineCalls;
  readonly #owner: Owner;
  readonly #clock: Clock;
  readonly #times: WatchTimes;
  readonly #subscriptions: Subscriptions;

  #state: 'connecting' | 'up' | 'down' = 'connecting';
  #stopped = false;
  #stream: EventStream | undefined;
  #sinceMs: number;
  #missedSinceMs: number | undefined;
  #checking = false;
  #listTimer: Timer | undefined;
  #wake = () => {};

  /** Started by ourselves: the answer to `start` says more than the event. */
  readonly #ownStarts = new Set<string>();
  /** Told of by an event: where a container's end comes first, its state never says so. */
  readonly #outOfMemory = new Set<string>();
  readonly #creating = new Map<PodKey, number>();
  /** Keys with a create under way at any time of the list that is being made now. */
  #createdDuringList: Set<PodKey> | undefined;
  readonly #looking = new Map<string, 'waiting' | 'asked' | 'again'>();
  /** An exec, or a container and with it its execs, has ended; after a list, any may have. */
  onMaybeEnded: (what: MaybeEnded) => void = () => {};

  /** How observations name their images. */
  images: ImageRefs | undefined;

  constructor(
    docker: DockerClient,
    calls: EngineCalls,
    owner: Owner,
    clock: Clock,
    times: WatchTimes,
    subscriptions: Subscriptions,
  ) {
    this.#docker = docker;
    this.#calls = calls;
    this.#owner = owner;
    this.#clock = clock;
    this.#times = times;
    this.#subscriptions = subscriptions;
    this.#sinceMs = clock.now() - firstLookBackMs;
    calls.onTrouble = (sinceMs) => void this.#check(sinceMs);
  }

  /** Runs until `stop`; never rejects. */
  async run(): Promise<void> {
    for (let delayMs = 0; !this.#stopped; ) {
      await this.#pause(delayMs);
      if (this.#stopped) return;
      const connectedAtMs = this.#clock.now();
      const lost = await this.#connection();
      this.#listTimer?.cancel();
      this.#missedSinceMs ??= this.#clock.now();
      const lived = this.#state === 'up' && this.#clock.now() - connectedAtMs > this.#times.backoffMsMax;
      // The first try after a stream that lived is made at once, and only its failure is an outage.
      if (this.#state !== 'up' || lost.refused)
        this.#declareDown(this.#missedSinceMs, lost.reason, lost.hung);
      delayMs = lived
        ? 0
        : Math.min(Math.max(delayMs * 2, this.#times.backoffMsMin), this.#times.backoffMsMax);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#listTimer?.cancel();
    this.#stream?.close('stopped');
    this.#wake();
  }

  startBegins(id: string): void {
    this.#ownStarts.add(id);
  }

  startFailed(id: string): void {
    this.#ownStarts.delete(id);
  }

  /** Runs a create of this Pod so that no list taken meanwhile can say that its container is gone. */
  async creating<T>(key: PodKey, create: () => Promise<T>): Promise<T> {
    this.#creating.set(key, (this.#creating.get(key) ?? 0) + 1);
    this.#createdDuringList?.add(key);
    try {
      return await create();
    } finally {
      const left = (this.#creating.get(key) ?? 1) - 1;
      if (left === 0) this.#creating.delete(key);
      else this.#creating.set(key, left);
    }
  }

  /** One connection from its opening to its end. `refused`: it never stood. */
  async #connection(): Promise<{ reason: string; refused: boolean; hung: boolean }> {
    const opened = await openEventStream(
      this.#docker,
      this.#calls,
      this.#owner,
      this.#sinceMs,
      this.#times.pingTimeoutMs,
      (event) => this.#take(event),
    );
    if (!opened.ok) return refused(opened.refusal);
    const stream = opened.value;
    this.#stream = stream;
    this.#ownStarts.clear();
    if (this.#stopped) stream.close('stopped');
    const listed = await this.#list();
    if (!listed.ok) {
      stream.close('the list failed');
      return refused(listed.refusal);
    }
    this.#declareUp();
    this.#deliver(listed.value);
    return { reason: await stream.ended, refused: false, hung: false };
  }

  #pause(delayMs: number): Promise<void> {
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #declareUp(): void {
    this.#missedSinceMs = undefined;
    this.#calls.away = undefined;
    if (this.#state === 'up') return;
    this.#state = 'up';
    this.#subscriptions.announce({
      type: 'engine',
      available: true,
      sinceMs: this.#clock.now(),
      message: 'the engine answers',
    });
  }

  #declareDown(sinceMs: number, message: string, hung: boolean): void {
    if (this.#stopped || this.#state === 'down') return;
    this.#state = 'down';
    this.#calls.away = message;
    // What a hung engine was asked for it may yet do and answer; a connection that is gone answers nothing.
    if (!hung) this.#calls.abandon(message);
    this.#subscriptions.announce({ type: 'engine', available: false, sinceMs, message });
  }

  /** A call broke or is overdue: one short ping tells a slow call from an engine that is away. */
  async #check(sinceMs: number): Promise<void> {
    if (this.#state !== 'up' || this.#checking || this.#stopped) return;
    this.#checking = true;
    const ping = await this.#calls.attempt(
      (abortSignal) => this.#docker.ping({ abortSignal }),
      this.#times.pingTimeoutMs,
    );
    this.#checking = false;
    if (ping.ok || ping.refusal.kind === 'status' || this.#state !== 'up') return;
    this.#missedSinceMs ??= sinceMs;
    this.#declareDown(this.#missedSinceMs, messageFor(ping.refusal), ping.refusal.kind === 'timeout');
    this.#stream?.close(messageFor(ping.refusal));
  }

  async #list(): Promise<Answer<ContainerSummary[]>> {
    this.#createdDuringList = new Set(this.#creating.keys());
    const filters = { label: labelFilter(this.#owner) };
    const answer = await this.#calls.attempt(
      (abortSignal) => this.#docker.listContainers({ all: true, filters, abortSignal }),
      this.#times.listTimeoutMs,
    );
    if (!answer.ok) return answer;
    return { ok: true, value: answer.value.flatMap((raw) => summarise(raw, this.#owner) ?? []) };
  }

  /** Each Pod its part of the list; an empty one to who has nothing. */
  #deliver(summaries: ContainerSummary[]): void {
    const byKey = Map.groupBy(summaries, ({ key }) => key);
    let again = false;
    for (const key of new Set([...this.#subscriptions.keys(), ...byKey.keys()])) {
      // The list may lack what was just created, and would say that it is gone.
      if (this.#createdDuringList?.has(key)) again = true;
      else
        this.#send(key, {
          type: 'listed',
          containers: (byKey.get(key) ?? []).map(({ id, state }) => ({ id, state })),
        });
    }
    this.#createdDuringList = undefined;
    this.onMaybeEnded({});
    this.#listTimer?.cancel();
    this.#listTimer = this.#clock.after(
      again ? relistMs : this.#times.listEveryMs,
      () => void this.#relist(),
    );
  }

  async #relist(): Promise<void> {
    const startedAtMs = this.#clock.now();
    const stream = this.#stream;
    const listed = await this.#list();
    if (stream !== this.#stream || this.#state !== 'up' || this.#stopped) return;
    if (listed.ok) return this.#deliver(listed.value);
    this.#listTimer = this.#clock.after(this.#times.listEveryMs, () => void this.#relist());
    await this.#check(startedAtMs);
  }

  #take(event: ContainerEvent): void {
    this.#sinceMs = Math.max(this.#sinceMs, event.timeMs);
    const identity = identityOf(event.labels, this.#owner);
    if (!identity) return;
    if (event.action === 'exec_die') return this.onMaybeEnded({ execId: event.execId ?? '' });
    const key = podKey(identity);
    if (event.action === 'oom') this.#outOfMemory.add(event.id);
    if (event.action === 'die' || event.action === 'destroy') this.onMaybeEnded({ containerId: event.id });
    if (event.action === 'destroy') {
      this.#ownStarts.delete(event.id);
      this.#outOfMemory.delete(event.id);
      // A look under way would tell of it after its end.
      this.#looking.delete(event.id);
      this.#send(key, { type: 'removed', id: event.id });
    } else if (event.action !== 'start' || !this.#ownStarts.delete(event.id)) {
      this.#look(event.id, key);
    }
  }

  /** One inspect for however many events came before it was asked; one more for those that came after. */
  #look(id: string, key: PodKey): void {
    const looking = this.#looking.get(id);
    if (looking) {
      if (looking === 'asked') this.#looking.set(id, 'again');
      return;
    }
    this.#looking.set(id, 'waiting');
    void this.#calls
      .run('inspect', (abortSignal) => {
        if (this.#looking.has(id)) this.#looking.set(id, 'asked');
        return this.#docker.getContainer(id).inspect({ abortSignal });
      })
      .then((answer) => {
        const looked = this.#looking.get(id);
        this.#looking.delete(id);
        if (looked === undefined) return;
        // Any other failure: the engine is in trouble, and the list after it tells.
        if (!answer.ok && isGone(answer.refusal)) return this.#send(key, { type: 'removed', id });
        const observation = answer.ok ? observe(answer.value, this.#owner, this.images) : undefined;
        if (observation) {
          observation.oomKilled ||= this.#outOfMemory.has(id);
          this.#send(key, { type: 'observed', observation });
        }
        if (looked === 'again') this.#look(id, key);
      });
  }

  #send(key: PodKey, event: PodEvent): void {
    if (!this.#stopped) this.#subscriptions.send(key, event);
  }
}

const messageFor = (refusal: Refusal): string =>
  refusal.kind === 'timeout' ? `the engine does not answer (${refusal.message})` : refusal.message;

const refused = (refusal: Refusal) => ({
  reason: messageFor(refusal),
  refused: true,
  hung: refusal.kind === 'timeout',
});
