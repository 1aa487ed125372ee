// One simulated life of a Pod on a node: the real actor and its transition, the fake engine, a network that loses, delays
// and repeats events, crashes of monopod, and the hands of a careless person. All by a plan, judged by the rules.
import type { ContainerConfig, SandboxConfig } from '../../src/engine/engine.ts';
import { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import type { ContainerScript, Fault, Moment, Operation } from '../../src/engine/fake/script.ts';
import type { Effect, PodEvent } from '../../src/pod/events.ts';
import { scriptOf } from './behaviour.ts';
import { SimulatedClock } from './clock.ts';
import type { Coverage } from './coverage.ts';
import { planOf } from './drawn-plan.ts';
import { History } from './history.ts';
import { Monopod, type Watcher } from './monopod.ts';
import { type Action, type Plan, staticPodOf } from './plan.ts';
import { containersOf, graceMsOf } from './policy.ts';
import { RULES } from './rules/all.ts';
import { endsWith, endsWithNothing } from './rules/ending.ts';
import type { Report, Rule } from './rules/rule.ts';
import { Weather } from './weather.ts';

/** How long it may take, at most, until what is desired is so: several times the longest back-off. */
const quietMsMax = 3_600_000;
const lookEveryMs = 20_000;
/** A call to the engine that is not answered is given up; the engine is asked anew within 30 s. */
const hangsMs = 120_000 + 31_000;

export type Violation = { rule: string; what: string };
/** Ends with what broke first, if anything did. `plan`: with all that was drawn on the way. */
export type Outcome = { violation: Violation | undefined; log: string[]; plan: Plan };

export type Options = { makeRules?: typeof RULES; coverage?: Coverage };

/** From a seed; `plan` of the outcome lives the same life. */
export const liveSeed = (seed: number, options: Options = {}): Promise<Outcome> =>
  new Life(planOf(seed), Weather.drawn(seed), options).live();

export const livePlan = (plan: Plan, options: Options = {}): Promise<Outcome> =>
  new Life(plan, Weather.listed(plan.troubles), options).live();

class Life {
  readonly #plan: Plan;
  readonly #weather: Weather;
  readonly #clock = new SimulatedClock(() => 0.5);
  readonly #startMs = this.#clock.now();
  readonly #engine: FakeEngine;
  readonly #history: History;
  readonly #rules: Rule[];
  readonly #coverage: Coverage | undefined;
  readonly #monopod: Monopod;
  readonly #log: [number, string][] = [];
  #calm = false;
  #hangsUntilMs = 0;
  #wanted: string | undefined;
  #violation: Violation | undefined;

  constructor(plan: Plan, weather: Weather, { makeRules = RULES, coverage }: Options) {
    this.#plan = plan;
    this.#weather = weather;
    this.#coverage = coverage;
    this.#history = new History(plan.pods, this.#clock.now);
    this.#rules = makeRules.map((make) => make(this.#history, this.#report));
    this.#engine = this.#makeEngine();
    const { clock, engine } = { clock: this.#clock, engine: this.#engine };
    this.#monopod = new Monopod({ clock, engine, weather, watcher: this.#watcher(), calm: () => this.#calm });
  }

  async live(): Promise<Outcome> {
    // A broken invariant of the actor is thrown where nobody is to catch it: in its thread it ends that.
    process.setUncaughtExceptionCaptureCallback((error) => {
      this.#report('threw', error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    try {
      await this.#troubled();
      await this.#calmDown();
      await this.#remove();
    } catch (error) {
      this.#report('threw', error instanceof Error ? (error.stack ?? '') : String(error));
    } finally {
      this.#monopod.crash(false);
      this.#engine.close();
      process.setUncaughtExceptionCaptureCallback(null);
    }
    const log = this.#log.map(([atMs, what]) => `${(atMs / 1000).toFixed(3).padStart(9)} ${what}`);
    return { violation: this.#violation, log, plan: { ...this.#plan, troubles: this.#weather.troubles } };
  }

  async #troubled(): Promise<void> {
    this.#engine.open();
    this.#monopod.start(0.5, 0);
    for (const action of this.#plan.actions) {
      await this.#runTo(this.#startMs + action.atMs);
      if (this.#violation) return;
      this.#act(action);
    }
    await this.#runTo(this.#startMs + this.#plan.calmAtMs);
  }

  /** Nothing goes wrong any more: what is desired comes true, soon or late, and stays so. */
  async #calmDown(): Promise<void> {
    this.#note('calm');
    this.#calm = true;
    this.#engine.endOutage();
    if (!this.#monopod.isUp) this.#monopod.start(0.5, 0);
    // A deadline may still come to pass.
    await this.#comesTrue(2);
    await this.#runTo(this.#hangsUntilMs);
  }

  /** For so many looks in a row. */
  async #comesTrue(looksMin: number): Promise<void> {
    const untilMs = this.#clock.now() + quietMsMax;
    for (let looks = 0; looks < looksMin && !this.#violation && this.#clock.now() < untilMs; ) {
      await this.#runTo(this.#clock.now() + lookEveryMs);
      looks = this.#unfinished().length === 0 ? looks + 1 : 0;
    }
    for (const { rule, what } of this.#unfinished()) this.#report(rule, what);
  }

  /** An orderly removal takes no longer than the grace, and the two seconds that a stop signal always gets. */
  async #remove(): Promise<void> {
    if (this.#violation) return;
    const pod = this.#history.podOf(this.#wanted ?? '');
    this.#want(undefined);
    await this.#runTo(this.#clock.now() + graceMsOf(pod) + 2500);
    const runs = this.#engine.now().filter(({ kind, state }) => kind === 'container' && state === 'running');
    if (runs.length > 0) this.#report('runs beyond its grace', runs.map(({ name }) => name).join(' '));
    await this.#comesTrue(1);
  }

  #unfinished(): Violation[] {
    const found: Violation[] = [];
    const end = {
      history: this.#history,
      all: this.#engine.now(),
      published: this.#monopod.published,
      ended: this.#monopod.hasEnded,
      report: (rule: string, what: string) => void found.push({ rule, what }),
    };
    if (this.#wanted === undefined) endsWithNothing(end);
    else endsWith(this.#wanted, end);
    return found;
  }

  readonly #report: Report = (rule, what) => {
    this.#note(`!!! ${rule}: ${what}`);
    this.#violation ??= { rule, what };
  };

  #runTo(untilMs: number): Promise<void> {
    return this.#clock.run(untilMs, () => this.#violation !== undefined);
  }

  #note(what: string): void {
    this.#log.push([this.#clock.now() - this.#startMs, what]);
  }

  #act(action: Action): void {
    if (action.do !== 'want' && action.do !== 'remove') this.#note(action.do);
    switch (action.do) {
      case 'want':
        return this.#want(action.uid);
      case 'remove':
        return this.#want(undefined);
      case 'crash':
        return this.#crash(action);
      case 'outage':
        return this.#outage(action);
      default:
        return this.#byHand(action);
    }
  }

  #want(uid: string | undefined): void {
    const pod = this.#plan.pods.find((candidate) => candidate.uid === uid);
    this.#note(`want ${pod?.uid ?? 'nothing'}`);
    this.#wanted = pod?.uid;
    this.#monopod.desire(pod ? { want: 'run', staticPod: staticPodOf(pod) } : { want: 'gone' });
  }

  #crash({ downMs, losesCheckpoint, toldAfterMs = 0, lot }: Extract<Action, { do: 'crash' }>): void {
    if (!this.#monopod.isUp) return;
    this.#monopod.crash(losesCheckpoint === true);
    this.#clock.after(downMs, () => {
      if (!this.#monopod.isUp) this.#monopod.start(lot, toldAfterMs);
    });
  }

  #outage({ forMs, deadly }: Extract<Action, { do: 'outage' }>): void {
    this.#engine.beginOutage();
    this.#clock.after(forMs, () => {
      for (const { id, state } of deadly ? this.#engine.now() : [])
        if (state === 'running') this.#engine.killByHand(id, 137);
      this.#engine.endOutage();
      this.#note('outage over');
    });
  }

  #byHand(action: Extract<Action, { do: 'kill' | 'delete' | 'start' }>): void {
    const found = this.#engine.now().findLast(({ name }) => name === action.name);
    const track = found && this.#history.tracks.get(found.id);
    if (!track) return;
    track.byHand = true;
    track.startedByHand ||= action.do === 'start';
    if (action.do === 'kill') this.#engine.killByHand(track.id, action.exitCode);
    else if (action.do === 'delete') this.#engine.removeByHand(track.id);
    else void this.#engine.start(track.id);
  }

  #makeEngine(): FakeEngine {
    const engine = new FakeEngine({
      clock: this.#clock,
      nodeName: 'node',
      rootDir: '/sim',
      latencyMs: 5,
      hooks: {
        script: (config) => this.#scriptOf(config),
        fault: (operation, subject) => this.#fault(operation, subject),
        fate: (_key, event) => {
          const id = event.type === 'observed' ? event.observation.id : 'id' in event ? event.id : '';
          return this.#calm ? [{ delayMs: 0 }] : this.#weather.fate(`${event.type} ${this.#placeOf(id)}`);
        },
        moment: (moment) => this.#happened(moment),
      },
    });
    for (const [name, image] of Object.entries(this.#plan.images)) engine.images.set(name, { ...image });
    return engine;
  }

  #fault(operation: Operation, subject: string): Fault | undefined {
    const fault = this.#calm ? undefined : this.#weather.fault(operation, this.#nameOf(operation, subject));
    if (fault?.kind === 'timeout') this.#hangsUntilMs = this.#clock.now() + hangsMs;
    return fault;
  }

  #placeOf(id: string): string {
    const track = this.#history.tracks.get(id);
    return track ? `${track.uid}/${track.name}` : id;
  }

  #nameOf(operation: Operation, subject: string): string {
    return ['start', 'kill', 'remove', 'exec', 'inspect'].includes(operation)
      ? this.#placeOf(subject)
      : subject;
  }

  #scriptOf(config: ContainerConfig | SandboxConfig): ContainerScript {
    const { uid } = config.identity;
    const behaviour =
      'name' in config ? this.#plan.pods.find((pod) => pod.uid === uid)?.behaviours[config.name] : undefined;
    const pod = this.#history.podOf(uid);
    const container =
      'name' in config ? containersOf(pod).find(({ name }) => name === config.name) : undefined;
    if (!behaviour || !container) return {};
    const { attempt } = config;
    const startedMs = () => this.#history.latest(uid, container.name)?.started?.atMs ?? this.#clock.now();
    return scriptOf(behaviour, {
      pod,
      container,
      attempt,
      calm: () => this.#calm,
      ageMs: () => this.#clock.now() - startedMs(),
    });
  }

  #happened(moment: Moment): void {
    const track = this.#history.happened(moment);
    const what =
      moment.type === 'signalled'
        ? ` ${moment.signal}`
        : moment.type === 'exec'
          ? ` ${moment.command.at(-1)}`
          : '';
    this.#note(`      * ${moment.type}${what} ${this.#placeOf(track.id)} ${track.id.slice(8, 12)}`);
    for (const rule of this.#rules) rule.happened?.(moment, track);
  }

  #watcher(): Watcher {
    return {
      sent: (effect, state) => {
        this.#note(`    > ${told(effect)}`);
        this.#coverage?.sent(effect, state);
        for (const rule of this.#rules) rule.sent?.(effect, state);
        this.#history.sent(effect, state);
      },
      heard: (event) => this.#heard(event),
      published: (pod) => {
        const ready = pod?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
        this.#note(
          `  = ${pod?.metadata?.uid ?? 'no Pod'} ${pod?.status?.phase ?? ''}${ready ? ' Ready' : ''}`,
        );
        this.#history.shown = pod;
        for (const rule of this.#rules) rule.published?.(pod);
      },
      logged: (line, fields) => {
        this.#note(`  ${line} ${fields}`);
        for (const rule of this.#rules) rule.logged?.(line);
      },
      crashed: (losesMemory) => {
        this.#history.crashed(losesMemory);
        for (const rule of this.#rules) rule.crashed?.(losesMemory);
      },
    };
  }

  #heard(event: PodEvent): void {
    if (event.type === 'answered' && !event.result.ok)
      this.#note(`    < ${told(event.effect)} ${event.result.error.code} ${event.result.error.message}`);
    const probe = event.type === 'answered' && event.effect.type === 'probe' ? event.effect : undefined;
    const track = probe && this.#history.tracks.get(probe.id);
    const before = probe && track?.probes[probe.kind].result;
    this.#history.heard(event);
    if (probe && track && before) this.#coverage?.answered(probe.kind, before, track);
  }
}

const told = (effect: Effect): string =>
  [
    effect.type,
    'container' in effect ? effect.container || 'POD' : '',
    'id' in effect ? effect.id.slice(8, 12) : '',
    'signal' in effect ? effect.signal : 'hook' in effect ? effect.hook : 'kind' in effect ? effect.kind : '',
  ]
    .filter(Boolean)
    .join(' ');
