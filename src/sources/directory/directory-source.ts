// The directory source: ties listing, watching, settling and judging of one path together and posts what changes.
// Paths and events in, SourceUpdates out. Owned by the source thread.
import { basename, dirname, join, resolve } from 'node:path';
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type Clock, sleep, type Timer } from '../../clock.ts';
import type { Decoder } from '../decoding.ts';
import { LastGood } from '../last-good.ts';
import { type DirectorySourceData, sourceIdOf } from '../service.ts';
import type { SourceUpdate } from '../update.ts';
import { classifyName, type NameClass } from './classify.ts';
import { differences } from './differences.ts';
import { type Candidate, Judging } from './judging.ts';
import { KnownFiles } from './known-files.ts';
import { linkPath } from './links.ts';
import { identity, type ListedFile, type Listing, list } from './list.ts';
import { presence } from './read-file.ts';
import { Settle } from './settle.ts';
import { type Hint, Watch } from './watch.ts';

export type DirectorySourceOptions = Omit<DirectorySourceData, 'kind'> & {
  clock: Clock;
  decoder: Decoder;
  post(update: SourceUpdate): void;
  /** The first update does not wait for files at which decoding has been stuck for this long. */
  stuckMs?: number;
};

/** A directory that is back is filled before what it lacks counts as gone. */
const returnQuietMs = 1_000;
const scanSoonMs = 10;
const unwatchedScanMs = 1_000;

export class DirectorySource {
  readonly #options: DirectorySourceOptions;
  readonly #path: string;
  readonly #lastGood: LastGood;
  readonly #known = new KnownFiles();
  readonly #settle: Settle;
  readonly #watch: Watch;
  readonly #judging: Judging;
  /** What stood at the path when it was last readable. */
  #root: Exclude<Listing, { kind: 'unreadable' }> | undefined;
  #everRead: boolean;
  /** It could not be read, or another directory stands there: what is missing in it may yet come. */
  #lost = false;
  #began = false;
  #stopped = false;
  #unwatched = false;
  /** How often anything was. */
  #judged = 0;
  /** Physical paths that decide where the path itself leads. */
  #rootLeads = new Set<string>();
  #comparing: Promise<unknown> | undefined;
  #scanSoon: Timer | undefined;
  #nextScan: Timer | undefined;

