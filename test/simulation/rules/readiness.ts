// Ready, of a container and of the Pod: shown only if the last answers of its probes allow it, and not taken back
// without a reason - no flicker through a restart of monopod.
import type { Pod } from '../../../src/kubernetes/pod.ts';
import type { History, Track } from '../history.ts';
import { isOrdinaryInit } from '../policy.ts';
import { deadlineMs, reasonsToStop } from './reasons.ts';
import type { Report, Rule } from './rule.ts';
import { hasStarted } from './starting.ts';

export function readiness(history: History, report: Report): Rule {
  let wasReady: { uid: string; losses: number } | undefined;
  return {
    published(pod) {
      const uid = pod?.metadata?.uid ?? '';
      if (!pod) {
        wasReady = undefined;
        return;
      }
      for (const { name, ready, started, containerID = '' } of statuses(pod)) {
        const track = history.tracks.get(containerID.replace('docker://', ''));
        if (ready && !(track && isReady(track))) report('ready without cause', `${uid}/${name}`);
        if (started && !(track && isRunning(track) && hasStarted(track)))
          report('started without cause', `${uid}/${name}`);
      }
      const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
      // Of an engine that is away nothing can be asked yet: the status is as last seen.
      const asLastSeen = pod.status?.reason === 'EngineUnavailable';
      if (ready && !asLastSeen && history.toldInLife && history.toldInLife.uid !== uid)
        report('Ready while it stops', uid);
      if (ready && !allReady(history, uid)) report('Ready while a container is not', uid);
      const before = wasReady?.uid === uid && wasReady.losses === history.losses;
      if (!ready && before && !mayBeUnready(history, uid)) report('Ready was lost without a reason', uid);
      wasReady = ready ? { uid, losses: history.losses } : undefined;
    },
  };
}

function statuses(pod: Pod) {
  const { spec, status } = pod;
  const ordinary = new Set(
    (spec?.initContainers ?? []).filter((one) => spec && isOrdinaryInit(spec, one)).map(({ name }) => name),
  );
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].filter(
    ({ name }) => !ordinary.has(name),
  );
}

/** As far as monopod knows. */
const isRunning = ({ known, started }: Track) => known === 'running' && started !== undefined;

const isReady = (track: Track): boolean =>
  isRunning(track) &&
  hasStarted(track) &&
  !track.stopSent &&
  (!track.spec?.readinessProbe || track.probes.readiness.result === 'success');

function allReady(history: History, uid: string): boolean {
  const pod = history.podOf(uid);
  const names = [...(pod.initContainers ?? []), ...pod.containers]
    .filter((container) => !isOrdinaryInit(pod, container))
    .map(({ name }) => name);
  return names.every((name) => {
    const track = history.latest(uid, name);
    return track !== undefined && isReady(track);
  });
}

/** A container of it is not ready, or it is being stopped. */
function mayBeUnready(history: History, uid: string): boolean {
  if (!allReady(history, uid) || deadlineMs(history, uid) <= history.now()) return true;
  if (history.told.at(-1)?.uid !== uid) return true;
  return history.of(uid).some((track) => isRunning(track) && reasonsToStop(history, track).length > 0);
}
