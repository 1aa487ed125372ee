// A seed -> the plan of a life.
import { type Draw, drawFrom } from './draw.ts';
import { drawPod } from './manifests.ts';
import type { Action, Plan } from './plan.ts';

/** Much happens in a short time, or little in a longer one: some things take their time to come about. */
const moods = [
  { forMs: 45_000, gapsMs: [1, 10, 100, 1000, 5000, 12_000], wants: 3 },
  { forMs: 45_000, gapsMs: [1, 10, 100, 1000, 5000, 12_000], wants: 3 },
  { forMs: 120_000, gapsMs: [100, 5000, 15_000, 40_000], wants: 1 },
];

/** What goes wrong with single calls is drawn while it is lived (weather.ts). */
export function planOf(seed: number): Plan {
  const draw = drawFrom(seed, 'plan');
  const pods = Array.from({ length: 4 }, (_, version) =>
    drawPod(drawFrom(seed, `pod ${version}`), `uid${version}`),
  );
  const names = ['POD', ...new Set(pods.flatMap(({ behaviours }) => Object.keys(behaviours)))];
  const images = Object.fromEntries(
    ['busybox:1', 'busybox:2', 'pause'].map((name) => [
      name,
      { present: draw.chance(0.6), pullMs: draw.upTo(5000) },
    ]),
  );
  const { forMs, gapsMs, wants } = draw.pick(moods);
  // Something is there to begin with.
  const actions: Action[] = [{ atMs: 0, do: 'want', uid: 'uid0' }];
  const uids = pods.map(({ uid }) => uid);
  for (let atMs = draw.pick(gapsMs); atMs < forMs; atMs += draw.pick(gapsMs)) {
    const what = drawAction(draw, atMs, wants, uids, names);
    if (what) actions.push(what);
  }
  return { pods, images, actions, troubles: [], calmAtMs: forMs };
}

function drawAction(
  draw: Draw,
  atMs: number,
  wants: number,
  uids: string[],
  names: string[],
): Action | undefined {
  const what = draw.pick([
    ...Array.from({ length: wants }, () => 'want' as const),
    'remove',
    'crash',
    'outage',
    'kill',
    'delete',
    draw.chance(0.3) ? 'start' : undefined,
    undefined,
  ] as const);
  switch (what) {
    case 'want':
      return { atMs, do: what, uid: draw.pick(uids) };
    case 'crash':
      return {
        atMs,
        do: what,
        downMs: draw.upTo(4000),
        ...(draw.chance(0.12) && { losesCheckpoint: true }),
        ...(draw.chance(0.5) && { toldAfterMs: draw.upTo(3000) }),
        lot: draw.upTo(100) / 100,
      };
    case 'outage':
      return { atMs, do: what, forMs: draw.upTo(20_000), ...(draw.chance(0.3) && { deadly: true }) };
    case 'kill':
      return { atMs, do: what, name: draw.pick(names), exitCode: draw.pick([137, 137, 0, 42]) };
    case 'delete':
    case 'start':
      return { atMs, do: what, name: draw.pick(names) };
    default:
      return what && { atMs, do: what };
  }
}
