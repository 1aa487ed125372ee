// How a life must have ended, long after the last thing went wrong: what is desired is so, and nothing else is there.
import type { ContainerObservation } from '../../../src/engine/engine.ts';
import type { Container, Pod } from '../../../src/kubernetes/pod.ts';
import { PROBE_KINDS } from '../../../src/pod/state.ts';
import type { History, Track } from '../history.ts';
import { isOrdinaryInit } from '../policy.ts';
import { deadlineMs, endMs, mayHaveEnded } from './reasons.ts';
import { called, type Report } from './rule.ts';

/** As it is at the end. `ended`: the actor says that nothing is left to do. */
export type End = {
  history: History;
  all: ContainerObservation[];
  published: Pod | undefined;
  ended: boolean;
  report: Report;
};

export function endsWithNothing({ all, published, ended, report }: End): void {
  if (all.length > 0) report('left behind', there(all));
  if (published) report('still published', 'nothing is desired');
  if (!ended) report('has not ended', 'the actor does not say so');
}

export function endsWith(uid: string, end: End): void {
  const { history, all, published, report } = end;
  const strangers = all.filter(({ identity }) => identity.uid !== uid);
  if (strangers.length > 0) report('left behind', there(all));
  if (published?.metadata?.uid !== uid)
    return report('another is published', published?.metadata?.uid ?? 'none');
  for (const name of new Set(all.map((container) => container.name))) {
    const own = all.filter((container) => container.name === name && container.kind === 'container');
    if (own.length > 2) report('left behind', `${own.length} of ${name}: ${there(all)}`);
  }
  const phase = published.status?.phase;
  const sandboxes = all.filter(({ kind, state }) => kind === 'sandbox' && state === 'running').length;
  const kept = all.filter(({ kind }) => kind === 'sandbox').length;
  if (phase === 'Running') {
    if (sandboxes !== 1 || kept !== 1) report('one sandbox', `${kept}: ${there(all)}`);
    return runsOn(uid, end);
  }
  if (kept !== 0) report('a sandbox after the end', there(all));
  if (phase !== 'Succeeded' && phase !== 'Failed') return report('phase', `${phase}: ${there(all)}`);
  const running = all.filter(({ state }) => state === 'running');
  if (running.length > 0) report('runs after the end', there(running));
  if (Math.min(deadlineMs(history, uid), endMs(history, uid)) > history.now())
    report('ended without cause', `${phase}: ${there(all)}`);
  const { reason } = published.status ?? {};
  if (reason === 'DeadlineExceeded' && phase !== 'Failed') report('phase', `${phase} past the deadline`);
}

/** Every container that is not done for good, and at least one main container; probed, and ready by its probes. */
function runsOn(uid: string, { history, published, report }: End): void {
  const pod = history.podOf(uid);
  const runs = (container: Container) => {
    const track = history.latest(uid, container.name);
    return track?.started && !track.ended ? track : undefined;
  };
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const track = runs(container);
    if (isOrdinaryInit(pod, container)) {
      if (track) report('an init container runs on', container.name);
    } else if (track) isProbed(history, track, report);
    else if (!isDone(history, uid, container)) report('does not run', container.name);
  }
  if (!pod.containers.some(runs)) report('phase', 'Running without a main container');
  const ready = published?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const all = pod.containers.every(runs);
  if (ready !== (all ? 'True' : 'False'))
    report('Ready at the end', `${ready}, ${all ? 'all run' : 'some have ended'}`);
}

function isDone(history: History, uid: string, container: Container): boolean {
  const latest = history.latest(uid, container.name);
  return latest !== undefined && mayHaveEnded(latest);
}

/** Probes go on, startup's until it has succeeded. */
function isProbed(history: History, track: Track, report: Report): void {
  for (const kind of PROBE_KINDS) {
    const probe = track.spec?.[`${kind}Probe`];
    if (!probe) continue;
    const { result, lastSent, underWay } = track.probes[kind];
    // A call to the engine may hang for two minutes.
    const dueMs = (probe.periodSeconds ?? 10) * 1000 + (underWay ? 130_000 : 1000);
    if (kind === 'startup' ? result !== 'success' : (lastSent?.atMs ?? 0) < history.now() - dueMs)
      report('probes do not go on', `${called(track)}: ${kind}`);
  }
}

const there = (all: ContainerObservation[]): string =>
  all
    .map(({ identity, name, state, id }) => `${identity.uid}/${name} ${state} ${id.slice(8, 12)}`)
    .join(', ');
