// First half of a transition: an event -> what is known. Decides nothing; touches facts only.
import { engineAnswers, engineIsAway } from './engine-health.ts';
import type { PodEvent } from './events.ts';
import { learnAnswer } from './learn-answer.ts';
import { differs } from './listed.ts';
import { forget, observe } from './observe.ts';
import { discardDead } from './plan-dead.ts';
import { type Desired, generationsOf, graceMsOf, type PodState } from './state.ts';
import { shortenGrace } from './stopping.ts';

export function learn(state: PodState, event: PodEvent, nowMs: number): void {
  switch (event.type) {
    case 'tick':
      return;
    case 'desire':
      return learnDesired(state, event.desired, nowMs);
    case 'answered':
      delete state.calls[event.effect.call];
      return learnAnswer(state, event, nowMs);
    case 'observed':
      return observe(state, event.observation, nowMs);
    case 'removed':
      return forget(state, event.id, nowMs);
    case 'discard':
      return discardDead(state, event.id);
    case 'pulling':
      return learnProgress(state, event);
    case 'listed':
      if (state.list.at === 'known' && differs(state, event.containers)) state.list = { at: 'due' };
      return;
    case 'engine':
      if (event.available) return engineAnswers(state);
      return engineIsAway(state, event.sinceMs, event.message, nowMs);
  }
}

function learnProgress(state: PodState, { image, progress }: Extract<PodEvent, { type: 'pulling' }>): void {
  for (const generation of generationsOf(state)) {
    // Of the infra container's image nobody else is told.
    const isInfra = !generation.containers.some(({ spec }) => spec.image === image);
    if (isInfra && generation.infraImage.at === 'pulling')
      generation.infraImage = { ...generation.infraImage, progress };
    for (const slot of generation.containers)
      if (slot.spec.image === image && slot.image.at === 'pulling') slot.image = { ...slot.image, progress };
  }
}

function learnDesired(state: PodState, desired: Desired, nowMs: number): void {
  const { desired: before, next } = state;
  state.desired = desired;
  if (desired.want !== 'run') return;
  // Told again, after a crash or a revival, it is nothing that has arrived meanwhile.
  const { uid } = desired.staticPod;
  const known = next?.staticPod.uid === uid || (before.want === 'run' && before.staticPod.uid === uid);
  if (!known) shortenGrace(state, graceMsOf(desired.staticPod), nowMs);
}
