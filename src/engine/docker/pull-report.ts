// Follows Docker's report of one pull to its end: how it ended, how far it is meanwhile, and whether it still moves.
import type { Readable } from 'node:stream';
import type { Clock, Timer } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { PullProgress } from '../engine.ts';
import { JsonLines } from './json-lines.ts';
import { PullTally } from './pull-tally.ts';

export type PullEnd =
  | { is: 'done'; isNew: boolean }
  /** In the engine's words, the registry's within them. */
  | { is: 'failed'; words: string }
  | { is: 'engine-lost'; words: string };

export type PullFollowing = {
  stallTimeoutMs: number;
  /** Nobody waits for it any more. */
  signal: AbortSignal;
  tell(progress: PullProgress): void;
};

/** How far it is is told so often at most. */
const tellEveryMs = 1000;

export function followPull(stream: Readable, clock: Clock, following: PullFollowing): Promise<PullEnd> {
  const { stallTimeoutMs, signal } = following;
  const { promise, resolve } = Promise.withResolvers<PullEnd>();
  const tally = new PullTally();
  const telling = new Telling(clock, () => following.tell(tally.progress));
  let lastMovedMs = clock.now();
  let said: string | undefined;
  const lines = new JsonLines((value) => {
    said ??= errorOf(value);
    if (tally.take(value)) telling.due();
  });
  const end = (pullEnd: PullEnd) => {
    timer.cancel();
    telling.cancel();
    signal.removeEventListener('abort', giveUp);
    // The engine gives up a pull that nobody listens to.
    stream.destroy();
    resolve(pullEnd);
  };
  const failed = (words: string) => end({ is: 'failed', words });
  const giveUp = () => failed('nobody waits for it any more');
  const watchStall = () => {
    const leftMs = lastMovedMs + stallTimeoutMs - clock.now();
    if (leftMs <= 0) return failed(`no progress for ${stallTimeoutMs / 1000} s`);
    timer = clock.after(leftMs, watchStall);
  };
  let timer = clock.after(stallTimeoutMs, watchStall);
  signal.addEventListener('abort', giveUp, { once: true });
  stream.on('data', (chunk: Buffer) => {
    lastMovedMs = clock.now();
    try {
      lines.push(chunk);
    } catch (error) {
      failed(`the engine's report of the pull is broken: ${messageOf(error)}`);
    }
  });
  stream.on('end', () => {
    if (said !== undefined || lines.cut) failed(said ?? 'the pull was cut off');
    else end({ is: 'done', isNew: tally.isNew });
  });
  stream.on('error', (error) => end({ is: 'engine-lost', words: messageOf(error) }));
  stream.on('close', () => end({ is: 'engine-lost', words: 'the connection was closed' }));
  if (signal.aborted) giveUp();
  return promise;
}

/** The first at once, what follows within the interval as one at its end. */
class Telling {
  readonly #clock: Clock;
  readonly #tell: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  due(): void {
    this.#timer ??= this.#clock.after(this.#lastMs + tellEveryMs - this.#clock.now(), () => {
      this.#timer = undefined;
      this.#lastMs = this.#clock.now();
      this.#tell();
    });
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}

/** A pull that fails after its report has begun says so in its last line only. */
function errorOf(value: unknown): string | undefined {
  const { error, errorDetail } = (value ?? {}) as { error?: string; errorDetail?: { message?: string } };
  return errorDetail?.message ?? error;
}
