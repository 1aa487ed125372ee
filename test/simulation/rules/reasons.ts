// For what reasons a container may be stopped, by what has happened, since when and with which grace. Each is the
// earliest that could be meant: what is done before it, or quicker, is wrong.
import type { StopReason } from '../../../src/pod/state.ts';
import type { History, Track } from '../history.ts';
import { canStartAgain, graceMsOf, isOrdinaryInit, isSidecar, startsAgain } from '../policy.ts';

export type Reason = { why: StopReason; sinceMs: number; graceMs: number };

export function reasonsToStop(history: History, track: Track): Reason[] {
  return [
    ...termination(history, track),
    ...completion(history, track),
    ...deadSandbox(history, track),
    ...restartAll(history, track),
    ...ofItsOwn(track),
  ];
}

/** When hooks and the order of sidecars are waited for no longer. */
export const graceEndsMs = (history: History, track: Track): number =>
  Math.min(...reasonsToStop(history, track).map(({ sinceMs, graceMs }) => sinceMs + graceMs));

/** Another is wanted, or none; what is wanted after that may shorten the grace, counted from then. */
function termination(history: History, { uid, pod, started }: Track): Reason[] {
  const { told } = history;
  const atStart = told.findLastIndex(({ order }) => order < (started?.order ?? 0));
  const ended = told.findIndex((word, index) => index >= atStart && word.uid !== uid);
  if (ended < 0) return [];
  const why = 'termination';
  const shorter = told
    .slice(ended + 1)
    .flatMap(({ uid: other, atMs }) =>
      other === undefined ? [] : [{ why, sinceMs: atMs, graceMs: graceMsOf(history.podOf(other)) } as const],
    );
  return [{ why, sinceMs: told[ended]?.atMs ?? 0, graceMs: graceMsOf(pod) }, ...shorter];
}

/** Its deadline has passed, its main containers have ended for good, or an init container has failed for good. */
function completion(history: History, { uid, pod }: Track): Reason[] {
  const since = [deadlineMs(history, uid), endMs(history, uid)].filter((ms) => ms <= history.now());
  return since.map((sinceMs) => ({ why: 'completion', sinceMs, graceMs: graceMsOf(pod) }));
}

/** The earliest that it could be. */
export function deadlineMs(history: History, uid: string): number {
  const { told, losses } = history;
  const toldMs = told.findLast((word) => word.uid === uid)?.atMs ?? 0;
  // Of a Pod whose checkpoint was lost its oldest sandbox is the best account of when it began.
  const foundMs = losses > 0 ? history.attempts(uid, 'POD').map(({ created }) => created.atMs) : [];
  return Math.min(shownStartMs(history, uid) ?? toldMs, ...foundMs) + timeToLiveMs(history, uid);
}

/** As the Pod's status says it, to the second. */
export function shownStartMs({ shown }: History, uid: string): number | undefined {
  return shown?.metadata?.uid === uid ? Date.parse(shown.status?.startTime ?? '') : undefined;
}

export const timeToLiveMs = (history: History, uid: string): number =>
  (history.podOf(uid).activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;

export function endMs(history: History, uid: string): number {
  const pod = history.podOf(uid);
  const latest = (name: string) => history.latest(uid, name);
  const initEnds = (pod.initContainers ?? [])
    .filter((container) => isOrdinaryInit(pod, container))
    .flatMap(({ name }) => {
      const track = latest(name);
      const end = track && endOf(track);
      const failed = [end?.exitCode, track?.knownEnd?.exitCode].some(
        (code) => code !== undefined && code !== 0,
      );
      return end && failed && mayHaveEnded(track) ? [end.atMs] : [];
    });
  const mains = pod.containers.map(({ name }) => latest(name));
  const mainEnds = mains.map((track) =>
    track && mayHaveEnded(track)
      ? (endOf(track)?.atMs ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY,
  );
  // Under Never nothing starts again after the sandbox has died.
  const sandboxEnds = history
    .attempts(uid, 'POD')
    .flatMap(({ ended, removed }) => [ended?.atMs ?? [], removed?.atMs ?? []].flat());
  const abandoned = pod.containers.some((container) => canStartAgain(pod, container)) ? [] : sandboxEnds;
  return Math.min(Math.max(...mainEnds), ...initEnds, ...abandoned);
}

/** One that could not be started has ended as well, as far as monopod knows. */
const endOf = ({ ended, knownEnd, failedToStart }: Track) => ended ?? knownEnd ?? failedToStart;

/** There is an account of its end by which it does not start again. */
export function mayHaveEnded(track: Track): boolean {
  const { pod, spec, knownEnd, claims } = track;
  const end = endOf(track);
  if (!spec || !end || isSidecar(pod, spec)) return false;
  const codes = [end.exitCode, knownEnd?.exitCode ?? end.exitCode];
  return (
    codes.some((code) => !startsAgain(pod, spec, code)) || (claims.size > 0 && !canStartAgain(pod, spec))
  );
}

/** By every account: monopod knows it, and had no hand in it. */
export function hasEndedForGood({ pod, spec, knownEnd, claims }: Track): boolean {
  return (
    spec !== undefined &&
    knownEnd !== undefined &&
    !knownEnd.lost &&
    claims.size === 0 &&
    !startsAgain(pod, spec, knownEnd.exitCode)
  );
}

function deadSandbox({ tracks }: History, { sandboxId, pod }: Track): Reason[] {
  const sandbox = tracks.get(sandboxId);
  const sinceMs = sandbox?.ended?.atMs ?? sandbox?.removed?.atMs;
  return sinceMs === undefined ? [] : [{ why: 'sandbox', sinceMs, graceMs: graceMsOf(pod) }];
}

function restartAll(history: History, { uid, sandboxId }: Track): Reason[] {
  const asking = history.of(uid).filter((track) => track.sandboxId === sandboxId && track.asksForAll);
  return asking.map((track) => ({ why: 'restart-all', sinceMs: endOf(track)?.atMs ?? 0, graceMs: 0 }));
}

function ofItsOwn({ pod, spec, probes, postStart }: Track): Reason[] {
  const reasons: Reason[] = [];
  for (const why of ['startup', 'liveness'] as const) {
    const { failed } = probes[why];
    const seconds = spec?.[`${why}Probe`]?.terminationGracePeriodSeconds;
    const graceMs = seconds === undefined ? graceMsOf(pod) : seconds * 1000;
    if (failed) reasons.push({ why, sinceMs: failed.atMs, graceMs });
  }
  if (postStart.ended?.well === false)
    reasons.push({ why: 'post-start', sinceMs: postStart.ended.atMs, graceMs: graceMsOf(pod) });
  return reasons;
}
