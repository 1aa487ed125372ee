// What a source tells main: the change of its last good set, and what was rejected and why.
import type { FieldError, StaticPod } from '../manifest/static-pod.ts';
import type { TraceCarrier } from '../telemetry/carrier.ts';

/**
 * One file or document of a source.
 * `accepted`: `staticPod` is what it says. `kept`: it stopped being readable or valid, `staticPod` is its last good
 * version. `rejected`: no good version known. `ignored`: not a manifest by its name or kind of file.
 */
export type ManifestEntry = {
  /** Absolute path of the file (later: URL or push name). Unique within the source. */
  origin: string;
  state: 'accepted' | 'kept' | 'rejected' | 'ignored';
  staticPod?: StaticPod;
  errors: FieldError[];
  warnings: FieldError[];
  /** For a person: why ignored, rejected or kept. Empty when accepted. */
  reason: string;
  /** When this state began, ms since the epoch. */
  sinceMs: number;
  /** Trace of the change that led here. */
  trace?: TraceCarrier;
};

/** Updates of one source arrive in order. A source that restarted begins again with `full`. */
export type SourceUpdate = {
  /** As `sourceIdOf` has it. */
  sourceId: string;
  /** Replaces all that this source said before. */
  full: boolean;
  changed: ManifestEntry[];
  /** Origins that are gone: their Pods stop. */
  removed: string[];
  /** Absent while the source can be read. Its whole last good set is kept meanwhile. */
  unreadable?: { message: string; sinceMs: number };
  /** Absent while changes are told as they happen; else they are found by scanning only, a little later. */
  unwatched?: { message: string; sinceMs: number };
};
