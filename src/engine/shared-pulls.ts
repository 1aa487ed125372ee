// Pulls, each shared by all that wait for its image: only so many at once, how far one is told to all of them, and one
// that nobody waits for any more given up. Knows nothing of what kind of engine pulls.
import { type Failure, messageOf } from '../errors.ts';
import { Limiter } from './docker/limiter.ts';
import type { PullProgress } from './engine.ts';

export type PullWait = { left?: AbortSignal; tell?(progress: PullProgress): void };

/** Pulls one image; never rejects. `signal`: nobody waits any more. */
export type PullOnce = (
  image: string,
  signal: AbortSignal,
  tell: (progress: PullProgress) => void,
) => Promise<Failure | undefined>;

type Pull = {
  waits: Set<PullWait>;
  abort: AbortController;
  progress?: PullProgress;
  ended: Promise<Failure | undefined>;
};

const queued: PullProgress = { at: 'queued', bytes: 0, totalBytes: 0, sized: false };
const asking: PullProgress = { ...queued, at: 'asking' };

export class SharedPulls {
  readonly #pulls = new Map<string, Pull>();
  readonly #limiter: Limiter;
  readonly #pullOnce: PullOnce;

  constructor(pullsMax: number, pullOnce: PullOnce) {
    this.#limiter = new Limiter(pullsMax, 0);
    this.#pullOnce = pullOnce;
  }

  /** Images that are being pulled now. */
  underWay(): Iterable<string> {
    return this.#pulls.keys();
  }

  /** Answers with why it failed, if it did. */
  async join(image: string, wait: PullWait): Promise<Failure | undefined> {
    const { left } = wait;
    if (left?.aborted) return nobodyWaits(image);
    const pull = this.#pulls.get(image) ?? this.#begin(image);
    pull.waits.add(wait);
    if (pull.progress) wait.tell?.(pull.progress);
    const { promise: leaves, resolve: leave } = Promise.withResolvers<Failure>();
    const onLeft = () => leave(nobodyWaits(image));
    left?.addEventListener('abort', onLeft, { once: true });
    const failure = await Promise.race([pull.ended, leaves]);
    left?.removeEventListener('abort', onLeft);
    pull.waits.delete(wait);
    if (pull.waits.size === 0) {
      if (this.#pulls.get(image) === pull) this.#pulls.delete(image);
      pull.abort.abort();
    }
    return failure;
  }

  #begin(image: string): Pull {
    const abort = new AbortController();
    const pull: Pull = { waits: new Set(), abort, ended: Promise.resolve(undefined) };
    const tell = (progress: PullProgress) => {
      pull.progress = progress;
      for (const wait of pull.waits) wait.tell?.(progress);
    };
    pull.progress = queued;
    pull.ended = this.#limiter
      .run('create', async () => {
        if (abort.signal.aborted) return nobodyWaits(image);
        tell(asking);
        return this.#pullOnce(image, abort.signal, tell);
      })
      .catch((thrown): Failure => ({ code: 'ImagePullFailed', message: messageOf(thrown) }))
      .finally(() => {
        if (this.#pulls.get(image) === pull) this.#pulls.delete(image);
      });
    this.#pulls.set(image, pull);
    return pull;
  }
}

const nobodyWaits = (image: string): Failure => ({
  code: 'ImagePullFailed',
  message: `nobody waits for image "${image}" any more`,
});
