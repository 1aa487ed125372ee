// Who may start when: init containers in their strict order and once only, main containers after them, nothing while a
// postStart hook runs, and nothing of a Pod that is not wanted, has ended, or is past its deadline.
import type { History, Track } from '../history.ts';
import { containersOf, isOrdinaryInit, isSidecar } from '../policy.ts';
import { hasEndedForGood, shownStartMs, timeToLiveMs } from './reasons.ts';
import { called, type Report, type Rule } from './rule.ts';

export function starting(history: History, report: Report): Rule {
  return {
    sent(effect) {
      const track = 'id' in effect ? history.tracks.get(effect.id) : undefined;
      if (effect.type !== 'start-container' || !track?.spec) return;
      const { toldInLife, shown } = history;
      const phase = shown?.metadata?.uid === track.uid ? shown.status?.phase : undefined;
      if (toldInLife && toldInLife.uid !== track.uid) report('started what is not wanted', called(track));
      if (phase === 'Succeeded' || phase === 'Failed')
        report('started after the Pod had ended', `${called(track)}: ${phase}`);
      if (hasCompleted(history, track)) report('started though the Pod has completed', called(track));
      if (!hasHand(history, track)) inOrder(history, track, report);
      afterHooks(history, track, report);
    },
    happened(moment, track) {
      if (moment.type !== 'started' || track.kind !== 'container' || hasHand(history, track)) return;
      alone(history, track, report);
      if (isPastDeadline(history, track)) report('started past the deadline', called(track));
    },
  };
}

/** startTime is told to the second, and the call takes its time. */
const isPastDeadline = (history: History, { uid }: Track): boolean =>
  history.now() >= (shownStartMs(history, uid) ?? Number.NaN) + 999 + 10 + timeToLiveMs(history, uid);

/** A person has started something of it: there is no order in that. */
const hasHand = (history: History, { uid }: Track): boolean =>
  history.of(uid).some(({ startedByHand }) => startedByHand);

const hasCompleted = (history: History, { uid, pod, sandboxId }: Track): boolean =>
  pod.containers.every(({ name }) => {
    const latest = history.latest(uid, name);
    return latest?.sandboxId === sandboxId && hasEndedForGood(latest);
  });

/** Everything of this sandbox since it began, or since all containers were last to start over. */
function sinceBeginning(history: History, { uid, sandboxId }: Track): Track[] {
  const own = history.of(uid).filter((track) => track.kind === 'container' && track.sandboxId === sandboxId);
  const begun = Math.max(-1, ...own.map(({ asksForAll }) => (asksForAll?.surely ? asksForAll.order : -1)));
  return own.filter(({ created }) => created.order > begun);
}

/** kuberuntime computeInitContainerActions */
function inOrder(history: History, track: Track, report: Report): void {
  const { pod, spec, name } = track;
  if (!spec) return;
  const own = sinceBeginning(history, track);
  const isMain = pod.containers.includes(spec);
  // With one main container all of them may, and sidecars again: what had to go before has gone before.
  const isOrdinary = isOrdinaryInit(pod, spec);
  if (!isOrdinary && own.some((other) => other.started && other.spec && pod.containers.includes(other.spec)))
    return;
  if (isOrdinary) onlyOnce(history, track, report);
  const all = containersOf(pod);
  for (const before of isMain ? (pod.initContainers ?? []) : all.slice(0, all.indexOf(spec))) {
    const attempts = own.filter((other) => other.name === before.name);
    const passed = isSidecar(pod, before) ? attempts.some(hasStarted) : attempts.some(endedWell);
    if (!passed) report('started out of order', `${called(track)} before ${before.name} had done its part`);
    if (before.name === name) break;
  }
}

const endedWell = ({ knownEnd }: Track) =>
  knownEnd !== undefined && knownEnd.exitCode === 0 && !knownEnd.lost;

/** Its postStart has ended well and its startup probe has succeeded, as far as monopod was told. */
export const hasStarted = ({ known, knownEnd, started, spec, postStart, probes, adopted }: Track): boolean =>
  started !== undefined &&
  (known === 'running' || knownEnd !== undefined) &&
  (!spec?.lifecycle?.postStart || postStart.ended?.well === true || adopted) &&
  (!spec?.startupProbe || probes.startup.result === 'success');

/** Not while its sandbox lives, nor after a restart of monopod, nor after its container was removed by hand. */
function onlyOnce(history: History, track: Track, report: Report): void {
  const former = history
    .attempts(track.uid, track.name)
    .filter((other) => other !== track && other.sandboxId === track.sandboxId && endedWell(other));
  for (const { knownEnd } of former) {
    const asked = history
      .of(track.uid)
      .some(
        ({ sandboxId, asksForAll }) =>
          sandboxId === track.sandboxId && (asksForAll?.order ?? -1) > (knownEnd?.order ?? 0),
      );
    if (!asked) report('an init container ran again', called(track));
  }
}

/** kuberuntime startContainer waits for it. */
function afterHooks(history: History, track: Track, report: Report): void {
  for (const other of history.of(track.uid)) {
    const waits =
      other !== track && other.spec?.lifecycle?.postStart && !other.postStart.ended && !other.adopted;
    if (waits && other.started && !other.ended && other.known === 'running')
      report('started while a postStart hook ran', `${called(track)}, hook of ${called(other)}`);
  }
}

/** Of one Pod at a time, each container once, and no init container beside what comes after it. */
function alone(history: History, track: Track, report: Report): void {
  for (const other of history.tracks.values()) {
    if (
      other === track ||
      other.byHand ||
      track.byHand ||
      other.kind !== 'container' ||
      !other.started ||
      other.ended
    )
      continue;
    if (other.uid !== track.uid) report('two Pods run at once', `${called(track)}, ${called(other)}`);
    else if (other.name === track.name)
      report('a container runs twice', `${called(track)}, ${called(other)}`);
    else if (
      [other, track].some(({ pod, spec }) => spec && isOrdinaryInit(pod, spec)) &&
      !besideInit(other, track)
    )
      report('something runs beside an init container', `${called(track)}, ${called(other)}`);
  }
}

/** A sidecar that comes before an init container runs beside it. */
function besideInit(one: Track, other: Track): boolean {
  const [init, beside] = one.spec && isOrdinaryInit(one.pod, one.spec) ? [one, other] : [other, one];
  if (!beside.spec || !init.spec || !isSidecar(beside.pod, beside.spec)) return false;
  const all = containersOf(init.pod);
  return all.indexOf(beside.spec) < all.indexOf(init.spec);
}
