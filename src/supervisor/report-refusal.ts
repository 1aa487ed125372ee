// One line in the log for each Pod that is refused, and for each change of why. On main.
import type { Log } from '../telemetry/log.ts';
import type { Waiting } from './admissions.ts';

/** `runsOn`: a version before it runs on meanwhile. */
export function reportRefusal({ claim, refusal, awaits }: Waiting, runsOn: boolean, log: Log): void {
  const { key, uid } = claim.staticPod;
  if (awaits.length > 0) return log.info('a critical Pod waits for others to make room', { pod: key, uid });
  const kept = runsOn ? '; what runs of it runs on' : '';
  log.warn(`Pod refused: ${refusal.reason}${kept}`, { pod: key, uid, cause: refusal.message });
}

/** Nothing that was not said or shown before. */
export const isSameRefusal = (a: Waiting | undefined, b: Waiting): boolean =>
  a !== undefined &&
  a.refusal.reason === b.refusal.reason &&
  a.claim.staticPod.uid === b.claim.staticPod.uid &&
  a.awaits.length === b.awaits.length;
