// The URL source: asks at its times, has what changed judged, and posts what came of it. Answers in, SourceUpdates out.
// Owned by the source thread.
import { hash } from 'node:crypto';
import { type Context, context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Clock, sleep, type Timer } from '../../clock.ts';
import { inject } from '../../telemetry/carrier.ts';
import type { Decoder } from '../decoding.ts';
import { LastGood } from '../last-good.ts';
import { sourceIdOf, type UrlSourceData } from '../service.ts';
import type { SourceUpdate } from '../update.ts';
import { type Answer, defaultLimits, fetchAnswer, type Limits, type Validators } from './fetch-answer.ts';
import type { Environment } from './proxy.ts';
import { publicUrl } from './public-url.ts';
import { takeAnswer } from './take-answer.ts';
import { readTlsFiles } from './tls-files.ts';

export type UrlSourceOptions = Omit<UrlSourceData, 'kind'> & {
  clock: Clock;
  decoder: Decoder;
  /** For the proxy variables. */
  env: Environment;
  post(update: SourceUpdate): void;
  limits?: Limits;
};

/** The answer that was judged last: the same again says the same again. */
type Known = { hash: string; validators: Validators; trouble: string | undefined; decoderFailures: number };

/** Who is asked at once at start and does not answer by then is told of as it was. */
const firstWordMs = 1_000;
const retryMsMin = 1_000;
const decoderFailuresMax = 3;

export class UrlSource {
  readonly #options: UrlSourceOptions;
  readonly #url: string;
  readonly #lastGood: LastGood;
  readonly #tracer = trace.getTracer('monopod');
  readonly #stop = new AbortController();
  #known: Known | undefined;
  #asking: Promise<void> | undefined;
  #next: Timer | undefined;
  #began = false;
  /** At the start; afterwards the next time is soon enough. */
  #failuresAtStart: number | undefined = 0;

  constructor(options: UrlSourceOptions) {
    const { url, lastGood, clock } = options;
    this.#options = options;
    this.#url = publicUrl(url);
    this.#lastGood = new LastGood(sourceIdOf({ kind: 'url', url }), lastGood, clock.now());
  }

  /** Resolves when the first update has been posted. */
  async start(): Promise<void> {
    const { clock, decoder, post } = this.#options;
    decoder.warm();
    const first = this.rescan();
    const answered = await Promise.race([first.then(() => true), sleep(clock, firstWordMs)]);
    if (this.#stop.signal.aborted) return;
    if (!answered) this.#lastGood.setTrouble('unreadable', 'it has not answered yet', clock.now());
    this.#began = true;
    post(this.#lastGood.full());
    void first.then(() => this.#askLater());
  }

  /** Asks now, and resolves when what it answers has been judged and posted. */
  async rescan(): Promise<void> {
    // One that is under way may be of before.
    while (this.#asking !== undefined) await this.#asking;
    this.#asking = this.#ask();
    await this.#asking;
    this.#asking = undefined;
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('monopod is stopping'));
    this.#next?.cancel();
    await this.#options.decoder.close();
  }

  #askLater(): void {
    if (this.#stop.signal.aborted) return;
    const { clock, checkFrequencyMs } = this.#options;
    const retryMs =
      this.#failuresAtStart === undefined
        ? Number.POSITIVE_INFINITY
        : retryMsMin * 2 ** this.#failuresAtStart;
    const delayMs = Math.min(checkFrequencyMs, retryMs);
    this.#next = clock.after(delayMs, () => void this.rescan().then(() => this.#askLater()));
  }

  async #ask(): Promise<void> {
    const { clock } = this.#options;
    const askedMs = clock.now();
    const answer = await this.#fetch();
    if (this.#stop.signal.aborted) return;
    if (answer.kind !== 'failed') this.#failuresAtStart = undefined;
    else if (this.#failuresAtStart !== undefined) this.#failuresAtStart += 1;
    const within = answer.kind === 'body' ? await this.#understand(answer, askedMs) : undefined;
    const trouble = answer.kind === 'failed' ? answer.reason : this.#known?.trouble;
    if (this.#stop.signal.aborted) return;
    this.#lastGood.setTrouble('unreadable', trouble, clock.now());
    this.#send(within?.context ?? ROOT_CONTEXT);
    within?.span.end();
  }

  async #fetch(): Promise<Answer> {
    const { url, headers, files, env, clock, limits = defaultLimits } = this.#options;
    const tls = await readTlsFiles(files);
    if (typeof tls === 'string') return { kind: 'failed', reason: tls };
    const { validators } = this.#known ?? {};
    return fetchAnswer({ url, headers, validators, tls, env, clock, signal: this.#stop.signal }, limits);
  }

  /** Answers with the trace, if the bytes were judged. */
  async #understand(
    { bytes, validators }: Extract<Answer, { kind: 'body' }>,
    askedMs: number,
  ): Promise<{ span: Span; context: Context } | undefined> {
    const before = this.#known;
    const content = hash('sha256', bytes, 'base64');
    const same = before?.hash === content ? before : undefined;
    const isToTryAgain = same && same.decoderFailures > 0 && same.decoderFailures < decoderFailuresMax;
    if (same && !isToTryAgain) {
      this.#known = { ...same, validators };
      return undefined;
    }
    const attributes = { path: this.#url, kind: before === undefined ? 'add' : 'change' };
    const span = this.#tracer.startSpan('source.event', { root: true, startTime: askedMs, attributes });
    const within = trace.setSpan(ROOT_CONTEXT, span);
    this.#tracer
      .startSpan('source.read', { startTime: askedMs, attributes: { path: this.#url } }, within)
      .end();
    const { trouble, fault } = await this.#judge(bytes, within);
    // What the decoder could not do is asked for again: nothing is to say that it need not be sent.
    this.#known = {
      hash: fault === 'decoder' ? '' : content,
      validators: fault === undefined ? validators : {},
      trouble,
      decoderFailures: fault === 'file' ? (same?.decoderFailures ?? 0) + 1 : 0,
    };
    return { span, context: within };
  }

  async #judge(
    bytes: Uint8Array,
    within: Context,
  ): Promise<{ trouble: string | undefined; fault?: 'file' | 'decoder' }> {
    const { clock, decoder, nodeName } = this.#options;
    const attributes = { path: this.#url };
    const span = this.#tracer.startSpan('manifest.decode', { attributes }, within);
    const answer = await decoder.decodeDocuments({
      // Its memory is handed over: a small Buffer shares it with others.
      bytes: new Uint8Array(bytes),
      origin: this.#url,
      source: 'http',
      nodeName,
      seenAtMs: clock.now(),
    });
    if (answer.failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure });
    span.end();
    if (answer.failure !== undefined) return { trouble: answer.failure, fault: answer.fault };
    if (this.#stop.signal.aborted) return { trouble: undefined };
    const when = { nowMs: clock.now(), trace: inject(within) };
    return { trouble: takeAnswer(this.#lastGood, this.#url, answer.verdict, when) };
  }

  /** The update travels in the trace of what caused it. */
  #send(within: Context): void {
    if (!this.#began || this.#stop.signal.aborted) return;
    const update = this.#lastGood.change();
    if (update !== undefined) context.with(within, () => this.#options.post(update));
  }
}
