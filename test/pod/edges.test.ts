// The tables of legal moves: what is not in them kills the actor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CONTAINER_EDGES,
  moveContainer,
  moveSandbox,
  moveStage,
  SANDBOX_EDGES,
  STAGE_EDGES,
} from '../../src/pod/edges.ts';
import { type ContainerPhase, newGeneration, type SandboxPhase, type Stage } from '../../src/pod/state.ts';
import { staticPod } from './pods.ts';

const generation = (stage: Stage = 'active') => newGeneration(1, staticPod('v1'), stage, 0);

test('each move of the tables is made, each other one throws', () => {
  for (const [from, legal] of Object.entries(CONTAINER_EDGES)) {
    for (const to of Object.keys(CONTAINER_EDGES) as ContainerPhase['at'][]) {
      const [slot] = generation().containers;
      assert.ok(slot);
      slot.phase = { at: from } as ContainerPhase;
      const move = () => moveContainer(slot, { at: to } as ContainerPhase);
      if (legal.includes(to)) assert.doesNotThrow(move);
      else assert.throws(move, /broken invariant: container main cannot go/, `${from} -> ${to}`);
      assert.equal(slot.phase.at, legal.includes(to) ? to : from);
    }
  }
  for (const [from, legal] of Object.entries(SANDBOX_EDGES)) {
    for (const to of Object.keys(SANDBOX_EDGES) as SandboxPhase['at'][]) {
      const one = { ...generation(), sandbox: { at: from } as SandboxPhase };
      const move = () => moveSandbox(one, { at: to } as SandboxPhase);
      if (legal.includes(to)) assert.doesNotThrow(move);
      else assert.throws(move, /broken invariant: sandbox cannot go/, `${from} -> ${to}`);
    }
  }
});

test('what runs can only end; what terminates never turns back; a dead sandbox is never ready again', () => {
  assert.deepEqual(CONTAINER_EDGES.running, ['exited']);
  assert.deepEqual(STAGE_EDGES.terminating, []);
  assert.deepEqual(SANDBOX_EDGES.dead, ['none']);
  for (const stage of ['preparing', 'active', 'finished'] as const)
    assert.throws(() => moveStage(generation('terminating'), stage), /broken invariant: generation 1/);
  assert.throws(() => moveStage(generation('finished'), 'active'), /broken invariant/);
  assert.throws(() => moveStage(generation('active'), 'preparing'), /broken invariant/);
});
