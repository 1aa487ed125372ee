// What has happened so far, as the rules judge by it: on the engine (the truth), and what monopod has asked for and has
// been told. Kept apart from the actor's own state: nothing here comes from src/pod but effects and what it hears.
import type { ContainerObservation } from '../../src/engine/engine.ts';
import type { Moment } from '../../src/engine/fake/script.ts';
import { LABEL } from '../../src/engine/labels.ts';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import type { Effect, PodEvent } from '../../src/pod/events.ts';
import { type PodState, PROBE_KINDS, type ProbeKind, type StopReason } from '../../src/pod/state.ts';
import type { PodPlan } from './plan.ts';
import { containersOf, ruleFor } from './policy.ts';

/** When: `order` tells apart what happens in one millisecond. */
export type Mark = { atMs: number; order: number };

export type HookTrack = { sent?: Mark; ended?: Mark & { well: boolean } };

export type ProbeTrack = {
  result: 'unknown' | 'success' | 'failure';
  last?: 'success' | 'failure';
  inRow: number;
  /** Asked and not answered, in this life of monopod. */
  underWay: boolean;
  lastSent?: Mark;
  /** As often in a row as its threshold says, answered in one life of monopod. */
  failed?: Mark;
};

/** Whether a container's end asks for RestartAllContainers: where monopod may have reason to think otherwise, perhaps. */
type AsksForAll = Mark & { surely: boolean };

/** One sandbox or container on the engine. */
export type Track = {
  id: string;
  kind: 'sandbox' | 'container';
  uid: string;
  name: string;
  sandboxId: string;
  attempt: number;
  pod: PodSpec;
  /** Undefined for a sandbox. */
  spec: Container | undefined;
  created: Mark;
  started?: Mark;
  ended?: Mark & { exitCode: number };
  /** The engine could not start it, and monopod heard so. */
  failedToStart?: Mark & { exitCode: number };
  removed?: Mark;
  /** A person did something to it. */
  byHand: boolean;
  startedByHand: boolean;
  /** What monopod was last told, since it last lost its memory, and when it first heard of the end. */
  known?: 'created' | 'running' | 'ended';
  knownEnd?: Mark & { exitCode: number; lost: boolean };
  asksForAll?: AsksForAll;
  /** Its memory was lost while this was there: it may have been taken for more than it was. */
  adopted: boolean;
  postStart: HookTrack;
  preStop: HookTrack;
  /** The first thing that was asked for to stop it; and why, as monopod says. */
  stopSent?: Mark;
  claims: Set<StopReason | 'stray'>;
  /** The engine has taken it. */
  termAtMs?: number;
  killAtMs?: number;
  probes: Record<ProbeKind, ProbeTrack>;
};

export type Told = Mark & { uid: string | undefined };

const newProbeTrack = (kind: ProbeKind): ProbeTrack => ({
  result: ({ startup: 'unknown', liveness: 'success', readiness: 'failure' } as const)[kind],
  inRow: 0,
  underWay: false,
});

const newProbes = (): Track['probes'] => ({
  startup: newProbeTrack('startup'),
  liveness: newProbeTrack('liveness'),
  readiness: newProbeTrack('readiness'),
});

export class History {
  readonly now: () => number;
  readonly tracks = new Map<string, Track>();
  /** What monopod was told to want; the same again counts as once. */
  readonly told: Told[] = [];
  /** What this life of monopod was told last; undefined before the first word. */
  toldInLife: Told | undefined;
  /** What it published last. */
  shown: Pod | undefined;
  /** How often its memory has been lost. */
  losses = 0;
  lossAt: Mark | undefined;
  readonly #pods: Map<string, PodPlan>;
  readonly #byName = new Map<string, Track[]>();
  #order = 0;

  constructor(pods: PodPlan[], now: () => number) {
    this.#pods = new Map(pods.map((pod) => [pod.uid, pod]));
    this.now = now;
  }

