// From settled paths to judgements: each is looked at, read if it changed, and decoded in the pool, in small groups so
// that the watch goes on. What is gone is said at once; what a later look has overtaken is dropped.
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Clock } from '../../clock.ts';
import { inject } from '../../telemetry/carrier.ts';
import type { Decoder } from '../decoding.ts';
import type { Judgement, LastGood } from '../last-good.ts';
import type { NameClass } from './classify.ts';
import { explainFile } from './explain.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import { linkPath } from './links.ts';
import { type FsPath, type Presence, presence, readManifestFile } from './read-file.ts';
import type { Settled } from './settle.ts';

export type Candidate = Settled & {
  /** Where the origin's name is not UTF-8. */
  fsPath?: FsPath;
};

export type JudgingOptions = {
  clock: Clock;
  decoder: Decoder;
  nodeName: string;
  known: KnownFiles;
  lastGood: LastGood;
  /** By name. */
  classify(origin: string): NameClass;
  /** Where the origins' directory stands without links. */
  realDirectory(): string;
  /** Whether that is still the directory that was listed: else nothing in it is gone, but all of it is lost. */
  stillThere(): boolean;
  onLost(): void;
  /** Something was judged or removed: what changed can be sent, in this trace. */
  onJudged(within: Context): void;
  /** It changed under our hands: to be looked at once it is quiet again. */
  onChanging(origin: string): void;
};

type Flight = {
  origin: string;
  known: KnownFile;
  bytes: Uint8Array<ArrayBuffer>;
  hash: string;
  span: Span;
  within: Context;
  /** Paths that this file was renamed from: removed together with its judgement. */
  renamedFrom: string[];
};

