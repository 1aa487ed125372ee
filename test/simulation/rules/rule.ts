// A rule: what must hold whatever happens. It is shown each thing as it comes and reports what breaks it, at most once
// being enough to end the life it is judging.
import type { Moment } from '../../../src/engine/fake/script.ts';
import type { Pod } from '../../../src/kubernetes/pod.ts';
import type { Effect } from '../../../src/pod/events.ts';
import type { PodState } from '../../../src/pod/state.ts';
import type { History, Track } from '../history.ts';

export type Rule = {
  /** On the engine; the history has it already. */
  happened?(moment: Moment, track: Track): void;
  /** Asked for by monopod; the history has it not yet. */
  sent?(effect: Effect, state: PodState): void;
  published?(pod: Pod | undefined): void;
  /** A line of monopod's log. */
  logged?(line: string): void;
  /** Monopod has died, with or without its checkpoint. */
  crashed?(losesMemory: boolean): void;
};

/** `name`: of what is broken, the same each time: a life is shrunk for as long as the same breaks. */
export type Report = (name: string, what: string) => void;

export type MakeRule = (history: History, report: Report) => Rule;

export const called = ({ uid, name, id }: Track): string => `${uid}/${name} ${id.slice(8, 12)}`;
