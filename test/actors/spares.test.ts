// Warm threads: taken, filled up again, dropped when they die.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Spares } from '../../src/actors/spares.ts';
import type { Thread, ThreadExit } from '../../src/actors/thread.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function threads() {
  const spawned: { thread: Thread<object>; die(): void; terminated: boolean }[] = [];
  const spawn = () => {
    const { promise: exited, resolve } = Promise.withResolvers<ThreadExit>();
    const made = {
      terminated: false,
      die: () => resolve({ code: 1 }),
      thread: {
        kind: 'pod' as const,
        remote: {},
        exited,
        async terminate() {
          made.terminated = true;
          resolve({ code: 1 });
        },
      },
    };
    spawned.push(made);
    return made.thread;
  };
  return { spawned, spawn };
}

test('as many as wanted are kept warm; one that is taken is replaced, after it was handed out', async () => {
  const { spawned, spawn } = threads();
  const spares = new Spares(2, spawn);
  assert.equal(spawned.length, 0);
  spares.fill();
  spares.fill();
  assert.equal(spawned.length, 2);
  assert.equal(spares.take(), spawned[0]?.thread);
  assert.equal(spawned.length, 2, 'not before whoever took it goes on');
  await settled();
  assert.equal(spawned.length, 3);
  assert.equal(spares.take(), spawned[1]?.thread);
});

test('whoever keeps them says when there is time to fill up', async () => {
  const { spawned, spawn } = threads();
  const waiting: (() => void)[] = [];
  const spares = new Spares(1, spawn, (fill) => waiting.push(fill));
  spares.take();
  await settled();
  assert.equal(spawned.length, 1);
  waiting[0]?.();
  assert.equal(spawned.length, 2);
});

test('with none warm one is started for whoever asks, and nobody gets the same', async () => {
  const { spawned, spawn } = threads();
  const spares = new Spares(1, spawn);
  const taken = [spares.take(), spares.take(), spares.take()];
  assert.equal(new Set(taken).size, 3);
  await settled();
  assert.equal(spawned.length, 4);
});

test('a spare that dies is not handed out, and not replaced before the next is taken', async () => {
  const { spawned, spawn } = threads();
  const spares = new Spares(1, spawn);
  spares.fill();
  spawned[0]?.die();
  await settled();
  assert.equal(spawned.length, 1);
  assert.equal(spares.take(), spawned[1]?.thread);
  await settled();
  assert.equal(spawned.length, 3);
});

test('the death of one that was taken concerns the spares no more', async () => {
  const { spawned, spawn } = threads();
  const spares = new Spares(1, spawn);
  spares.fill();
  spares.take();
  await settled();
  spawned[0]?.die();
  await settled();
  assert.equal(spares.take(), spawned[1]?.thread);
});

test('close ends the warm ones, not those that were taken, and starts no more', async () => {
  const { spawned, spawn } = threads();
  const spares = new Spares(1, spawn);
  spares.fill();
  spares.take();
  await settled();
  await spares.close();
  spares.fill();
  assert.deepEqual(
    spawned.map(({ terminated }) => terminated),
    [false, true],
  );
});
