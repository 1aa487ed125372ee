// How often each kind of thing has happened in the lives that were lived: what never happens is not tested.
import { CONTAINER_EDGES, SANDBOX_EDGES, STAGE_EDGES } from '../../src/pod/edges.ts';
import type { Effect } from '../../src/pod/events.ts';
import type { PodState, ProbeKind, StopReason } from '../../src/pod/state.ts';
import { claimOf, type Track } from './history.ts';

const effects: Record<Effect['type'], 0> = {
  list: 0,
  'ensure-image': 0,
  'prepare-host': 0,
  'clean-host': 0,
  'create-sandbox': 0,
  'start-sandbox': 0,
  'create-container': 0,
  'start-container': 0,
  kill: 0,
  remove: 0,
  probe: 0,
  'run-hook': 0,
  'read-message': 0,
};

const stops: Record<StopReason | 'stray', 0> = {
  termination: 0,
  completion: 0,
  sandbox: 0,
  'restart-all': 0,
  liveness: 0,
  startup: 0,
  'post-start': 0,
  stray: 0,
};

/** A liveness probe that has failed is asked no more; so is a startup probe once it has a result. */
const turns: Record<ProbeKind, [from: string, to: string][]> = {
  startup: [
    ['unknown', 'success'],
    ['unknown', 'failure'],
  ],
  liveness: [['success', 'failure']],
  readiness: [
    ['failure', 'success'],
    ['success', 'failure'],
  ],
};

const edgeTables = { container: CONTAINER_EDGES, sandbox: SANDBOX_EDGES, stage: STAGE_EDGES };

export class Coverage {
  readonly counts = new Map<string, number>();

  constructor() {
    for (const type of Object.keys(effects)) this.counts.set(`effect ${type}`, 0);
    for (const hook of ['postStart', 'preStop']) this.counts.set(`hook ${hook}`, 0);
    for (const why of Object.keys(stops)) this.counts.set(`stop for ${why}`, 0);
    for (const [kind, all] of Object.entries(turns))
      for (const [from, to] of all) this.counts.set(`probe ${kind} ${from} -> ${to}`, 0);
    for (const [what, table] of Object.entries(edgeTables)) this.#countEdges(what, table);
  }

  get missing(): string[] {
    return [...this.counts].filter(([, count]) => count === 0).map(([what]) => what);
  }

  sent(effect: Effect, state: PodState): void {
    this.#count(`effect ${effect.type}`);
    if (effect.type === 'run-hook') this.#count(`hook ${effect.hook}`);
    if (effect.type === 'kill') this.#count(`stop for ${claimOf(state, effect.serial, effect.id)}`);
  }

  /** A probe's result before its answer, and after. */
  answered(kind: ProbeKind, before: string, { probes }: Track): void {
    const after = probes[kind].result;
    if (before !== after) this.#count(`probe ${kind} ${before} -> ${after}`);
  }

  /** Each move looks up its table: that is where it can be seen. */
  #countEdges(what: string, table: Record<string, readonly string[]>): void {
    for (const [from, all] of Object.entries(table)) {
      for (const to of all) this.counts.set(`${what} ${from} -> ${to}`, 0);
      const includes = (to: string): boolean => {
        this.#count(`${what} ${from} -> ${to}`);
        return Array.prototype.includes.call(all, to);
      };
      Object.defineProperty(all, 'includes', { value: includes, configurable: true });
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
