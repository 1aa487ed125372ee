// Drives the pure transition step by step, with an obedient little engine behind it: effects wait in `pending` until
// `go` answers them, all but those of a type that is held or told to fail.
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { LABEL, SANDBOX_NAME } from '../../src/engine/labels.ts';
import { type FailureCode, fail, ok, type Result } from '../../src/errors.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { AnsweredEvent, Effect, PodEvent } from '../../src/pod/events.ts';
import type { Retention } from '../../src/pod/planning.ts';
import { type ContainerSlot, newPodState, type PodState } from '../../src/pod/state.ts';
import { transition } from '../../src/pod/transition.ts';
import { podKey } from './pods.ts';

type Type = Effect['type'];
export type EffectOf<T extends Type> = Extract<Effect, { type: T }>;

const startMs = 1_800_000_000_000;

export class Life {
  state: PodState = newPodState(podKey, { want: 'undecided' });
  nowMs = startMs;
  wakeAtMs: number | undefined;
  /** Issued and not yet answered. */
  pending: Effect[] = [];
  /** All that was ever issued. */
  issued: Effect[] = [];
  retention: Retention | undefined;
  readonly held = new Set<Type>();
  readonly engine = new Map<string, ContainerObservation>();
  readonly #failures: { type: Type; code: FailureCode; message: string }[] = [];
  #ids = 0;

  send(event: PodEvent): Effect[] {
    const { state, effects, wakeAtMs } = transition(this.state, event, this.nowMs, 'pause', this.retention);
    this.state = state;
    this.wakeAtMs = wakeAtMs;
    this.pending.push(...effects);
    this.issued.push(...effects);
    return effects;
  }

  want(staticPod: StaticPod): Effect[] {
    return this.send({ type: 'desire', desired: { want: 'run', staticPod } });
  }

  wantGone(): Effect[] {
    return this.send({ type: 'desire', desired: { want: 'gone' } });
  }

  /** From nothing to every container running (or whatever the script of failures leads to). */
  static running(staticPod: StaticPod): Life {
    const life = new Life();
    life.want(staticPod);
    life.go();
    return life;
  }

  failNext(type: Type, code: FailureCode, message = 'injected'): void {
    this.#failures.push({ type, code, message });
  }

  /** Answers all that waits, and what follows from it, without time passing. Answers with what was issued. */
  go(): Effect[] {
    const before = this.issued.length;
    for (;;) {
      const effect = this.pending.find(({ type }) => !this.held.has(type));
      if (!effect) return this.issued.slice(before);
      this.answer(effect);
    }
  }

  /** Answers one effect: by the engine, or as told. */
  answer(effect: Effect, result: Result<unknown> = this.#carryOut(effect)): Effect[] {
    this.pending = this.pending.filter((waiting) => waiting !== effect);
    return this.send({ type: 'answered', effect, result } as AnsweredEvent);
  }

