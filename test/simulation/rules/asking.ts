// What is asked of containers while they run: probes and hooks only of those that do, one probe of a kind at a time,
// and none of liveness or startup once the stop of the container has begun, or after that probe has failed.
import type { PodState, StopReason } from '../../../src/pod/state.ts';
import type { History, Track } from '../history.ts';
import { called, type Report, type Rule } from './rule.ts';

export function asking(history: History, report: Report): Rule {
  return {
    sent(effect, state) {
      const track = 'id' in effect ? history.tracks.get(effect.id) : undefined;
      if (!track || (effect.type !== 'probe' && effect.type !== 'run-hook')) return;
      const what = `${called(track)}: ${effect.type === 'probe' ? effect.kind : effect.hook}`;
      if (!track.started) report('asked of a container that never ran', what);
      if (track.known === 'ended') report('asked of a container that has ended', what);
      if (uidOf(state, effect.serial) !== track.uid) report('asked of a container of another Pod', what);
      if (effect.type !== 'probe') return;
      const { underWay, failed } = track.probes[effect.kind];
      if (underWay) report('two probes of a kind at once', what);
      if (effect.kind === 'readiness') return;
      if (failed) report('probed on after it had failed', what);
      if (isStopping(history, track)) report('probed while it stops', what);
    },
  };
}

const uidOf = ({ current, next }: PodState, serial: number) =>
  [current, next].find((generation) => generation?.serial === serial)?.staticPod.uid;

function isStopping(history: History, { uid, stopSent, started }: Track): boolean {
  const { toldInLife } = history;
  const unwanted = toldInLife !== undefined && toldInLife.uid !== uid;
  const withAll = history.of(uid).some(({ stopSent: other, claims }) => {
    const since = other !== undefined && other.order > (started?.order ?? 0);
    return since && ['termination', 'completion', 'sandbox'].some((why) => claims.has(why as StopReason));
  });
  return stopSent !== undefined || unwanted || withAll;
}
