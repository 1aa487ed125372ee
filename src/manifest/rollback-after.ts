// The annotation by which a version asks to be replaced by the last one that was Ready, if it does not become so in
// time. Pure.
import { parseDuration } from '../config/duration.ts';
import type { Pod } from '../kubernetes/pod.ts';

export const rollbackAnnotation = 'monopod.dev/rollback-after';

const written = ({ metadata }: Pod) => metadata?.annotations?.[rollbackAnnotation];

/** Milliseconds; undefined: not asked for, or not in a way that can be understood. */
export function rollbackAfterMs(pod: Pod): number | undefined {
  const text = written(pod);
  const durationMs = text === undefined ? undefined : parseDuration(text.trim());
  return durationMs !== undefined && durationMs > 0 ? durationMs : undefined;
}

/** What is wrong with it, for a person. */
export function rollbackProblem(pod: Pod): string | undefined {
  if (written(pod) === undefined || rollbackAfterMs(pod) !== undefined) return undefined;
  return 'must be a duration above zero, such as "90s" or "5m"; nothing is rolled back';
}
