// The source of pushed manifests: each is judged, written to disk and told to main before its push is answered. Calls
// in, SourceUpdates out. Nothing is watched: nobody else writes there. Owned by a source thread.
import { type Context, context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Clock, Timer } from '../../clock.ts';
import { describeVerdict } from '../../manifest/render-verdict.ts';
import type { Verdict } from '../../manifest/static-pod.ts';
import { strictly } from '../../manifest/strict.ts';
import { inject } from '../../telemetry/carrier.ts';
import type { Decoder } from '../decoding.ts';
import { codeOf, explainDirectory, explainMissing } from '../directory/explain.ts';
import { LastGood } from '../last-good.ts';
import { type PushSourceData, sourceIdOf } from '../service.ts';
import type { SourceUpdate } from '../update.ts';
import type {
  GetAnswer,
  NotDone,
  PushCalls,
  PutAnswer,
  PutOptions,
  RemoveAnswer,
  RemoveOptions,
  Tags,
} from './calls.ts';
import { pushNameOf, pushOrigin } from './push-name.ts';
import { PushedFiles } from './pushed-files.ts';
import { readAll, tagOf } from './read-all.ts';

export type PushSourceOptions = Omit<PushSourceData, 'kind'> & {
  clock: Clock;
  decoder: Decoder;
  /** Resolves when main has taken it in. */
  post(update: SourceUpdate): void | Promise<void>;
};

/** What could not be read or decoded for a reason that may pass is tried again. */
const againMs = 20_000;

type Judged = { verdict: Verdict } | { outcome: 'unavailable'; message: string };

export class PushSource {
  readonly #options: PushSourceOptions;
  readonly #files: PushedFiles;
  readonly #lastGood: LastGood;
  readonly #tracer = trace.getTracer('monopod');
  /** Of what is on the disk, by name. */
  readonly #tags = new Map<string, string>();
  /** The last call for each name that is being changed. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Every call waits for it; never rejects. */
  #reading: Promise<unknown> = Promise.resolve();
  /** The directory was readable once, so that it must not be missing. */
  #everRead: boolean;
  #unavailable: string | undefined;
  #again: Timer | undefined;
  #began = false;
  #stopped = false;

  constructor(options: PushSourceOptions) {
    const { clock, directory, lastGood } = options;
    this.#options = options;
    this.#files = new PushedFiles(directory);
    this.#everRead = lastGood.length > 0;
    this.#lastGood = new LastGood(sourceIdOf({ kind: 'push' }), lastGood, clock.now());
  }

  /** Resolves when the first update has been posted. */
  async start(): Promise<void> {
    await this.rescan();
  }

  /** Reads all that is on the disk, once no call is under way. Resolves when main has been told. */
  rescan(): Promise<void> {
    const mine = Promise.all([this.#reading, ...this.#turns.values()]).then(() => this.#read());
    this.#reading = mine;
    return mine;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.cancel();
    await this.#options.decoder.close();
  }

  get calls(): PushCalls {
    return {
      put: (...args) => this.put(...args),
      remove: (...args) => this.remove(...args),
      get: (...args) => this.get(...args),
    };
  }

  put(name: string, bytes: Uint8Array<ArrayBuffer>, options: PutOptions): Promise<PutAnswer> {
    this.#options.decoder.warm();
    return this.#inTurn(name, () => this.#put(name, bytes, options));
  }

  remove(name: string, options: RemoveOptions): Promise<RemoveAnswer> {
    return this.#inTurn(name, () => this.#remove(name, options));
  }

  async get(name: string): Promise<GetAnswer> {
    await this.#reading;
    const read = this.#files.read(name);
    if (read.kind === 'read') return { outcome: 'found', bytes: read.bytes, tag: tagOf(read.bytes) };
    if (read.kind === 'gone' && this.#unavailable === undefined) return { outcome: 'absent' };
    const message = 'reason' in read ? `its file ${read.reason}` : 'its file cannot be read now';
    return { outcome: 'unavailable', message: this.#unavailable ?? message };
  }

  #inTurn<T>(name: string, task: () => Promise<T>): Promise<T> {
    const mine = Promise.all([this.#reading, this.#turns.get(name)]).then(task);
    const settled = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(name) === settled) this.#turns.delete(name);
      });
    this.#turns.set(name, settled);
    return mine;
  }

  async #put(name: string, bytes: Uint8Array<ArrayBuffer>, options: PutOptions): Promise<PutAnswer> {
    const refused = this.#mayNot(name, options);
    if (refused) return refused;
    const { clock } = this.#options;
    const origin = pushOrigin(name);
    const isNew = !this.#lastGood.has(origin);
    const attributes = { path: origin, kind: isNew ? 'add' : 'change', dryRun: options.dryRun };
    const span = this.#tracer.startSpan('source.event', { root: true, startTime: clock.now(), attributes });
    const within = trace.setSpan(ROOT_CONTEXT, span);
    try {
      const judged = await this.#judge(origin, bytes, within);
      if ('outcome' in judged) return judged;
      const verdict = byMeasure(judged.verdict, options.fieldValidation);
      const answer = (
        outcome: 'created' | 'changed' | 'unchanged' | 'rejected',
        tag?: string,
      ): PutAnswer => ({
        outcome,
        verdict,
        ...(tag !== undefined && { tag }),
        ...(options.describe && { description: describeVerdict(name, bytes, verdict) }),
      });
      const judgement = { kind: 'decoded', verdict: verdict.accepted ? judged.verdict : verdict } as const;
      const when = () => ({ nowMs: clock.now(), trace: inject(within) });
      const before = this.#tags.get(name);
      if (!verdict.accepted) {
        if (!options.dryRun && !isNew) {
          this.#lastGood.judge(origin, judgement, when());
          await this.#send(within);
        }
        return answer('rejected', before);
      }
      const tag = tagOf(bytes);
      const outcome = isNew ? 'created' : tag === before ? 'unchanged' : 'changed';
      if (options.dryRun) return answer(outcome, tag);
      const failed = tag === before ? undefined : await this.#persist(name, bytes, within);
      if (failed) return failed;
      this.#tags.set(name, tag);
      this.#lastGood.judge(origin, judgement, when());
      await this.#send(within);
      return answer(outcome, tag);
    } finally {
      span.end();
    }
  }

  async #remove(name: string, options: RemoveOptions): Promise<RemoveAnswer> {
    const origin = pushOrigin(name);
    if (this.#unavailable === undefined && !this.#lastGood.has(origin)) return { outcome: 'absent' };
    const refused = this.#mayNot(name, options);
    if (refused) return refused;
    if (options.dryRun) return { outcome: 'removed' };
    const attributes = { path: origin, kind: 'remove' };
    const span = this.#tracer.startSpan('source.event', { root: true, attributes });
    try {
      await this.#files.remove(name);
    } catch (error) {
      return this.#notDone(error);
    } finally {
      span.end();
    }
    this.#tags.delete(name);
    this.#lastGood.remove(origin);
    await this.#send(trace.setSpan(ROOT_CONTEXT, span));
    return { outcome: 'removed' };
  }

  /** What stands against it before it is looked at. */
  #mayNot(name: string, { ifMatch, ifNoneMatch }: Pick<PutOptions, 'ifMatch' | 'ifNoneMatch'>) {
    if (this.#unavailable !== undefined)
      return { outcome: 'unavailable', message: this.#unavailable } satisfies NotDone;
    const has = (tags: Tags) =>
      tags === '*' ? this.#lastGood.has(pushOrigin(name)) : tags.includes(this.#tags.get(name) ?? '');
    const holds = (!ifMatch || has(ifMatch)) && !(ifNoneMatch && has(ifNoneMatch));
    return holds ? undefined : ({ outcome: 'changed-meanwhile' } satisfies NotDone);
  }

  async #judge(origin: string, bytes: Uint8Array<ArrayBuffer>, within: Context): Promise<Judged> {
    const { clock, decoder, nodeName } = this.#options;
    const span = this.#tracer.startSpan('manifest.decode', { attributes: { path: origin } }, within);
    // What is decoded is handed over, and is written to disk yet.
    const file = { bytes: bytes.slice(), origin, source: 'api', nodeName, seenAtMs: clock.now() } as const;
    const [answer = { failure: 'the decoder left it out', fault: 'decoder' }] = await decoder.decode([file]);
    if (answer.failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure });
    span.end();
    if (answer.failure === undefined) return { verdict: answer.verdict };
    if (answer.fault === 'decoder') return { outcome: 'unavailable', message: answer.failure };
    const error = { stage: 'decode', field: '', type: 'Syntax error', message: answer.failure } as const;
    return { verdict: { accepted: false, errors: [error], warnings: [] } };
  }

