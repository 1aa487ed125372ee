// The log's word on manifests: a line when a document is not simply accepted, when it is good again, and when a conflict
// begins and ends. What was said once is not said again of a source that says it again. On main.
import { severityOf } from '../manifest/static-pod.ts';
import type { ManifestEntry, SourceUpdate } from '../sources/update.ts';
import type { Log } from '../telemetry/log.ts';
import type { ConflictChanges } from './conflicts.ts';

type Told = { state: ManifestEntry['state']; what: string };

export class ManifestNews {
  /** By source and origin: what was told of a document last, of those of which there was something to tell. */
  readonly #told = new Map<string, Map<string, Told>>();

  /** What a source says. */
  heard({ sourceId, full, changed, removed }: SourceUpdate, log: Log): void {
    const before = this.#told.get(sourceId) ?? new Map<string, Told>();
    const now = full ? new Map<string, Told>() : before;
    this.#told.set(sourceId, now);
    for (const origin of removed) now.delete(origin);
    for (const entry of changed) {
      const was = before.get(entry.origin);
      const is = toTell(entry);
      if (is) now.set(entry.origin, is);
      else now.delete(entry.origin);
      if (entry.state === 'accepted' && isBad(was?.state))
        log.info('the manifest is good again', { manifest: entry.origin });
      if (is && is.what !== was?.what) tell(entry, log);
    }
  }

  /** Names that were settled: who lost one, and who has one or wants none any more. */
  settled({ began, over }: ConflictChanges, log: Log): void {
    for (const { key, conflict } of began)
      log.warn('manifest conflict: another one has this name', {
        pod: key,
        manifest: conflict.loser,
        cause: `the Pod belongs to ${conflict.owner}`,
      });
    for (const { key, conflict, cause } of over)
      log.info('the conflict is over', { pod: key, manifest: conflict.loser, cause });
  }
}

const isBad = (state: ManifestEntry['state'] | undefined) => state === 'rejected' || state === 'kept';

/** Undefined of what is simply accepted. An edit that leaves a warning where it was has the warning told again. */
function toTell({ state, reason, errors, warnings, staticPod }: ManifestEntry): Told | undefined {
  if (state === 'accepted' && warnings.length === 0) return undefined;
  return { state, what: JSON.stringify([state, reason, errors, warnings, staticPod?.uid]) };
}

function tell({ origin, state, reason, errors, warnings }: ManifestEntry, log: Log): void {
  const place = (line?: number, column?: number) =>
    line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
  if (state === 'ignored') log.info('manifest ignored', { manifest: origin, cause: reason });
  if (isBad(state)) {
    const [first] = errors;
    log.warn(`manifest ${state}`, { manifest: place(first?.line, first?.column), cause: reason });
  }
  const notes = warnings.filter((warning) => severityOf(warning) === 'note');
  for (const warning of warnings) {
    const { field, type, message, line, column } = warning;
    if (!notes.includes(warning))
      log.warn('manifest warning', { manifest: place(line, column), field, type, cause: message });
  }
  if (notes.length > 0) {
    const fields = notes.map(({ field }) => field).join(' ');
    log.info('the manifest sets what has no meaning on one node', { manifest: origin, fields });
  }
}
