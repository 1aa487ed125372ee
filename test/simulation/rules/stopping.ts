// How containers are stopped: for a reason, preStop before the stop signal, sidecars after what runs beside them, and
// SIGKILL never before the grace is over nor within two seconds of the stop signal.
import type { PodState } from '../../../src/pod/state.ts';
import { claimOf, type History, type Track } from '../history.ts';
import { containersOf, graceMsOf, isSidecar } from '../policy.ts';
import { graceEndsMs, reasonsToStop } from './reasons.ts';
import { called, type Report, type Rule } from './rule.ts';

const signalMsMin = 2000;

export function stopping(history: History, report: Report): Rule {
  const signalled = (track: Track, state: PodState, serial: number) => {
    const why = claimOf(state, serial, track.id);
    withReason(history, track, why, report);
    if (why === 'stray') return;
    if (why !== 'restart-all') preStopFirst(history, track, report);
    if (['termination', 'completion', 'sandbox'].includes(why)) sidecarsLast(history, track, report);
  };
  return {
    sent(effect, state) {
      const track = 'id' in effect ? history.tracks.get(effect.id) : undefined;
      if (!track) return;
      if (effect.type === 'kill' && effect.signal !== 'SIGKILL') signalled(track, state, effect.serial);
      if (effect.type === 'run-hook' && effect.hook === 'preStop')
        withReason(history, track, claimOf(state, effect.serial, track.id), report);
    },
    happened(moment, track) {
      if (moment.type === 'signalled' && moment.signal === 'SIGKILL') notTooSoon(history, track, report);
      if (moment.type !== 'removed' || track.byHand) return;
      if (track.kind === 'sandbox') sandboxIsEmpty(history, track, report);
      else if (track.ended?.atMs === moment.atMs && track.killAtMs === undefined)
        notTooSoon(history, track, report);
    },
  };
}

/** What monopod says it is stopped for has happened. */
function withReason(history: History, track: Track, why: string, report: Report): void {
  if (track.byHand) return;
  if (why === 'stray') {
    if (belongs(history, track)) report('stopped a container that belongs to the Pod', called(track));
  } else if (!reasonsToStop(history, track).some((reason) => reason.why === why))
    report('stopped without the reason it gives', `${called(track)}: ${why}`);
}

/** It is the latest of its name in the latest sandbox of a Pod that has been wanted ever since it started. */
function belongs(history: History, track: Track): boolean {
  const { uid, name, sandboxId, started, adopted } = track;
  const sandbox = history.tracks.get(sandboxId);
  const unwanted = history.told.some((word) => word.uid !== uid && word.order > (started?.order ?? 0));
  const wanted = history.told.at(-1)?.uid === uid && !unwanted && !adopted;
  const runs = sandbox?.started !== undefined && !sandbox.ended && !sandbox.removed;
  return wanted && runs && history.latest(uid, 'POD') === sandbox && history.latest(uid, name) === track;
}

function preStopFirst(history: History, track: Track, report: Report): void {
  if (!track.spec?.lifecycle?.preStop || track.preStop.ended) return;
  if (history.now() < graceEndsMs(history, track))
    report('stop signal before preStop had ended', called(track));
}

/** kuberuntime terminationOrdering: the last first, each after all that comes after it. */
function sidecarsLast(history: History, track: Track, report: Report): void {
  const { pod, spec, uid } = track;
  if (!spec || !isSidecar(pod, spec) || history.now() >= graceEndsMs(history, track)) return;
  const all = containersOf(pod);
  const after = new Set(all.slice(all.indexOf(spec) + 1));
  for (const other of history.of(uid)) {
    if (other.spec && after.has(other.spec) && other.started && !other.ended && other.known === 'running')
      report('a sidecar was stopped before its turn', `${called(track)} before ${called(other)}`);
  }
}

function notTooSoon(history: History, track: Track, report: Report): void {
  if (track.byHand) return;
  const now = history.now();
  const { termAtMs } = track;
  if (termAtMs === undefined) return report('killed without a stop signal', called(track));
  if (now < termAtMs + signalMsMin)
    return report('killed within 2 s of the stop signal', `${called(track)}: after ${now - termAtMs} ms`);
  const plainMs = track.claims.has('stray') ? termAtMs + graceMsOf(track.pod) : Number.POSITIVE_INFINITY;
  const mayMs = Math.min(graceEndsMs(history, track), plainMs);
  if (now < mayMs) report('killed before the grace was over', `${called(track)}: ${mayMs - now} ms early`);
}

/** It holds the network of what runs in it. */
function sandboxIsEmpty(history: History, track: Track, report: Report): void {
  for (const other of history.of(track.uid)) {
    if (
      other.kind === 'container' &&
      other.sandboxId === track.id &&
      other.known === 'running' &&
      !other.ended
    )
      report('a sandbox was removed under its containers', `${called(track)}: ${called(other)} runs`);
  }
}
