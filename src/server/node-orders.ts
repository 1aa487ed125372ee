// What the command line may order of the node: the one way in which it changes anything.
import type { PodKey } from '../manifest/static-pod.ts';

export const ORDER_VERBS = ['restart', 'stop', 'start'] as const;
export type OrderVerb = (typeof ORDER_VERBS)[number];

/** What has come of it so far; the rest shows in `/pods`. */
export type OrderTaken = {
  /** Of the version that is to run now; absent: none is. */
  uid?: string;
  /** It was stopped by order until now. */
  wasStopped: boolean;
  /** Why that version does not begin yet: no room, or refused. */
  refusal?: string;
};

/** `status` as HTTP has it. Nothing has changed then. */
export type OrderRefused = { status: 404 | 409 | 500; message: string };

export type NodeOrders = {
  /** It holds, over restarts of monopod too, once this has answered. */
  order(key: PodKey, verb: OrderVerb): { ok: true; taken: OrderTaken } | { ok: false; refused: OrderRefused };
};
