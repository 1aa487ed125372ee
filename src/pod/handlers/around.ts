// What a probe or hook has around it, and the bounds it runs in: its time, and the life of its container. Pod thread.
import type { Clock } from '../../clock.ts';
import type { Engine } from '../../engine/engine.ts';

/** `signal` aborts when the container has ended: all that runs is dropped at once. */
export type Around = { engine: Pick<Engine, 'exec'>; clock: Clock; signal: AbortSignal };

/** What ended the work from outside. */
export type Cut = 'timeout' | 'aborted';

/** Says how to drop what the work has just opened; called when the work is over, at once if it is over already. */
export type Opened = (drop: () => void) => void;

/**
 * Runs the work until it ends, its time is over (0: no bound) or the container has ended. Whichever comes first decides,
 * and drops all that the work has opened; what becomes of the work after that is of no interest.
 */
export function bounded<T>(
  { clock, signal }: Pick<Around, 'clock' | 'signal'>,
  timeoutMs: number,
  work: (opened: Opened) => Promise<T>,
  whenCut: (cut: Cut) => T,
): Promise<T> {
  if (signal.aborted) return Promise.resolve(whenCut('aborted'));
  return new Promise((resolve, reject) => {
    const drops: (() => void)[] = [];
    let over = false;
    const end = (tell: () => void) => {
      if (over) return;
      over = true;
      timer?.cancel();
      signal.removeEventListener('abort', abort);
      for (const drop of drops) drop();
      tell();
    };
    const abort = () => end(() => resolve(whenCut('aborted')));
    const timer =
      timeoutMs > 0 ? clock.after(timeoutMs, () => end(() => resolve(whenCut('timeout')))) : undefined;
    signal.addEventListener('abort', abort);
    work((drop) => (over ? drop() : void drops.push(drop))).then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