  mark(): Mark {
    return { atMs: this.now(), order: this.#order++ };
  }

  podOf(uid: string): PodSpec {
    return this.#pods.get(uid)?.spec ?? { containers: [] };
  }

  /** Every attempt of a container, the earliest first. */
  attempts(uid: string, name: string): Track[] {
    return this.#byName.get(`${uid}/${name}`) ?? [];
  }

  /** The one that was started last: a create that came late may have made another that nobody wants. */
  latest(uid: string, name: string): Track | undefined {
    const attempts = this.attempts(uid, name);
    return attempts.findLast(({ started, failedToStart }) => started || failedToStart) ?? attempts.at(-1);
  }

  of(uid: string): Track[] {
    return [...this.tracks.values()].filter((track) => track.uid === uid);
  }

  happened(moment: Moment): Track {
    const { container } = moment;
    const track = this.tracks.get(container.id) ?? this.#begin(container);
    if (moment.type === 'started') {
      track.started = this.mark();
      // By hand, one that had ended.
      track.ended = undefined;
    }
    if (moment.type === 'exited') track.ended = { ...this.mark(), exitCode: container.exitCode ?? 0 };
    if (moment.type === 'removed') track.removed = this.mark();
    if (moment.type === 'signalled' && moment.signal === 'SIGKILL') track.killAtMs ??= moment.atMs;
    else if (moment.type === 'signalled') track.termAtMs ??= moment.atMs;
    return track;
  }

  #begin(container: ContainerObservation): Track {
    const { id, kind, name, attempt, labels, identity } = container;
    const pod = this.podOf(identity.uid);
    const track: Track = {
      id,
      kind,
      uid: identity.uid,
      name,
      sandboxId: kind === 'sandbox' ? id : (labels[LABEL.sandboxId] ?? ''),
      attempt,
      pod,
      spec: containersOf(pod).find((spec) => spec.name === name),
      created: this.mark(),
      byHand: false,
      startedByHand: false,
      adopted: false,
      postStart: {},
      preStop: {},
      claims: new Set(),
      probes: newProbes(),
    };
    this.tracks.set(id, track);
    const place = `${identity.uid}/${name}`;
    this.#byName.set(place, [...(this.#byName.get(place) ?? []), track]);
    return track;
  }

  /** An effect that monopod carries out, and the state it comes from: why it stops something stands there. */
  sent(effect: Effect, state: PodState): void {
    const track = 'id' in effect ? this.tracks.get(effect.id) : undefined;
    if (!track) return;
    if (effect.type === 'probe') {
      track.probes[effect.kind].underWay = true;
      track.probes[effect.kind].lastSent = this.mark();
    }
    if (effect.type === 'run-hook') track[effect.hook].sent = this.mark();
    if (effect.type === 'kill' || (effect.type === 'run-hook' && effect.hook === 'preStop')) {
      track.stopSent ??= this.mark();
      track.claims.add(claimOf(state, effect.serial, effect.id));
    }
  }

  heard(event: PodEvent): void {
    switch (event.type) {
      case 'desire':
        return this.#heardDesire(event.desired.want === 'run' ? event.desired.staticPod.uid : undefined);
      case 'answered':
        return this.#heardAnswer(event.effect, event.result);
      case 'observed':
        return this.#learn(event.observation);
      case 'removed':
        return this.#learnGone(event.id);
    }
  }

