// What must hold whatever happens. Each moment on the engine is judged as it comes; convergence at the end.
import type { ContainerObservation } from '../../src/engine/engine.ts';
import type { Moment } from '../../src/engine/fake/script.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { Desired } from '../../src/pod/state.ts';

export class Invariants {
  readonly violations: string[] = [];
  /** What a person killed or removed: its end is not ours to answer for. */
  readonly byHand = new Set<string>();
  readonly #pods: Map<string, StaticPod>;
  readonly #termAtMs = new Map<string, number>();
  readonly #killed = new Set<string>();
  readonly #endedAtMs = new Map<string, number>();
  readonly #desires: { atMs: number; desired: Desired }[] = [];

  constructor(pods: StaticPod[]) {
    this.#pods = new Map(pods.map((pod) => [pod.uid, pod]));
  }

  /** What a person wants from now on. */
  wants(desired: Desired, atMs: number): void {
    this.#desires.push({ desired, atMs });
  }

  see(moment: Moment, all: ContainerObservation[]): void {
    const { container, atMs } = moment;
    if (container.kind !== 'container') return;
    if (moment.type === 'started') this.#started(container, all);
    if (moment.type === 'exited') this.#endedAtMs.set(container.id, atMs);
    if (moment.type === 'signalled' && moment.signal === 'SIGKILL') this.#mayKill(container, atMs);
    if (moment.type === 'signalled' && moment.signal !== 'SIGKILL')
      this.#termAtMs.set(container.id, this.#termAtMs.get(container.id) ?? atMs);
    if (
      moment.type === 'removed' &&
      this.#endedAtMs.get(container.id) === atMs &&
      !this.#killed.has(container.id)
    )
      this.#mayKill(container, atMs);
  }

  #started(container: ContainerObservation, all: ContainerObservation[]): void {
    const running = all.filter(
      ({ kind, state, id }) => kind === 'container' && state === 'running' && id !== container.id,
    );
    const other = running.find(({ identity }) => identity.uid !== container.identity.uid);
    if (other) this.#violated(container, `started while ${other.identity.uid}/${other.name} runs`);
    if (
      running.some(({ name, identity }) => name === container.name && identity.uid === container.identity.uid)
    ) {
      this.#violated(container, 'runs twice');
    }
    const init = (name: string) => name.startsWith('init');
    if (running.some(({ name }) => init(name) !== init(container.name)))
      this.#violated(container, 'init and main containers run at once');
  }

  #mayKill(container: ContainerObservation, atMs: number): void {
    this.#killed.add(container.id);
    if (this.byHand.has(container.id)) return;
    const graceSeconds =
      this.#pods.get(container.identity.uid)?.pod.spec?.terminationGracePeriodSeconds ?? 30;
    const termAtMs = this.#termAtMs.get(container.id);
    if (termAtMs === undefined) this.#violated(container, 'killed without SIGTERM');
    else if (atMs < Math.min(termAtMs + graceSeconds * 1000, this.#shortened(container)))
      this.#violated(container, `killed ${atMs - termAtMs} ms after SIGTERM, grace ${graceSeconds} s`);
  }

  /** A shorter grace that arrived after the word that ended the Pod counts from then. */
  #shortened({ identity, startedAtMs = 0 }: ContainerObservation): number {
    const own = (desired: Desired) => desired.want === 'run' && desired.staticPod.uid === identity.uid;
    const atStart = this.#desires.findLastIndex(({ atMs }) => atMs <= startedAtMs);
    const ended = this.#desires.findIndex(({ desired }, index) => index >= atStart && !own(desired));
    const deadlines = this.#desires.slice(ended + 1).map(({ atMs, desired }) => {
      if (desired.want !== 'run') return Number.POSITIVE_INFINITY;
      const { terminationGracePeriodSeconds = 30 } = desired.staticPod.pod.spec ?? {};
      return atMs + Math.max(1, terminationGracePeriodSeconds) * 1000;
    });
    return Math.min(Number.POSITIVE_INFINITY, ...deadlines);
  }

  /** Long after the last fault: what is desired is so, and nothing else is there. */
  converged(desired: Desired, all: ContainerObservation[], published: Pod | undefined, ended: boolean): void {
    const there = all
      .map(({ identity, name, state, id }) => `${identity.uid}/${name} ${state} ${id.slice(8, 12)}`)
      .join(', ');
    if (desired.want !== 'run') {
      if (all.length > 0) this.violations.push(`left behind: ${there}`);
      if (published) this.violations.push('still published, but nothing is desired');
      if (!ended) this.violations.push('the actor does not say that it has ended');
      return;
    }
    const { uid, pod } = desired.staticPod;
    const strangers = all.filter(({ identity }) => identity.uid !== uid);
    if (strangers.length > 0) this.violations.push(`left behind: ${there}`);
    if (published?.metadata?.uid !== uid)
      this.violations.push(`published ${published?.metadata?.uid}, desired ${uid}`);
    const phase = published?.status?.phase ?? '';
    const policy = pod.spec?.restartPolicy;
    const allowed =
      policy === 'Always' ? ['Running'] : ['Running', 'Succeeded', ...(policy === 'Never' ? ['Failed'] : [])];
    if (!allowed.includes(phase)) this.violations.push(`phase ${phase} under ${policy}: ${there}`);
    const sandboxes = all.filter(({ kind }) => kind === 'sandbox').length;
    if (sandboxes !== (phase === 'Running' ? 1 : 0))
      this.violations.push(`${sandboxes} sandboxes in phase ${phase}: ${there}`);
    for (const name of new Set(all.map((container) => container.name))) {
      const attempts = all.filter(
        (container) => container.name === name && container.kind === 'container',
      ).length;
      if (attempts > 2) this.violations.push(`${attempts} containers of ${name}: ${there}`);
    }
  }

  #violated(container: ContainerObservation, what: string): void {
    this.violations.push(`${container.identity.uid}/${container.name} ${container.id.slice(8, 12)}: ${what}`);
  }
}
