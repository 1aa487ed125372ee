// What reaches a Pod's mailbox, and what its transition asks the world to do. Both are plain data.
import type { ContainerObservation, EngineEvent, ImageStatus, PullPolicy } from '../engine/engine.ts';
import type { Result } from '../errors.ts';
import type { ProbeVerdict } from './handlers/probe.ts';
import type { Desired, ProbeKind } from './state.ts';

/** What to do. `call` names the answer; `serial` the generation it is for (0: none). Configs are built where they run. */
export type Effect =
  | { type: 'list'; call: number; serial: 0 }
  | {
      type: 'ensure-image';
      call: number;
      serial: number;
      container: string;
      image: string;
      policy: PullPolicy;
    }
  | { type: 'prepare-host'; call: number; serial: number }
  | { type: 'clean-host'; call: number; serial: 0; uid: string; name: string; namespace: string }
  | { type: 'create-sandbox'; call: number; serial: number; attempt: number }
  | { type: 'start-sandbox'; call: number; serial: number; id: string }
  | {
      type: 'create-container';
      call: number;
      serial: number;
      container: string;
      attempt: number;
      restartCount: number;
      sandboxId: string;
    }
  | { type: 'start-container'; call: number; serial: number; container: string; id: string }
  | { type: 'kill'; call: number; serial: number; id: string; signal: string; container: string }
  | { type: 'remove'; call: number; serial: 0; id: string; force: boolean }
  | { type: 'probe'; call: number; serial: number; container: string; id: string; kind: ProbeKind }
  /** `timeoutMs` 0: none. */
  | {
      type: 'run-hook';
      call: number;
      serial: number;
      container: string;
      id: string;
      hook: 'postStart' | 'preStop';
      timeoutMs: number;
    }
  | {
      type: 'read-message';
      call: number;
      serial: number;
      container: string;
      id: string;
      attempt: number;
      ended: { exitCode: number; reason: string; logPath?: string };
    };

/** What runs beside a container, for as long as that runs: given up with it. */
export type HandlerEffect = Extract<Effect, { type: 'probe' | 'run-hook' }>;

export const isHandler = (effect: Effect): effect is HandlerEffect =>
  effect.type === 'probe' || effect.type === 'run-hook';

/** What only looks or asks: no other step waits for it. */
export const DETACHED: ReadonlySet<Effect['type']> = new Set(['probe', 'run-hook', 'read-message']);

/** The answer to each type of effect. */
export type Answer = {
  list: ContainerObservation[];
  'ensure-image': ImageStatus;
  'prepare-host': undefined;
  'clean-host': undefined;
  'create-sandbox': string;
  'start-sandbox': ContainerObservation;
  'create-container': string;
  'start-container': ContainerObservation;
  kill: undefined;
  remove: undefined;
  probe: ProbeVerdict;
  'run-hook': undefined;
  /** '' if there is none. */
  'read-message': string;
};

export type AnsweredEvent = {
  [Type in Effect['type']]: {
    type: 'answered';
    effect: Extract<Effect, { type: Type }>;
    result: Result<Answer[Type]>;
  };
}[Effect['type']];

export type PodEvent =
  | { type: 'desire'; desired: Desired }
  /** A dead container has to go. */
  | { type: 'discard'; id: string }
  /** Its own timer, or nothing in particular: look again. */
  | { type: 'tick' }
  | AnsweredEvent
  | EngineEvent;

export type Answered<Type extends AnsweredEvent['effect']['type']> = Extract<
  AnsweredEvent,
  { effect: { type: Type } }
>;

/** The infra container's name among `ensure-image` effects. */
export const INFRA = '';
