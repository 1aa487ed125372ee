// Each container waits 10 s, 20 s, … 5 min after an end of its own before it starts again; after 10 min without one it
// begins anew. Told a second time, apart from src: what is excused here need not be excused there, never the reverse.
import type { Effect } from '../../../src/pod/events.ts';
import type { History, Track } from '../history.ts';
import { called, type Report, type Rule } from './rule.ts';

type Entry = { delayMs: number; updatedAtMs: number };
type Create = Extract<Effect, { type: 'create-container' }>;

export function backOff(history: History, report: Report): Rule {
  const entries = new Map<string, Entry>();
  /** Ends that have been followed by an attempt. */
  const followed = new Set<string>();

  const restart = (effect: Create, uid: string) => {
    const attempts = history.attempts(uid, effect.container).filter(({ started }) => started);
    const [before, last] = attempts.slice(-2).length === 2 ? attempts.slice(-2) : [undefined, attempts[0]];
    if (!last?.ended || last.known !== 'ended' || followed.has(last.id)) return;
    followed.add(last.id);
    if (last.sandboxId !== effect.sandboxId || last.byHand || startedOver(history, last)) return;
    const place = `${history.losses}/${effect.sandboxId}/${effect.container}`;
    const entry = entries.get(place);
    const now = history.now();
    const endedMs = last.ended.atMs;
    const mayMs = restartMs(entry, endedMs);
    const killed = last.claims.has('liveness') || last.claims.has('startup');
    const free = killed && restartMs(entry, before?.ended?.atMs ?? 0) <= endedMs;
    if (now < mayMs && !free)
      report('restarted before its back-off was over', `${called(last)}: ${mayMs - now} ms early`);
    const delayMs = !entry || expired(entry, endedMs) ? 10_000 : Math.min(entry.delayMs * 2, 300_000);
    entries.set(place, { delayMs, updatedAtMs: now });
  };

  return {
    sent(effect, { current, next }) {
      if (effect.type !== 'create-container') return;
      const generation = [current, next].find((one) => one?.serial === effect.serial);
      if (generation) restart(effect, generation.staticPod.uid);
    },
  };
}

const expired = ({ updatedAtMs }: Entry, endedMs: number) => endedMs - updatedAtMs > 600_000;

/** client-go flowcontrol.Backoff. */
const restartMs = (entry: Entry | undefined, endedMs: number) =>
  entry === undefined || expired(entry, endedMs) ? endedMs : endedMs + entry.delayMs;

/** With all containers of its Pod. */
const startedOver = (history: History, { uid, sandboxId, created }: Track): boolean =>
  history
    .of(uid)
    .some((track) => track.sandboxId === sandboxId && (track.asksForAll?.order ?? -1) > created.order);
