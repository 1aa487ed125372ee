// A long list of names is settled in parts, in order, and main is free in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { Turns } from '../../src/supervisor/turns.ts';
import { SimulatedClock } from '../simulation/clock.ts';
import { randomFrom } from '../simulation/draw.ts';
import { entry, podOf, sourceId, update } from './entries.ts';
import { supervised } from './supervised.ts';

const names = (count: number, prefix = 'p') => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

function turns() {
  const clock = new SimulatedClock(randomFrom(1));
  const settled: string[] = [];
  const ranks = new Map<string, number>();
  let done = 0;
  const list = new Turns({
    clock,
    rank: (key) => ranks.get(key) ?? 0,
    settle: (key) => settled.push(key),
    onDone: () => (done += 1),
  });
  return { clock, settled, ranks, list, done: () => done };
}

test('few names are settled at once, by rank and then as they came', async () => {
  const on = turns();
  on.ranks.set('b', -5).set('d', Number.NEGATIVE_INFINITY).set('e', Number.NEGATIVE_INFINITY);
  on.list.take(['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(on.settled, ['d', 'e', 'b', 'a', 'c']);
  assert.equal(on.list.isDone, true);
  assert.equal(on.done(), 1);
});

test('no name at all is done, too', async () => {
  const on = turns();
  on.list.take([]);
  assert.equal(on.done(), 1);
});

test('of many the first are settled at once, the rest when main has had a turn, and all once', async () => {
  const on = turns();
  on.list.take(names(1000));
  const first = on.settled.length;
  assert.ok(first > 0 && first < 1000);
  assert.equal(on.list.isDone, false);
  assert.equal(on.done(), 0);
  await on.clock.run(on.clock.now() + 1_000);
  assert.deepEqual(on.settled, names(1000));
  assert.equal(on.done(), 1);
});

test('what comes meanwhile takes its place by rank, and what was said twice is settled once', async () => {
  const on = turns();
  on.list.take(names(500));
  const first = on.settled.length;
  on.ranks.set('critical', -9);
  on.list.take(['late', 'critical', 'p499']);
  assert.equal(on.settled.length, first, 'main has its turn first');
  await on.clock.run(on.clock.now() + 1_000);
  assert.deepEqual(on.settled, [...names(first), 'critical', ...names(500).slice(first), 'late']);
  assert.equal(on.done(), 1);
});

test('closed, nothing is settled any more', async () => {
  const on = turns();
  on.list.take(names(500));
  const first = on.settled.length;
  on.list.close();
  await on.clock.run(on.clock.now() + 1_000);
  assert.equal(on.settled.length, first);
});

test('thousands of manifests: the critical one is first, and what the engine has is nobody else until all had their turn', async () => {
  const rootDir = mkdtempSync(join(tmpdir(), 'kt-turns-'));
  try {
    const on = supervised(rootDir, 3, [sourceId]);
    const many = names(300).map((name) => podOf(name));
    const critical = podOf('critical', 1, { priority: 2_000_000_000 });
    const running = (name: string): ContainerObservation =>
      ({
        key: `default/${name}`,
        kind: 'container',
        state: 'running',
        labels: {},
        identity: { uid: `${name}-1`, name, namespace: 'default' },
      }) as unknown as ContainerObservation;
    // p299 gets no room and was a version before; nobody wants `left`.
    const before = { ...running('p299'), identity: { uid: 'p299-0', name: 'p299', namespace: 'default' } };
    on.supervisor.update(
      update(
        [...many, critical].map((pod) => entry(pod)),
        { full: true },
      ),
    );
    on.supervisor.engineHas([before, running('left')]);
    assert.equal(on.last('critical')?.want, 'run');
    const told = () => on.threads.map(({ boot }) => boot.key);
    assert.ok(!told().includes('default/left') && !told().includes('default/p299'));
    assert.deepEqual(on.settled, []);
    await on.clock.run(on.clock.now() + 5_000);
    assert.equal(on.last('left')?.want, 'gone');
    assert.equal(on.last('p299')?.want, 'gone', 'it waits for room, and what is left of it stops');
    assert.equal(on.settled.length, 1);
    assert.deepEqual(
      on.names().filter((name) => !name.endsWith('OutOfpods')),
      [],
      'those that run are shown by their actors',
    );
    assert.equal(on.names().length, 298);
  } finally {
    rmSync(rootDir, { recursive: true, force: true });
  }
});