const groupFilesMax = 16;
/** Each takes some ten system calls, and the loop waits for them. */
const turnFilesMax = 4;
const groupBytesMax = 4 * 1024 * 1024;
const flightsMax = 4;
const decoderFailuresMax = 3;
/** A file changed this recently may change again within the resolution of its timestamps. */
const racyMs = 2_000;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Judging {
  readonly #options: JudgingOptions;
  readonly #tracer = trace.getTracer('monopod');
  /** Groups being decoded, of all calls of `judge`: what bounds the bytes in memory. */
  readonly #flying = new Set<Promise<void>>();

  constructor(options: JudgingOptions) {
    this.#options = options;
  }

  /** Resolves when all of them have been judged. */
  async judge(candidates: readonly Candidate[]): Promise<void> {
    const renames = renamesAmong(candidates);
    const queue = [
      ...candidates.filter((candidate) => candidate.gone),
      ...candidates.filter((candidate) => !candidate.gone),
    ];
    const mine: Promise<void>[] = [];
    while (queue.length > 0) {
      const group = await this.#lookAtGroup(queue, renames);
      while (group.length > 0 && this.#flying.size >= flightsMax) await Promise.race(this.#flying);
      if (group.length > 0) mine.push(this.#fly(group));
      if (queue.length > 0) await nextTurn();
    }
    await Promise.all(mine);
  }

  async #lookAtGroup(queue: Candidate[], renames: Map<string, string[]>): Promise<Flight[]> {
    const group: Flight[] = [];
    let bytes = 0;
    for (let files = 0; files < groupFilesMax && bytes < groupBytesMax; files++) {
      const candidate = queue.shift();
      if (candidate === undefined) break;
      if (files % turnFilesMax === turnFilesMax - 1) await nextTurn();
      const flight = this.#lookAt(candidate, renames);
      if (flight === undefined) continue;
      group.push(flight);
      bytes += flight.bytes.length;
    }
    return group;
  }

  /** What can be said without decoding is said here. */
  #lookAt(candidate: Candidate, renames: Map<string, string[]>): Flight | undefined {
    const { path: origin } = candidate;
    const { known } = this.#options;
    const renamedFrom = renames.get(origin) ?? [];
    const before = known.get(origin);
    const path = candidate.fsPath ?? before?.path ?? origin;
    const seen = presence(path);
    if (seen.kind === 'gone') {
      if (!this.#options.stillThere()) {
        this.#options.onLost();
        return undefined;
      }
      known.delete(origin);
      const heldBack = [...renames.values()].some((origins) => origins.includes(origin));
      if (!heldBack) this.#removed([origin, ...renamedFrom], candidate.firstMs);
      return undefined;
    }
    if (seen.kind === 'present' && before !== undefined && seen.signature === before.signature) {
      if (renamedFrom.length > 0) this.#removed(renamedFrom, candidate.firstMs);
      return undefined;
    }
    const { span, within } = this.#event(origin, before === undefined ? 'add' : 'change', candidate.firstMs);
    const looked = this.#read({ origin, path, seen, before, within });
    if (looked.kind === 'read')
      return {
        origin,
        known: looked.known,
        bytes: looked.bytes,
        hash: looked.hash,
        span,
        within,
        renamedFrom,
      };
    if (looked.kind === 'changing') this.#options.onChanging(origin);
    if (looked.kind === 'judged') this.#judge(origin, looked.judgement, within);
    this.#finish([{ span, within, renamedFrom }]);
    return undefined;
  }

  #read({ origin, path, seen, before, within }: Looking): Looked {
    const { clock, classify, known, realDirectory } = this.#options;
    const file: KnownFile = { path, inode: '', signature: '', leads: [], decoderFailures: 0 };
    if (seen.kind === 'present') {
      file.inode = seen.inode;
      if (clock.now() - seen.changedMs > racyMs) file.signature = seen.signature;
      if (seen.link) file.leads = leadsOf(realDirectory(), origin);
    }
    known.set(origin, file);
    const named = classify(origin);
    if (named.kind !== 'manifest') {
      const reason = named.kind === 'ignored' ? named.reason : 'hidden';
      return { kind: 'judged', judgement: { kind: 'ignored', reason } };
    }
    if (seen.kind === 'failed')
      return { kind: 'judged', judgement: { kind: 'failed', reason: explainFile(seen.code) } };
    const span = this.#tracer.startSpan('source.read', { attributes: { path: origin } }, within);
    const read = readManifestFile(path);
    if (read.kind === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: read.reason });
    span.end();
    if (read.kind === 'changing' || read.kind === 'gone') {
      file.signature = '';
      return { kind: 'changing' };
    }
    if (read.kind !== 'read') {
      if (read.kind === 'failed' && read.again) file.signature = '';
      return { kind: 'judged', judgement: read };
    }
    const content = hash('sha256', read.bytes, 'base64');
    if (before?.hash === content) {
      file.hash = content;
      file.decoderFailures = before.decoderFailures;
      const again = file.decoderFailures > 0 && file.decoderFailures < decoderFailuresMax;
      if (!again) return { kind: 'same' };
    }
    return { kind: 'read', known: file, bytes: read.bytes, hash: content };
  }

  #fly(group: Flight[]): Promise<void> {
    const flight = this.#decode(group).finally(() => this.#flying.delete(flight));
    this.#flying.add(flight);
    return flight;
  }

  async #decode(group: Flight[]): Promise<void> {
    const { clock, decoder, nodeName, known } = this.#options;
    const spans = group.map(({ origin, within }) =>
      this.#tracer.startSpan('manifest.decode', { attributes: { path: origin } }, within),
    );
    const seenAtMs = clock.now();
    const answers = await decoder.decode(
      group.map(({ bytes, origin }) => ({ bytes, origin, source: 'file', nodeName, seenAtMs })),
    );
    for (const [at, { origin, known: file, hash: content, within }] of group.entries()) {
      const answer = answers[at] ?? { failure: 'the decoder left it out', fault: 'file' };
      if (answer.failure !== undefined)
        spans[at]?.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure });
      spans[at]?.end();
      if (known.get(origin) !== file) continue;
      file.hash = content;
      if (answer.failure !== undefined) countFailure(file, answer.fault);
      else file.decoderFailures = 0;
      const judgement: Judgement =
        answer.failure === undefined
          ? { kind: 'decoded', verdict: answer.verdict }
          : { kind: 'failed', reason: answer.failure };
      this.#judge(origin, judgement, within);
    }
    this.#finish(group);
  }

  #judge(origin: string, judgement: Judgement, within: Context): void {
    const { clock, lastGood } = this.#options;
    lastGood.judge(origin, judgement, { nowMs: clock.now(), trace: inject(within) });
  }

  #removed(origins: string[], firstMs: number): void {
    const removed = origins.filter((origin) => !this.#options.known.has(origin));
    const events = removed.map((origin) => ({ origin, ...this.#event(origin, 'remove', firstMs) }));
    for (const { origin } of events) this.#options.lastGood.remove(origin);
    const [first] = events;
    if (first !== undefined) this.#options.onJudged(first.within);
    for (const { span } of events) span.end();
  }

  #finish(events: Pick<Flight, 'span' | 'within' | 'renamedFrom'>[]): void {
    const { known, lastGood, onJudged } = this.#options;
    for (const { renamedFrom } of events)
      for (const origin of renamedFrom) if (!known.has(origin)) lastGood.remove(origin);
    const [first] = events;
    if (first !== undefined) onJudged(first.within);
    for (const { span } of events) span.end();
  }

  #event(
    path: string,
    kind: 'add' | 'change' | 'remove',
    startTime: number,
  ): Pick<Flight, 'span' | 'within'> {
    const attributes = { path, kind };
    const span = this.#tracer.startSpan('source.event', { root: true, startTime, attributes });
    return { span, within: trace.setSpan(ROOT_CONTEXT, span) };
  }
}

/** It is looked at again at the next scan: always when it was not the file's doing, else a few times. */
function countFailure(file: KnownFile, fault: 'file' | 'decoder'): void {
  if (fault === 'file') file.decoderFailures += 1;
  else file.hash = undefined;
  if (file.decoderFailures < decoderFailuresMax) file.signature = '';
}

type Looking = {
  origin: string;
  path: FsPath;
  seen: Exclude<Presence, { kind: 'gone' }>;
  before: KnownFile | undefined;
  within: Context;
};

type Looked =
  | { kind: 'read'; known: KnownFile; bytes: Uint8Array<ArrayBuffer>; hash: string }
  | { kind: 'judged'; judgement: Judgement }
  /** The bytes are those that were judged. */
  | { kind: 'same' }
  | { kind: 'changing' };

/** By the path that is there now: the paths that are gone and were this very file. */
function renamesAmong(candidates: readonly Candidate[]): Map<string, string[]> {
  const arrived = new Map<string, string>();
  for (const { path, gone, inode } of candidates) if (!gone && inode) arrived.set(inode, path);
  const renames = new Map<string, string[]>();
  for (const { path, gone, inode } of candidates) {
    const to = gone && inode ? arrived.get(inode) : undefined;
    if (to !== undefined) renames.set(to, [...(renames.get(to) ?? []), path]);
  }
  return renames;
}

function leadsOf(realDirectory: string, origin: string): string[] {
  const { crossed, end } = linkPath(realDirectory, basename(origin));
  return [...crossed, end];
}