  /** Time passes; each wake-up on the way ticks, and what it leads to is answered. */
  pass(ms: number): Effect[] {
    const before = this.issued.length;
    const untilMs = this.nowMs + ms;
    while (this.wakeAtMs !== undefined && this.wakeAtMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.wakeAtMs);
      this.send({ type: 'tick' });
      this.go();
    }
    this.nowMs = untilMs;
    return this.issued.slice(before);
  }

  /** A container or the sandbox (`POD`) ends by itself, or by the signal it got. */
  ends(name: string, exitCode = 0, told = true): Effect[] {
    const running = [...this.engine.values()].find((seen) => seen.name === name && seen.state === 'running');
    if (!running) throw new Error(`no running ${name}`);
    const seen = { ...running, state: 'exited' as const, exitCode, finishedAtMs: this.nowMs };
    this.engine.set(seen.id, seen);
    return told ? this.send({ type: 'observed', observation: seen }) : [];
  }

  removedByHand(name: string): Effect[] {
    const id = this.idOf(name);
    this.engine.delete(id);
    return this.send({ type: 'removed', id });
  }

  /** The newest of this name on the engine. */
  idOf(name: string): string {
    const id = [...this.engine.values()].filter((seen) => seen.name === name).at(-1)?.id;
    if (id === undefined) throw new Error(`nothing named ${name} on the engine`);
    return id;
  }

  slot(name: string): ContainerSlot {
    const slot = this.state.current?.containers.find((candidate) => candidate.name === name);
    if (!slot) throw new Error(`no container ${name}`);
    return slot;
  }

  of<T extends Type>(type: T, effects: Effect[] = this.issued): EffectOf<T>[] {
    return effects.filter((effect) => effect.type === type) as EffectOf<T>[];
  }

  waiting<T extends Type>(type: T): EffectOf<T> {
    const [effect] = this.of(type, this.pending);
    if (!effect) throw new Error(`no ${type} under way`);
    return effect;
  }

  /** `create-container main`, `kill main SIGTERM`: for a glance at an order of things. */
  static told(effects: Effect[]): string[] {
    return effects.map((effect) =>
      [effect.type, 'container' in effect ? effect.container : '', 'signal' in effect ? effect.signal : '']
        .filter(Boolean)
        .join(' '),
    );
  }

  #carryOut(effect: Effect): Result<unknown> {
    const at = this.#failures.findIndex(({ type }) => type === effect.type);
    const [failure] = at < 0 ? [] : this.#failures.splice(at, 1);
    if (failure) return fail(failure.code, failure.message);
    switch (effect.type) {
      case 'list':
        return ok([...this.engine.values()]);
      case 'ensure-image':
        return ok({
          id: `sha256:${effect.image}`,
          ref: `sha256:${effect.image}`,
          user: '',
          stopSignal: 'SIGTERM',
        });
      case 'create-sandbox':
        return ok(this.#create(effect.serial, SANDBOX_NAME, effect.attempt, 0, {}));
      case 'create-container':
        return ok(
          this.#create(effect.serial, effect.container, effect.attempt, effect.restartCount, {
            [LABEL.sandboxId]: effect.sandboxId,
          }),
        );
      case 'start-sandbox':
      case 'start-container':
        return this.#start(effect.id);
      case 'probe':
        return ok({ result: 'success', message: '' });
      case 'read-message':
        return ok('');
      case 'remove':
        if (!effect.force && this.engine.get(effect.id)?.state === 'running')
          return fail('StillRunning', 'it runs');
        this.engine.delete(effect.id);
        return ok(undefined);
      default:
        return ok(undefined);
    }
  }

  #create(
    serial: number,
    name: string,
    attempt: number,
    restartCount: number,
    labels: Record<string, string>,
  ): string {
    const { current, next } = this.state;
    const uid = [current, next].find((generation) => generation?.serial === serial)?.staticPod.uid ?? '';
    this.#ids += 1;
    const id = `${name}-${this.#ids}`;
    this.engine.set(
      id,
      observation({ id, name, attempt, restartCount, labels, createdAtMs: this.nowMs }, uid),
    );
    return id;
  }

  #start(id: string): Result<unknown> {
    const seen = this.engine.get(id);
    if (!seen) return fail('NoSuchContainer', `no such container: ${id}`);
    if (seen.state !== 'created') return ok(seen);
    const ips = seen.kind === 'sandbox' ? ['172.17.0.2'] : [];
    const running = { ...seen, state: 'running' as const, startedAtMs: this.nowMs, ips };
    this.engine.set(id, running);
    return ok(running);
  }
}

export const observation = (
  some: Partial<ContainerObservation> & { id: string },
  uid: string,
): ContainerObservation => ({
  kind: some.name === SANDBOX_NAME ? 'sandbox' : 'container',
  identity: { name: 'web-node', namespace: 'default', uid },
  key: podKey,
  name: 'main',
  attempt: 0,
  restartCount: 0,
  labels: {},
  state: 'created',
  createdAtMs: startMs,
  oomKilled: false,
  error: '',
  image: 'busybox:1',
  imageId: 'sha256:1',
  ips: [],
  stopSignal: 'SIGTERM',
  ...some,
});
