// A life to be lived in the simulation, as plain data: the Pods, what happens to the node, and what goes wrong. Drawn
// from a seed, or written down: a failing life is shrunk by taking away from its plan.
import type { EventFate, Fault } from '../../src/engine/fake/script.ts';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { Behaviour } from './behaviour.ts';

export type Plan = {
  pods: PodPlan[];
  images: Record<string, { present: boolean; pullMs: number }>;
  actions: Action[];
  troubles: Trouble[];
  /** From here on nothing goes wrong any more; what is desired then must come true. */
  calmAtMs: number;
};

export type PodPlan = { uid: string; spec: PodSpec; behaviours: Record<string, Behaviour> };

/** What happens to the node. By hand: the newest container of a name is killed, removed, or started (again). */
export type Action = { atMs: number } & (
  | { do: 'want'; uid: string }
  | { do: 'remove' }
  | { do: 'crash'; downMs: number; losesCheckpoint?: true; toldAfterMs?: number; lot: number }
  | { do: 'outage'; forMs: number; deadly?: true }
  | { do: 'kill'; name: string; exitCode: number }
  | { do: 'delete' | 'start'; name: string }
);

/** The `nth` time (from 0) that this is done: a call to the engine, an event from it, or something on the host. */
export type Trouble = { with: string; nth: number } & (
  | { fault: Fault }
  | { fate: EventFate }
  | { fails: true }
);

export const key = 'default/web-node';

export const staticPodOf = ({ uid, spec }: PodPlan): StaticPod => ({
  key,
  uid,
  source: 'file',
  origin: `/m/${uid}.yaml`,
  pod: { metadata: { name: 'web-node', namespace: 'default', uid }, spec },
});
