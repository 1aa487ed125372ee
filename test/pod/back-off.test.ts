// The kubelet's back-off, by its figures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BackOff,
  engineRetryDelayMs,
  goSeconds,
  mountRetryDelayMs,
  nextBackOff,
  restartAtMs,
  retryDelayMs,
} from '../../src/pod/back-off.ts';
import { Life } from './life.ts';
import { staticPod } from './pods.ts';

const minuteMs = 60_000;

test('the first restart is at once, then 10 s doubling to 5 min', () => {
  let backOff: BackOff | undefined;
  let nowMs = 1_000_000;
  const waits: number[] = [];
  for (let restart = 0; restart < 9; restart++) {
    const endedAtMs = nowMs;
    nowMs = restartAtMs(backOff, endedAtMs);
    waits.push((nowMs - endedAtMs) / 1000);
    backOff = nextBackOff(backOff, endedAtMs, nowMs);
  }
  assert.deepEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300, 300]);
});

test('it is forgotten after more than 10 min of running, not after just 10', () => {
  const backOff = { delayMs: 160_000, updatedAtMs: 0 };
  assert.equal(restartAtMs(backOff, 10 * minuteMs), 10 * minuteMs + 160_000);
  assert.equal(restartAtMs(backOff, 10 * minuteMs + 1), 10 * minuteMs + 1);
  assert.equal(nextBackOff(backOff, 10 * minuteMs + 1, 11 * minuteMs).delayMs, 10_000);
  assert.equal(nextBackOff(backOff, 10 * minuteMs, 11 * minuteMs).delayMs, 300_000);
});

test('by count of failures: pulls and creates by the same steps; volumes 0.5 s to 2m2s, the engine itself to 30 s', () => {
  assert.deepEqual([1, 2, 5, 6, 60].map(retryDelayMs), [10_000, 20_000, 160_000, 300_000, 300_000]);
  assert.deepEqual([1, 2, 8, 9, 60].map(mountRetryDelayMs), [500, 1_000, 64_000, 122_000, 122_000]);
  assert.deepEqual([1, 2, 6, 7, 60].map(engineRetryDelayMs), [500, 1000, 16_000, 30_000, 30_000]);
});

test('durations are written as Go writes them', () => {
  assert.deepEqual([10_000, 60_000, 80_000, 160_000, 300_000].map(goSeconds), [
    '10s',
    '1m0s',
    '1m20s',
    '2m40s',
    '5m0s',
  ]);
});

/** Lets `main` fail at once, again and again: the seconds between each end and the next start. */
function crashLoop(life: Life, times: number): number[] {
  return Array.from({ length: times }, () => {
    life.ends('main', 1);
    life.go();
    const endedAtMs = life.nowMs;
    while (life.slot('main').phase.at !== 'running')
      life.pass(Math.max(0, (life.wakeAtMs ?? life.nowMs) - life.nowMs));
    return (life.nowMs - endedAtMs) / 1000;
  });
}

test('a container that fails at once is started again by these figures, each start counted', () => {
  const life = Life.running(staticPod('v1'));
  assert.deepEqual(crashLoop(life, 8), [0, 10, 20, 40, 80, 160, 300, 300]);
  assert.equal(life.slot('main').restartCount, 8);
});

test('ten minutes of running reset it', () => {
  const life = Life.running(staticPod('v1'));
  crashLoop(life, 4);
  life.pass(10 * minuteMs + 1);
  assert.deepEqual(crashLoop(life, 3), [0, 10, 20]);
});

test('so does an edit', () => {
  const life = Life.running(staticPod('v1'));
  crashLoop(life, 4);
  life.want(staticPod('v2'));
  life.go();
  life.ends('main', 143);
  life.go();
  assert.equal(life.state.current?.staticPod.uid, 'v2');
  assert.deepEqual(crashLoop(life, 3), [0, 10, 20]);
  assert.equal(life.slot('main').restartCount, 3);
});
