// What all Pods keep of earlier attempts, and what of it is too much.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadContainers, tooMany } from '../../src/supervisor/dead-containers.ts';

const dead = (container: string, ...starts: number[]) =>
  starts.map((startedAtMs) => ({ id: `${container}${startedAtMs}`, container, startedAtMs }));

const ids = (max: number, ...units: ReturnType<typeof dead>[]) =>
  tooMany(
    units.flat().map((one) => ({ ...one, key: 'pod' })),
    max,
  )
    .map(({ id }) => id)
    .sort();

test('as many as are allowed stay', () => {
  assert.deepEqual(ids(3, dead('a', 1, 2), dead('b', 3)), []);
});

test('each container gets an even share first', () => {
  assert.deepEqual(ids(4, dead('a', 1, 2, 3, 4), dead('b', 5)), ['a1', 'a2']);
});

test('the oldest go where there are more containers than may stay', () => {
  assert.deepEqual(ids(2, dead('a', 1, 9), dead('b', 2), dead('c', 3)), ['a1', 'b2']);
  assert.deepEqual(ids(0, dead('a', 1), dead('b', 2)), ['a1', 'b2']);
});

test('the Pods that keep too much are told once, and what a Pod lets go makes room', () => {
  const told: string[] = [];
  const all = new DeadContainers(2, (key, id) => told.push(`${key} ${id}`));
  all.keeps('p', dead('a', 1));
  all.keeps('q', dead('b', 2));
  assert.deepEqual(told, []);
  all.keeps('r', dead('c', 3));
  assert.deepEqual(told, ['p a1']);
  all.keeps('q', dead('b', 2));
  assert.deepEqual(told, ['p a1']);
  all.keeps('q', []);
  all.keeps('s', dead('d', 4));
  assert.deepEqual(told, ['p a1']);
});

test('below 0 is any number', () => {
  const all = new DeadContainers(-1, () => assert.fail());
  all.keeps('p', dead('a', 1, 2, 3));
});
