// The legal moves, in one table a union. A move that is not here is a bug: it kills the actor, which is revived.
import { invariant } from '../errors.ts';
import type { ContainerPhase, ContainerSlot, Generation, SandboxPhase, Stage } from './state.ts';

type Edges<At extends string> = Record<At, readonly At[]>;

export const CONTAINER_EDGES: Edges<ContainerPhase['at']> = {
  waiting: ['creating', 'created', 'exited'],
  creating: ['created', 'waiting'],
  created: ['starting', 'running', 'exited', 'waiting'],
  starting: ['running', 'exited', 'created', 'waiting'],
  running: ['exited'],
  exited: ['creating', 'running', 'waiting'],
};

export const SANDBOX_EDGES: Edges<SandboxPhase['at']> = {
  none: ['creating', 'created'],
  creating: ['created', 'none'],
  created: ['starting', 'ready', 'dead', 'none'],
  starting: ['ready', 'created', 'dead'],
  ready: ['dead', 'none'],
  dead: ['none'],
};

export const STAGE_EDGES: Edges<Stage> = {
  preparing: ['active'],
  active: ['completing', 'terminating'],
  completing: ['finished', 'terminating'],
  finished: ['terminating'],
  terminating: [],
};

function check<At extends string>(edges: Edges<At>, what: string, from: At, to: At): void {
  invariant(edges[from].includes(to), `${what} cannot go from ${from} to ${to}`);
}

export function moveContainer(slot: ContainerSlot, phase: ContainerPhase): void {
  check(CONTAINER_EDGES, `container ${slot.name}`, slot.phase.at, phase.at);
  slot.phase = phase;
}

export function moveSandbox(generation: Generation, sandbox: SandboxPhase): void {
  check(SANDBOX_EDGES, 'sandbox', generation.sandbox.at, sandbox.at);
  generation.sandbox = sandbox;
}

export function moveStage(generation: Generation, stage: Stage): void {
  check(STAGE_EDGES, `generation ${generation.serial}`, generation.stage, stage);
  generation.stage = stage;
}
