// The set of manifests of one source: what each file or document was judged to be, with the last good version of each.
// Judgements in, the SourceUpdate for main out. No I/O, no clock.
import { isDeepStrictEqual } from 'node:util';
import type { FieldError, StaticPod, Verdict } from '../manifest/static-pod.ts';
import type { TraceCarrier } from '../telemetry/carrier.ts';
import type { ManifestEntry, SourceUpdate } from './update.ts';

export type Judgement =
  | { kind: 'decoded'; verdict: Verdict }
  /** It could not be read or decoded. */
  | { kind: 'failed'; reason: string }
  /** Not a regular file: ignored, unless it stands where a manifest stood. */
  | { kind: 'special'; reason: string }
  /** Not a manifest by its name. */
  | { kind: 'ignored'; reason: string };

export type When = { nowMs: number; trace?: TraceCarrier };

const seenAnnotation = 'kubernetes.io/config.seen';

export class LastGood {
  readonly #sourceId: string;
  readonly #entries = new Map<string, ManifestEntry>();
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  #troubles: Pick<SourceUpdate, 'unreadable' | 'unwatched'> = {};
  #troublesChanged = false;

  /** Begins with what was last good before: kept until each file has been judged. */
  constructor(sourceId: string, lastGood: readonly StaticPod[], nowMs: number) {
    this.#sourceId = sourceId;
    for (const staticPod of lastGood)
      this.#entries.set(staticPod.origin, {
        origin: staticPod.origin,
        state: 'kept',
        staticPod,
        errors: [],
        warnings: [],
        reason: 'not read yet since monopod started',
        sinceMs: nowMs,
      });
  }

  origins(): IterableIterator<string> {
    return this.#entries.keys();
  }

  has(origin: string): boolean {
    return this.#entries.has(origin);
  }

  get(origin: string): ManifestEntry | undefined {
    return this.#entries.get(origin);
  }

  judge(origin: string, judgement: Judgement, when: When): void {
    const before = this.#entries.get(origin);
    const after = judged(origin, before, judgement, when);
    const same = before !== undefined && sameSaid(before, after);
    if (same) return;
    this.#entries.set(origin, after);
    this.#changed.add(origin);
    this.#removed.delete(origin);
  }

  remove(origin: string): void {
    if (!this.#entries.delete(origin)) return;
    this.#changed.delete(origin);
    this.#removed.add(origin);
  }

  /** `unreadable`: all is kept as it is. Undefined: that trouble is over. */
  setTrouble(kind: 'unreadable' | 'unwatched', message: string | undefined, nowMs: number): void {
    const before = this.#troubles[kind];
    if (message === before?.message) return;
    const after = message === undefined ? undefined : { message, sinceMs: before?.sinceMs ?? nowMs };
    this.#troubles = { ...this.#troubles, [kind]: after };
    this.#troublesChanged = true;
  }

  /** Everything there is to say, for the first update of a thread. */
  full(): SourceUpdate {
    const removed = [...this.#removed];
    this.#said();
    return this.#update(true, [...this.#entries.values()], removed);
  }

  /** What has changed since the last update; undefined when nothing has. */
  change(): SourceUpdate | undefined {
    if (this.#changed.size === 0 && this.#removed.size === 0 && !this.#troublesChanged) return undefined;
    const changed = [...this.#changed].flatMap((origin) => this.#entries.get(origin) ?? []);
    const removed = [...this.#removed];
    this.#said();
    return this.#update(false, changed, removed);
  }

  #update(full: boolean, changed: ManifestEntry[], removed: string[]): SourceUpdate {
    const { unreadable, unwatched } = this.#troubles;
    return {
      sourceId: this.#sourceId,
      full,
      changed,
      removed,
      ...(unreadable && { unreadable }),
      ...(unwatched && { unwatched }),
    };
  }

  #said(): void {
    this.#changed.clear();
    this.#removed.clear();
    this.#troublesChanged = false;
  }
}

function judged(
  origin: string,
  before: ManifestEntry | undefined,
  judgement: Judgement,
  { nowMs, trace }: When,
): ManifestEntry {
  const make = (
    state: ManifestEntry['state'],
    {
      reason = '',
      errors = [],
      warnings = [],
    }: Partial<Pick<ManifestEntry, 'reason' | 'errors' | 'warnings'>>,
    staticPod?: StaticPod,
  ): ManifestEntry => {
    const goesOn = before?.state === state && before.staticPod?.uid === staticPod?.uid;
    return {
      origin,
      state,
      ...(staticPod && { staticPod }),
      errors,
      warnings,
      reason,
      sinceMs: goesOn ? before.sinceMs : nowMs,
      ...(trace && { trace }),
    };
  };
  const lastGood = before?.staticPod;
  switch (judgement.kind) {
    case 'decoded': {
      const { verdict } = judgement;
      if (verdict.accepted) return make('accepted', verdict, firstSeen(verdict.staticPod, lastGood));
      const { errors, warnings } = verdict;
      return make(lastGood ? 'kept' : 'rejected', { errors, warnings, reason: reasonOf(errors) }, lastGood);
    }
    case 'failed':
      return make(lastGood ? 'kept' : 'rejected', judgement, lastGood);
    case 'special':
      return make(lastGood ? 'kept' : 'ignored', judgement, lastGood);
    case 'ignored':
      return make('ignored', judgement);
  }
}

/** The same content was first seen when it was first seen: a comment or a touch must not change the Pod. */
function firstSeen(staticPod: StaticPod, lastGood: StaticPod | undefined): StaticPod {
  const seen = lastGood?.pod.metadata?.annotations?.[seenAnnotation];
  if (seen === undefined || lastGood?.uid !== staticPod.uid) return staticPod;
  const { pod } = staticPod;
  const annotations = { ...pod.metadata?.annotations, [seenAnnotation]: seen };
  return { ...staticPod, pod: { ...pod, metadata: { ...pod.metadata, annotations } } };
}

/** `line 3, column 9: spec.containers[0].image: Required value (and 2 more)`. */
export function reasonOf(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return 'not a valid manifest';
  const at = first.line === undefined ? [] : [`line ${first.line}, column ${first.column ?? 1}`];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${[...at, ...(first.field ? [first.field] : []), first.message].join(': ')}${more}`;
}

/** Apart from when and by which trace it came about. */
function sameSaid(before: ManifestEntry, after: ManifestEntry): boolean {
  if (before.state !== after.state || before.reason !== after.reason) return false;
  if (before.staticPod?.uid !== after.staticPod?.uid) return false;
  const said = ({ errors, warnings, staticPod }: ManifestEntry) => ({ errors, warnings, staticPod });
  return isDeepStrictEqual(said(before), said(after));
}
