// Lives that once went wrong, before plans could be drawn: written down from what had happened in them.
import type { Plan, PodPlan } from './plan.ts';

const pod = (
  uid: string,
  spec: Partial<PodPlan['spec']> = {},
  init: Partial<PodPlan['behaviours']> = {},
): PodPlan => ({
  uid,
  spec: {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    containers: [{ name: 'main0', image: 'busybox:1', imagePullPolicy: 'IfNotPresent' }],
    ...spec,
  },
  behaviours: { main0: { runs: [{}], stopsAfterMs: 1 }, ...(init as PodPlan['behaviours']) },
});

const present = { present: true, pullMs: 1 };
const images = { 'busybox:1': present, 'busybox:2': present, pause: present };

const plan = (pods: PodPlan[], actions: Plan['actions'], troubles: Plan['troubles'] = []): Plan => ({
  pods,
  images,
  actions,
  troubles,
  calmAtMs: Math.max(...actions.map(({ atMs }) => atMs)) + 60_000,
});

const deaf = { main0: { runs: [{}], stopsAfterMs: 1, ignoresTerm: true as const } };
const initContainers = [{ name: 'init0', image: 'busybox:1', imagePullPolicy: 'IfNotPresent' }];
const init = { init0: { runs: [{ exitAfterMs: 500, exitCode: 0 }], stopsAfterMs: 1 } };
const crash = { do: 'crash', downMs: 1000, lot: 0.5 } as const;

export const once: { what: string; plan: Plan }[] = [
  {
    what: 'SIGKILL at the end of a grace whose SIGTERM the hanging engine had never taken',
    plan: plan(
      [pod('uid0', {}, deaf)],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 5000, do: 'remove' },
      ],
      [{ with: 'kill uid0/main0', nth: 0, fault: { kind: 'timeout', effect: false } }],
    ),
  },
  {
    what: 'the grace counted from when SIGTERM was asked for, not from when it was taken',
    plan: plan(
      [pod('uid0', {}, deaf)],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 5000, do: 'remove' },
      ],
      [{ with: 'kill uid0/main0', nth: 0, fault: { kind: 'slow', delayMs: 9000 } }],
    ),
  },
  {
    what: 'a Pod that ended while monopod was down stayed published',
    plan: plan(
      [pod('uid0')],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 5000, do: 'remove' },
        { atMs: 5001, ...crash, downMs: 4000 },
      ],
    ),
  },
  {
    what: 'under Never, a sandbox that died before any main container ran left the Pod Pending for ever',
    plan: plan(
      [pod('uid0', { restartPolicy: 'Never', initContainers }, init)],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 200, do: 'kill', name: 'POD', exitCode: 137 },
      ],
    ),
  },
  {
    what: 'a crash between a start and its checkpoint cost a running container its life',
    plan: plan(
      [pod('uid0')],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        ...[20, 25, 30, 40].map((atMs) => ({ atMs, ...crash, downMs: 1 })),
      ],
    ),
  },
  {
    what: 'a late word of running brought a dead leftover back to life; its end, lost on the way, was never asked for',
    plan: plan(
      [pod('uid0'), pod('uid1')],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 5000, ...crash, losesCheckpoint: true },
        { atMs: 8000, do: 'want', uid: 'uid1' },
        { atMs: 8100, do: 'kill', name: 'main0', exitCode: 137 },
      ],
      [0, 1, 2].map((nth) => ({ with: 'told observed uid0/main0', nth, fate: [] })),
    ),
  },
  {
    what: 'without checkpoint and init container, a Pod that runs was initialized anew',
    plan: plan(
      [pod('uid0', { initContainers }, init)],
      [
        { atMs: 0, do: 'want', uid: 'uid0' },
        { atMs: 5000, do: 'delete', name: 'init0' },
        { atMs: 6000, ...crash, losesCheckpoint: true },
      ],
    ),
  },
];
