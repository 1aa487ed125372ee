// How one call to the engine runs: limited, timed, traced, its failure a value. Notices an engine that breaks
// connections or does not answer, and tells whoever watches the engine (watch.ts).
import { type Attributes, context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Clock } from '../../clock.ts';
import type { Result } from '../../errors.ts';
import { type Refusal, refusalOf } from './failures.ts';
import { Limiter, type Priority } from './limiter.ts';

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** A call as dockerode makes it; the signal ends it when nobody waits for it any more. */
export type Call<T> = (abortSignal: AbortSignal) => Promise<T>;

export type CallTimes = {
  /** After this long a call is given up: EngineTimeout. */
  timeoutMs: number;
  /** A call without an answer for this long (and again each such while) raises `onTrouble`. */
  slowMs: number;
};

export class EngineCalls {
  readonly #clock: Clock;
  readonly #times: CallTimes;
  readonly #limiter: Limiter;
  readonly #underWay = new Set<(refusal: Refusal) => void>();
  readonly #whenAway = new Set<(message: string) => void>();
  #away: string | undefined;
  /** A connection broke, or an answer is overdue since `sinceMs`. */
  onTrouble: (sinceMs: number) => void = () => {};

  constructor(clock: Clock, times: CallTimes, limiter = new Limiter()) {
    this.#clock = clock;
    this.#times = times;
    this.#limiter = limiter;
  }

  /** While the engine is known to be away, calls fail at once with this message instead of waiting in line. */
  set away(message: string | undefined) {
    this.#away = message;
    if (message !== undefined) for (const tell of [...this.#whenAway]) tell(message);
  }

  /** For what outlives its call: told when the engine is given up, at once if it is so already. Answers with its end. */
  whenAway(tell: (message: string) => void): () => void {
    if (this.#away !== undefined) tell(this.#away);
    else this.#whenAway.add(tell);
    return () => this.#whenAway.delete(tell);
  }

  /** Gives up what is under way: the connections it went over are dead. */
  abandon(message: string): void {
    for (const refuse of [...this.#underWay]) refuse({ kind: 'unreachable', message });
  }

  async run<T>(priority: Priority, call: Call<T>): Promise<Answer<T>> {
    if (this.#away !== undefined) return unreachable(this.#away);
    return this.#limiter.run(priority, async () => {
      if (this.#away !== undefined) return unreachable(this.#away);
      const startedAtMs = this.#clock.now();
      const overdue = { afterMs: this.#times.slowMs, tell: () => this.onTrouble(startedAtMs) };
      const answer = await this.attempt(call, this.#times.timeoutMs, overdue);
      if (!answer.ok && answer.refusal.kind === 'unreachable') this.onTrouble(startedAtMs);
      return answer;
    });
  }

  /** One call past limit and outage: for the checks on the engine itself, and for streams. */
  attempt<T>(
    call: Call<T>,
    timeoutMs: number,
    overdue?: { afterMs: number; tell(): void },
  ): Promise<Answer<T>> {
    const abort = new AbortController();
    const deadlineMs = this.#clock.now() + timeoutMs;
    return new Promise((resolve) => {
      const settle = (answer: Answer<T>) => {
        timer.cancel();
        this.#underWay.delete(refuse);
        resolve(answer);
      };
      // Settles by itself: a connection that breaks in the middle of an answer leaves dockerode's promise pending.
      const refuse = (refusal: Refusal) => {
        settle({ ok: false, refusal });
        abort.abort();
      };
      const tick = () => {
        const leftMs = deadlineMs - this.#clock.now();
        if (leftMs <= 0) return refuse({ kind: 'timeout', message: `no answer within ${timeoutMs} ms` });
        overdue?.tell();
        timer = this.#clock.after(Math.min(leftMs, overdue?.afterMs ?? leftMs), tick);
      };
      let timer = this.#clock.after(Math.min(timeoutMs, overdue?.afterMs ?? timeoutMs), tick);
      this.#underWay.add(refuse);
      call(abort.signal).then(
        (value) => settle({ ok: true, value }),
        (thrown) => settle({ ok: false, refusal: refusalOf(thrown) }),
      );
    });
  }
}

const unreachable = (message: string): Answer<never> => ({
  ok: false,
  refusal: { kind: 'unreachable', message },
});

/** A span `engine.<name>` around `work`, waiting in line included; an expected failure is its error. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const span = trace.getTracer('monopod').startSpan(`engine.${name}`, { attributes });
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    if (!result.ok) {
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: `${result.error.code}: ${result.error.message}`,
      });
    }
    return result;
  } finally {
    span.end();
  }
}
