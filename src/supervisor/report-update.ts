// One line in the log for each document of a source that is not simply accepted. On main.
import { severityOf } from '../manifest/static-pod.ts';
import type { SourceUpdate } from '../sources/update.ts';
import type { Log } from '../telemetry/log.ts';

export function reportUpdate({ changed }: SourceUpdate, log: Log): void {
  for (const { origin, state, reason, errors, warnings } of changed) {
    const place = (line?: number, column?: number) =>
      line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
    if (state === 'rejected' || state === 'kept') {
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
}
