// What goes wrong: drawn from the seed, or as listed in a plan. Each thing that can fail is counted by its name, so that
// "the second start of uid0/main0" stays what it is when other things are taken out of the plan.
import type { EventFate, Fault, Operation } from '../../src/engine/fake/script.ts';
import type { FailureCode } from '../../src/errors.ts';
import { type Draw, drawFrom } from './draw.ts';
import type { Trouble } from './plan.ts';

type Kind = 'call' | 'event' | 'host';
type Decide = (kind: Kind, what: string, nth: number) => Trouble | undefined;

export class Weather {
  /** All that has gone wrong. */
  readonly troubles: Trouble[] = [];
  readonly #decide: Decide;
  readonly #counts = new Map<string, number>();

  constructor(decide: Decide) {
    this.#decide = decide;
  }

  static drawn(seed: number): Weather {
    return new Weather((kind, what, nth) => {
      const draw = drawFrom(seed, `${what} ${nth}`);
      if (kind === 'host') return draw.chance(0.05) ? { with: what, nth, fails: true } : undefined;
      if (kind === 'event') {
        const fate = drawFate(draw);
        return fate && { with: what, nth, fate };
      }
      const fault = drawFault(draw, what.split(' ')[0] as Operation);
      return fault && { with: what, nth, fault };
    });
  }

  static listed(troubles: Trouble[]): Weather {
    const byName = new Map(troubles.map((trouble) => [`${trouble.with} ${trouble.nth}`, trouble]));
    return new Weather((_kind, what, nth) => byName.get(`${what} ${nth}`));
  }

  fault(operation: Operation, subject: string): Fault | undefined {
    const trouble = this.#next('call', `${operation} ${subject}`);
    return trouble && 'fault' in trouble ? trouble.fault : undefined;
  }

  fate(event: string): EventFate {
    const trouble = this.#next('event', `told ${event}`);
    return trouble && 'fate' in trouble ? trouble.fate : [{ delayMs: 0 }];
  }

  hostFails(what: string): boolean {
    return this.#next('host', `host ${what}`) !== undefined;
  }

  #next(kind: Kind, what: string): Trouble | undefined {
    const nth = this.#counts.get(what) ?? 0;
    this.#counts.set(what, nth + 1);
    const trouble = this.#decide(kind, what, nth);
    if (trouble) this.troubles.push(trouble);
    return trouble;
  }
}

const refusals: Partial<Record<Operation, FailureCode>> = {
  createSandbox: 'SandboxCreateFailed',
  createContainer: 'ContainerCreateFailed',
  start: 'ContainerStartFailed',
  ensureImage: 'ImagePullFailed',
};

function drawFault(draw: Draw, operation: Operation): Fault | undefined {
  if (!draw.chance(operation === 'exec' ? 0.02 : 0.06)) return undefined;
  const kind = draw.pick(['fail', 'timeout', 'slow'] as const);
  // The engine serialises what it does to one container: a start never overtakes or lags another call to it.
  if (kind === 'slow') return operation === 'start' ? undefined : { kind, delayMs: draw.upTo(10_000) };
  if (kind === 'timeout') return { kind, effect: draw.chance(0.5) };
  return { kind, code: (draw.chance(0.7) && refusals[operation]) || 'EngineError' };
}

/** Lost, late, told twice. */
function drawFate(draw: Draw): EventFate | undefined {
  if (draw.chance(0.1)) return [];
  const twice = draw.chance(0.1);
  const late = () => ({ delayMs: draw.chance(0.2) ? draw.upTo(5000) : 0 });
  const fate = twice ? [late(), late()] : [late()];
  return twice || fate[0]?.delayMs ? fate : undefined;
}