  constructor(options: DirectorySourceOptions) {
    const { clock, decoder, nodeName, lastGood } = options;
    this.#options = options;
    this.#path = resolve(options.path);
    this.#everRead = lastGood.length > 0;
    this.#lastGood = new LastGood(
      sourceIdOf({ kind: 'directory', path: options.path }),
      lastGood,
      clock.now(),
    );
    this.#settle = new Settle(
      clock,
      (settled) => void this.#judging.judge(settled).then(() => this.#rewatch()),
    );
    this.#watch = new Watch({
      onHint: (hint) => this.#onHint(hint),
      onWatching: () => this.#rescanSoon(),
      onTrouble: (message) => this.#onWatchTrouble(message),
    });
    this.#judging = new Judging({
      clock,
      decoder,
      nodeName,
      known: this.#known,
      lastGood: this.#lastGood,
      classify: (origin) => this.#classify(origin),
      realDirectory: () => this.#realDirectory(),
      stillThere: () => identity(this.#listedDirectory()) === this.#root?.identity,
      onLost: () => this.#rescanSoon(),
      onJudged: (within) => {
        this.#judged += 1;
        this.#send(within);
      },
      onChanging: (origin) => this.#note(origin),
    });
  }

  /** Resolves when the first update has been posted. */
  async start(): Promise<void> {
    await Promise.race([this.#scan(), this.#stuck()]);
    if (this.#stopped) return;
    this.#began = true;
    this.#options.post(this.#lastGood.full());
    this.#scanLater();
  }

  /** Resolves when all that differed has been judged and posted. */
  async rescan(): Promise<void> {
    // One that is under way may have passed by what is asked for now.
    while (this.#comparing !== undefined) await this.#comparing;
    await this.#scan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#nextScan?.cancel();
    this.#scanSoon?.cancel();
    this.#settle.close();
    this.#watch.close();
    await this.#options.decoder.close();
  }

  /** Resolves when nothing has been judged for a while. */
  async #stuck(): Promise<void> {
    const { clock, stuckMs = 5_000 } = this.#options;
    for (let before = -1; before !== this.#judged && !this.#stopped; ) {
      before = this.#judged;
      await sleep(clock, stuckMs);
    }
  }

  /** Judging may take long (a file that the decoder is stuck at); the next scan does not wait for it. */
  async #scan(): Promise<void> {
    const firstMs = this.#options.clock.now();
    const comparing = this.#compare();
    this.#comparing = comparing;
    const candidates = await comparing;
    this.#comparing = undefined;
    await this.#judging.judge(candidates.map((candidate) => ({ ...candidate, firstMs })));
    this.#rewatch();
    this.#send(ROOT_CONTEXT);
  }

  /** What is not as it was when it was last looked at. */
  async #compare(): Promise<Omit<Candidate, 'firstMs'>[]> {
    const nowMs = this.#options.clock.now();
    const listing = list(this.#path, { file: this.#isFile(), everRead: this.#everRead });
    this.#followRoot(listing);
    if (listing.kind === 'unreadable') {
      this.#lost = true;
      this.#lastGood.setTrouble('unreadable', listing.message, nowMs);
      return [];
    }
    const another = this.#root !== undefined && this.#root.identity !== listing.identity;
    const goneQuietMs = this.#lost || another ? returnQuietMs : 0;
    this.#lost = false;
    this.#everRead = true;
    this.#root = listing;
    this.#lastGood.setTrouble('unreadable', undefined, nowMs);
    if (!this.#began && listing.files.some((file) => file.class.kind === 'manifest'))
      this.#options.decoder.warm();
    this.#rewatch();
    const different = await differences(listing.files, this.#known, (origin) => this.#settle.has(origin));
    return [...different, ...this.#missing(listing.files, goneQuietMs)];
  }

  /** What the listing lacks; where more may yet come, it is noted instead, to be looked at after that time. */
  #missing(listed: readonly ListedFile[], quietMs: number): Omit<Candidate, 'firstMs'>[] {
    const there = new Set(listed.map(({ origin }) => origin));
    const missing: Omit<Candidate, 'firstMs'>[] = [];
    for (const path of new Set([...this.#known.origins(), ...this.#lastGood.origins()])) {
      if (there.has(path) || this.#settle.has(path)) continue;
      const sighting = { gone: true, inode: this.#known.get(path)?.inode };
      if (quietMs > 0) this.#settle.note(path, sighting, quietMs);
      else missing.push({ path, ...sighting });
    }
    return missing;
  }

  #isFile(): boolean {
    return this.#root === undefined ? this.#lastGood.has(this.#path) : this.#root.kind === 'file';
  }

  /** The origins' directory, as it is named, and where it stands without links. */
  #listedDirectory(): string {
    return this.#root?.kind === 'file' ? dirname(this.#path) : this.#path;
  }

  #realDirectory(): string {
    if (this.#root === undefined) return this.#path;
    return this.#root.kind === 'file' ? dirname(this.#root.real) : this.#root.real;
  }

  /** A file that is named outright is a manifest whatever its name. */
  #classify(origin: string): NameClass {
    return origin === this.#path ? { kind: 'manifest' } : classifyName(basename(origin));
  }

  #followRoot(listing: Listing): void {
    const { crossed, end, missing } = linkPath('/', this.#path);
    const ownEnd = missing || listing.kind === 'unreadable' ? [end] : [];
    this.#rootLeads = new Set([...crossed, ...ownEnd]);
  }

  #rewatch(): void {
    if (this.#stopped) return;
    const own = this.#lost || this.#root === undefined ? [] : [this.#realDirectory()];
    this.#watch.set([...own, ...Array.from(this.#rootLeads, dirname), ...this.#known.leadDirectories()]);
  }

  #onHint({ directory, name }: Hint): void {
    if (this.#stopped) return;
    const physical = name === undefined ? undefined : join(directory, name);
    if (physical === undefined || this.#rootLeads.has(physical)) this.#rescanSoon();
    if (physical === undefined || name === undefined) return;
    for (const origin of this.#known.dependants(physical)) this.#note(origin);
    if (this.#root?.kind === 'file' && physical === this.#root.real) this.#note(this.#path);
    if (this.#root?.kind !== 'directory' || directory !== this.#root.real) return;
    // The name was not UTF-8, so which one it is can only be found by listing.
    if (name.includes('\ufffd')) return this.#rescanSoon();
    const origin = join(this.#path, name);
    if (this.#classify(origin).kind !== 'hidden') this.#note(origin);
  }

  /** Something happened at this path: it is looked at once it is quiet. */
  #note(origin: string): void {
    const known = this.#known.get(origin);
    const seen = presence(known?.path ?? origin);
    if (seen.kind !== 'gone') {
      if (this.#classify(origin).kind === 'manifest') this.#options.decoder.warm();
      this.#settle.note(origin, { gone: false, ...(seen.kind === 'present' && { inode: seen.inode }) });
    } else if (known !== undefined || this.#lastGood.has(origin)) {
      this.#settle.note(origin, { gone: true, inode: known?.inode });
    } else {
      this.#settle.forget(origin);
    }
  }

  #onWatchTrouble(message: string | undefined): void {
    if (this.#stopped) return;
    this.#lastGood.setTrouble('unwatched', message, this.#options.clock.now());
    const unwatched = message !== undefined;
    if (unwatched === this.#unwatched) return;
    this.#unwatched = unwatched;
    this.#send(ROOT_CONTEXT);
    this.#scanLater();
  }

  #rescanSoon(): void {
    if (this.#stopped) return;
    this.#scanSoon ??= this.#options.clock.after(scanSoonMs, () => {
      this.#scanSoon = undefined;
      void this.rescan();
    });
  }

  #scanLater(): void {
    if (this.#stopped || !this.#began) return;
    this.#nextScan?.cancel();
    const { clock, fileCheckFrequencyMs } = this.#options;
    const delayMs = this.#unwatched ? Math.min(unwatchedScanMs, fileCheckFrequencyMs) : fileCheckFrequencyMs;
    this.#nextScan = clock.after(delayMs, () => void this.rescan().then(() => this.#scanLater()));
  }

  /** The update travels in the trace of what caused it. */
  #send(within: Context): void {
    if (!this.#began || this.#stopped) return;
    const update = this.#lastGood.change();
    if (update !== undefined) context.with(within, () => this.#options.post(update));
  }
}