  #heardDesire(uid: string | undefined): void {
    const word = { ...this.mark(), uid };
    this.toldInLife = word;
    if (this.told.length === 0 || this.told.at(-1)?.uid !== uid) this.told.push(word);
  }

  #heardAnswer(effect: Effect, result: { ok: boolean; value?: unknown; error?: { code: string } }): void {
    const track = 'id' in effect ? this.tracks.get(effect.id) : undefined;
    if (effect.type === 'list' && result.ok) return this.#heardList(result.value as ContainerObservation[]);
    if (effect.type === 'start-sandbox' || effect.type === 'start-container') {
      if (result.ok) return this.#learn(result.value as ContainerObservation);
      if (track && startsNoMore(result.error?.code)) {
        track.failedToStart = { ...this.mark(), exitCode: 128 };
        this.#learnEnd(track, 128, true);
      }
    }
    if (!track) return;
    if (effect.type === 'run-hook') track[effect.hook].ended = { ...this.mark(), well: result.ok };
    if (effect.type === 'probe') {
      const verdict = result.ok
        ? (result.value as { result: 'success' | 'failure' | 'unknown' }).result
        : 'unknown';
      this.#heardProbe(track, effect.kind, verdict);
    }
  }

  #heardProbe(track: Track, kind: ProbeKind, seen: 'success' | 'failure' | 'unknown'): void {
    const probe = track.probes[kind];
    probe.underWay = false;
    if (seen === 'unknown') return;
    probe.inRow = probe.last === seen ? probe.inRow + 1 : 1;
    probe.last = seen;
    const { failureThreshold = 3, successThreshold = 1 } = track.spec?.[`${kind}Probe`] ?? {};
    if (probe.inRow < (seen === 'failure' ? failureThreshold : successThreshold)) return;
    probe.result = seen;
    if (seen === 'failure') probe.failed ??= this.mark();
  }

  #heardList(all: ContainerObservation[]): void {
    const there = new Set(all.map(({ id }) => id));
    for (const seen of all) this.#learn(seen);
    for (const track of this.tracks.values())
      if (track.known && !there.has(track.id)) this.#learnGone(track.id);
  }

  #learn(seen: ContainerObservation): void {
    const track = this.tracks.get(seen.id);
    if (!track) return;
    const startedAgain =
      seen.state === 'running' && (track.started?.order ?? 0) > (track.knownEnd?.order ?? 0);
    if (track.known === 'ended' && !startedAgain) return;
    if (startedAgain) track.knownEnd = undefined;
    if (seen.state === 'exited') this.#learnEnd(track, seen.exitCode ?? 0, false);
    else track.known = seen.state;
  }

  #learnGone(id: string): void {
    const track = this.tracks.get(id);
    if (track && track.known !== 'ended') this.#learnEnd(track, 137, true);
  }

  #learnEnd(track: Track, exitCode: number, lost: boolean): void {
    track.known = 'ended';
    const mark = this.mark();
    track.knownEnd = { ...mark, exitCode, lost };
    if (!track.spec || ruleFor(track.spec, exitCode) !== 'RestartAllContainers') return;
    const surely = !lost && !track.byHand && !track.stopSent && this.latest(track.uid, track.name) === track;
    track.asksForAll ??= { ...mark, surely };
  }

  /** Monopod has died. Without its checkpoint it knows nothing any more. */
  crashed(losesMemory: boolean): void {
    this.toldInLife = undefined;
    if (losesMemory) {
      this.losses += 1;
      this.lossAt = this.mark();
    }
    for (const track of this.tracks.values()) {
      for (const kind of PROBE_KINDS)
        Object.assign(track.probes[kind], { inRow: 0, last: undefined, underWay: false });
      if (losesMemory) this.#forget(track);
    }
  }

  #forget(track: Track): void {
    Object.assign(track, {
      known: undefined,
      knownEnd: undefined,
      asksForAll: undefined,
      stopSent: undefined,
      adopted: track.removed === undefined,
      probes: newProbes(),
    });
  }
}

/** Whatever else went wrong, it may yet be started, or has been. */
const startsNoMore = (code = '') =>
  !['', 'EngineUnavailable', 'EngineTimeout', 'ThreadExited', 'NoSuchContainer'].includes(code);

/** Why it is stopped, as the state says that has it. */
export function claimOf(state: PodState, serial: number, id: string): StopReason | 'stray' {
  for (const generation of [state.current, state.next]) {
    if (generation?.serial !== serial) continue;
    for (const { phase } of generation.containers)
      if (phase.at === 'running' && phase.id === id && phase.stop) return phase.stop.why;
  }
  return 'stray';
}
