// One manifest as `monopod describe manifest` tells of it: names in front, as kubectl describes things. Pure.
import { rfc3339 } from '../clock.ts';
import { describeProblems, type Paint } from '../manifest/render-verdict.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { printable } from '../telemetry/printable.ts';
import { ageOf, humanDuration } from './age.ts';

/** `bytes`: of the file as it was judged, empty where they cannot be had; `changed`: it is judged otherwise by now. Ends in a newline. */
export function manifestDescription(
  record: ManifestRecord,
  bytes: Uint8Array | 'changed',
  nowMs: number,
  paint?: Paint,
): string {
  const { origin, sourceId, state, sinceMs, reason, staticPod } = record;
  const todo = whatToDo(record);
  const rows: [string, string][] = [
    [isSource(record) ? 'Manifests of' : 'Manifest', origin],
    ['Source', sourceId],
    ['State', state],
    ['Since', `${rfc3339(sinceMs)} (${humanDuration(nowMs - sinceMs)})`],
    ...(reason ? [['Reason', reason] as [string, string]] : []),
    ...(staticPod ? [['Pod', `${staticPod.key}, UID ${staticPod.uid}`] as [string, string]] : []),
    ...(state === 'running' || state === 'ignored' || isSource(record)
      ? []
      : [['Runs instead', whatRuns(record, nowMs)] as [string, string]]),
    ...(todo ? [['What to do', todo] as [string, string]] : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  const head = rows.map(([name, value]) => `${`${name}:`.padEnd(width)}${printable(value)}\n`).join('');
  const isChanged = bytes === 'changed';
  const problems = describeProblems(origin, isChanged ? new Uint8Array() : bytes, record, paint);
  const note = isChanged ? 'The file is judged otherwise by now; before:\n' : '';
  return problems === '' ? head : `${head}\n${note}${problems}`;
}

/** Of a source that is in trouble as a whole. */
export const isSource = ({ state }: ManifestRecord) =>
  state === 'unreadable' || state === 'unwatched' || state === 'off';

export function whatRuns({ runs, staticPod, origin, state }: ManifestRecord, nowMs: number): string {
  if (!runs) return 'nothing';
  const since =
    runs.startTime === undefined ? '' : ` since ${runs.startTime} (${ageOf(runs.startTime, nowMs)})`;
  const which =
    runs.origin !== origin
      ? `that of ${runs.origin}`
      : runs.uid !== staticPod?.uid
        ? 'the version before'
        : state === 'kept'
          ? 'its last good version'
          : 'this version still';
  return `${which}, UID ${runs.uid}${since}`;
}

/** Files are watched; a URL is asked at its times. */
function whenTaken(sourceId: string): string {
  if (/^https?:/.test(sourceId)) return 'the next time that the URL is asked (--http-check-frequency)';
  return sourceId.startsWith('file:') ? 'as soon as it is saved' : 'when it is pushed again';
}

function whatToDo({ state, errors, staticPod, sourceId }: ManifestRecord): string {
  switch (state) {
    case 'rejected':
    case 'kept':
      return errors.length > 0 ? `correct the errors below; it is then taken ${whenTaken(sourceId)}` : '';
    case 'conflict':
      return 'give it another metadata.name or namespace, or remove one of the two';
    case 'stopped':
      return `monopod start ${staticPod?.key}`;
    case 'rolled-back':
      return `correct the manifest, or try this version again: monopod restart ${staticPod?.key}`;
    default:
      return '';
  }
}
