// The Pod's whole logic, pure: (state, event, now) -> {state, effects, when to look again}. An event changes what is
// known (learn.ts); then the plan is made from all that is known (plan.ts), never from the event. So an event that is
// lost, late or repeated changes when something happens, not what.
import type { Effect, PodEvent } from './events.ts';
import { learn } from './learn.ts';
import { plan } from './plan.ts';
import { KEEP_ONE, Planning, type Retention } from './planning.ts';
import { copyState, type PodState } from './state.ts';

export type Transition = {
  state: PodState;
  effects: Effect[];
  /** ms since the epoch; absent when only an event can change anything. */
  wakeAtMs?: number;
};

export function transition(
  before: PodState,
  event: PodEvent,
  nowMs: number,
  infraImage: string,
  retention: Retention = KEEP_ONE,
): Transition {
  const state = copyState(before);
  learn(state, event, nowMs);
  const planning = new Planning(state, nowMs, infraImage, retention);
  plan(planning);
  return { state, effects: planning.effects, wakeAtMs: planning.wakeAtMs };
}