  async #persist(name: string, bytes: Uint8Array, within: Context): Promise<NotDone | undefined> {
    const span = this.#tracer.startSpan('push.persist', { attributes: { name } }, within);
    try {
      await this.#files.write(name, bytes);
      return undefined;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
      return this.#notDone(error);
    } finally {
      span.end();
    }
  }

  #notDone(error: unknown): NotDone {
    const code = codeOf(error);
    const { directory } = this.#options;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return { outcome: 'full', message: `there is no room in ${directory}: nothing was changed` };
    // What the disk has now is found out.
    void this.rescan();
    return { outcome: 'unavailable', message: `cannot write to ${directory}: ${code}` };
  }

  async #read(): Promise<void> {
    if (this.#stopped) return;
    this.#again?.cancel();
    const { clock, directory } = this.#options;
    let isAgain = false;
    try {
      const names = await this.#list();
      this.#unavailable = undefined;
      this.#everRead = true;
      const there = new Set(names.map(pushOrigin));
      for (const origin of [...this.#lastGood.origins()].filter((origin) => !there.has(origin))) {
        this.#lastGood.remove(origin);
        this.#tags.delete(pushNameOf(origin));
      }
      for await (const { name, tag, judgement, again } of readAll(names, {
        ...this.#options,
        files: this.#files,
      })) {
        isAgain ||= again;
        if (tag === undefined) this.#tags.delete(name);
        else this.#tags.set(name, tag);
        this.#lastGood.judge(pushOrigin(name), judgement, { nowMs: clock.now() });
      }
    } catch (error) {
      isAgain = true;
      const code = codeOf(error);
      this.#unavailable =
        code === 'ENOENT' ? explainMissing(directory, true) : explainDirectory(directory, code);
    }
    this.#lastGood.setTrouble('unreadable', this.#unavailable, clock.now());
    if (isAgain) this.#again = clock.after(againMs, () => void this.rescan());
    await this.#send(ROOT_CONTEXT);
  }

  /** The directory is made if there never was one. */
  async #list(): Promise<string[]> {
    try {
      return await this.#files.list();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || this.#everRead) throw error;
      await this.#files.make();
      return [];
    }
  }

  /** The update travels in the trace of what caused it. */
  async #send(within: Context): Promise<void> {
    if (this.#stopped) return;
    const update = this.#began ? this.#lastGood.change() : this.#lastGood.full();
    this.#began = true;
    if (update !== undefined) await context.with(within, () => this.#options.post(update));
  }
}

function byMeasure(verdict: Verdict, fieldValidation: PutOptions['fieldValidation']): Verdict {
  if (fieldValidation === 'Warn') return verdict;
  const strict = strictly(verdict);
  return fieldValidation === 'Strict' ? strict : { ...verdict, warnings: strict.warnings };
}
