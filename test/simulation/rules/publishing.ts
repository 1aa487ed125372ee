// How often a status is published, and how one follows from the one before: never twice the same, at most one in 100 ms
// besides those that a turn of the Pod's stage brings, times that change only with what they are of, no way back from
// the end.
import type { Pod, PodCondition } from '../../../src/kubernetes/pod.ts';
import type { History } from '../history.ts';
import type { Report, Rule } from './rule.ts';

const togetherMs = 100;
/** narrate.ts: each tells of a turn of the stage, and comes before the status that it brings. */
const turns = ['Pod accepted', 'ending the Pod', 'Pod finished', 'stopping the Pod', 'Pod stopped'];

export function publishing(history: History, report: Report): Rule {
  let sent: string | undefined;
  let last: { pod: Pod; losses: number } | undefined;
  let published: number[] = [];
  let turned: number[] = [];

  const notTooOften = () => {
    const now = history.now();
    const recent = (ms: number) => ms > now - togetherMs;
    published = [...published.filter(recent), now];
    turned = turned.filter(recent);
    if (published.length > 1 + turned.length)
      report('published too often', `${published.length} in ${togetherMs} ms, ${turned.length} turns`);
  };

  const follows = (before: Pod, pod: Pod) => {
    for (const condition of pod.status?.conditions ?? []) sameTime(before, condition, report);
    const [from = '', to = ''] = [before.status?.phase, pod.status?.phase];
    const byHand = history.of(pod.metadata?.uid ?? '').some((track) => track.byHand);
    if (['Succeeded', 'Failed'].includes(from) && to !== from && !byHand)
      report('came back from the end', `${from} to ${to}`);
    if (before.status?.startTime !== pod.status?.startTime)
      report('startTime changed', `${before.status?.startTime} to ${pod.status?.startTime}`);
  };

  return {
    published(pod) {
      const text = JSON.stringify(pod) ?? '';
      if (sent === text) report('published twice the same', pod?.metadata?.uid ?? 'nothing');
      sent = text;
      if (!pod) {
        last = undefined;
        return;
      }
      // The first word of a Pod comes at once.
      if (!last) turned.push(history.now());
      notTooOften();
      beganFirst(history, pod, report);
      if (last && last.losses === history.losses && isSameLife(last.pod, pod)) follows(last.pod, pod);
      last = { pod, losses: history.losses };
    },
    logged(line) {
      if (turns.includes(line)) turned.push(history.now());
      // Its last word, and what comes after it.
      if (line === 'Pod stopped') turned.push(history.now());
    },
    crashed() {
      // The table of Pods died with monopod.
      sent = undefined;
      published = [];
    },
  };
}

/**
 * A Pod that stops never turns back: one of the same UID is another. One that is not accepted yet begins when it is, and
 * has no memory.
 */
function isSameLife({ metadata: before, status }: Pod, { metadata: after, status: now }: Pod): boolean {
  const turnedBack = before?.deletionTimestamp && !after?.deletionTimestamp;
  const expected = status?.phase === 'Pending' && status.reason === 'EngineUnavailable';
  const begins = expected || (status?.phase === 'Pending' && status.startTime !== now?.startTime);
  return before?.uid === after?.uid && !turnedBack && !begins;
}

/** A Pod whose checkpoint was lost did not begin when monopod found it. */
function beganFirst({ tracks }: History, { status }: Pod, report: Report): void {
  for (const { name, state, containerID = '' } of status?.containerStatuses ?? []) {
    const { startedAt = '' } = state?.running ?? {};
    const byHand = tracks.get(containerID.replace('docker://', ''))?.byHand;
    if (startedAt !== '' && !byHand && startedAt < (status?.startTime ?? ''))
      report('startTime after a container', `${name} ${startedAt}`);
  }
}

/** status_manager updateLastTransitionTime */
function sameTime(before: Pod, { type, status, lastTransitionTime }: PodCondition, report: Report): void {
  const old = before.status?.conditions?.find((condition) => condition.type === type);
  if (!old) return;
  const [sameStatus, same] = [old.status === status, old.lastTransitionTime === lastTransitionTime];
  if (sameStatus && !same) report('lastTransitionTime changed, its status did not', type);
}
