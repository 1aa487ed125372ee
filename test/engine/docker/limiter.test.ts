// Who goes next, and how many at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Limiter, PRIORITIES, type Priority } from '../../../src/engine/docker/limiter.ts';

/** Tasks that end when told; notes which have begun. */
function tasks(limiter: Limiter) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (priority: Priority, name: string = priority) =>
    limiter.run(priority, () => {
      begun.push(name);
      return new Promise<void>((end) => ends.set(name, end));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await turn();
  };
  return { begun, add, end };
}

test('so many at once, the rest in the order of urgency, then of arrival', async () => {
  const { begun, add, end } = tasks(new Limiter(1, 0));
  void add('inspect', 'running');
  for (const priority of PRIORITIES.toReversed()) {
    void add(priority, `${priority}-1`);
    void add(priority, `${priority}-2`);
  }
  assert.deepEqual(begun, ['running']);
  await end('running');
  const expected = PRIORITIES.flatMap((priority) => [`${priority}-1`, `${priority}-2`]);
  for (const name of expected) await end(name);
  assert.deepEqual(begun, ['running', ...expected]);
});

test('a kill goes at once where anything else would wait, up to its reserve', async () => {
  const { begun, add, end } = tasks(new Limiter(2, 1));
  void add('create', 'create-1');
  void add('create', 'create-2');
  void add('start');
  void add('kill', 'kill-1');
  void add('kill', 'kill-2');
  assert.deepEqual(begun, ['create-1', 'create-2', 'kill-1']);
  await end('create-1');
  assert.deepEqual(begun.slice(3), ['kill-2']);
  // Three are under way, over the limit of two: the start waits until one of the two would.
  await end('kill-1');
  assert.equal(begun.includes('start'), false);
  await end('kill-2');
  assert.equal(begun.includes('start'), true);
});

test('one that fails makes room like one that ends well', async () => {
  const limiter = new Limiter(1, 0);
  await assert.rejects(limiter.run('create', () => Promise.reject(new Error('no'))));
  assert.equal(await limiter.run('create', async () => 'yes'), 'yes');
});
