// First half of a transition: an event -> what is known. Decides nothing; touches facts only.
import { engineAnswers, engineIsAway } from './engine-health.ts';
import type { PodEvent } from './events.ts';
import { learnAnswer } from './learn-answer.ts';
import { differs } from './listed.ts';
import { forget, observe } from './observe.ts';
import { graceMsOf, type PodState } from './state.ts';
import { shortenGrace } from './stopping.ts';

export function learn(state: PodState, event: PodEvent, nowMs: number): void {
  switch (event.type) {
    case 'tick':
      return;
    case 'desire':
      state.desired = event.desired;
      if (event.desired.want === 'run') shortenGrace(state, graceMsOf(event.desired.staticPod), nowMs);
      return;
    case 'answered':
      delete state.calls[event.effect.call];
      return learnAnswer(state, event, nowMs);
    case 'observed':
      return observe(state, event.observation, nowMs);
    case 'removed':
      return forget(state, event.id, nowMs);
    case 'listed':
      if (state.list.at === 'known' && differs(state, event.containers)) state.list = { at: 'due' };
      return;
    case 'engine':
      if (event.available) return engineAnswers(state);
      return engineIsAway(state, event.sinceMs, event.message, nowMs);
  }
}
