// Whether this host lets the engine lower an oom_score_adj below 0: without CAP_SYS_RESOURCE (rootless engines, nested
// virtual machines) each container that asks for it would fail to start.
import { readFileSync } from 'node:fs';
import type { Resources } from '../engine.ts';

const capSysResource = 24n;

export class OomScoreClamp {
  readonly #warn: (message: string) => void;
  #clamps: boolean | undefined;
  #warned = false;

  constructor(warn: (message: string) => void, clamps?: boolean) {
    this.#warn = warn;
    this.#clamps = clamps;
  }

  apply(resources: Resources): Resources {
    if ((resources.oomScoreAdj ?? 0) >= 0) return resources;
    this.#clamps ??= outOfBounds();
    if (!this.#clamps) return resources;
    if (!this.#warned)
      this.#warn('this host refuses a negative oom_score_adj: containers run with 0 instead');
    this.#warned = true;
    return { ...resources, oomScoreAdj: 0 };
  }

  /** Told of each failed start: what the bounding set did not show, the first refusal does. */
  learn(message: string): void {
    if (/oom_score_adj/.test(message)) this.#clamps = true;
  }
}

/** Not in our bounding set: then not in that of an engine beside us either. */
function outOfBounds(): boolean {
  try {
    const bounds = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return bounds !== undefined && ((BigInt(`0x${bounds}`) >> capSysResource) & 1n) === 0n;
  } catch {
    return false;
  }
}
