// What the engine has of a Pod, for who looks: in order, with the files of its logs; or that it does not answer in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { fail, ok } from '../../src/errors.ts';
import { podMade } from '../../src/supervisor/pod-made.ts';
import { SimulatedClock } from '../simulation/clock.ts';
import { randomFrom } from '../simulation/draw.ts';

const pod = { metadata: { namespace: 'shop', name: 'web-n', uid: 'u1' } };
const seen = (more: Partial<ContainerObservation>) =>
  ({
    id: 'c',
    kind: 'container',
    name: 'main',
    identity: { namespace: 'shop', name: 'web-n', uid: 'u1' },
    attempt: 2,
    state: 'running',
    createdAtMs: 5,
    ...more,
  }) as ContainerObservation;
const clock = () => new SimulatedClock(randomFrom(1));
const asking = { podLogsDir: '/var/log/pods' };

test('oldest first, each with its file of logs', async () => {
  const listPod = async () =>
    ok([
      seen({ pid: 7 }),
      seen({ id: 's', kind: 'sandbox', name: 'POD', createdAtMs: 1, pid: 0, state: 'exited', exitCode: 137 }),
    ]);
  assert.deepEqual(await podMade(pod, { ...asking, clock: clock(), listPod }), {
    logDirectory: '/var/log/pods/shop_web-n_u1',
    containers: [
      { id: 's', kind: 'sandbox', name: 'POD', uid: 'u1', state: 'exited', exitCode: 137 },
      {
        id: 'c',
        kind: 'container',
        name: 'main',
        uid: 'u1',
        state: 'running',
        pid: 7,
        log: '/var/log/pods/shop_web-n_u1/main/2.log',
      },
    ],
  });
});

test('an engine that refuses, whose thread is gone, or that is slower than a person', async () => {
  const ways = [
    async () => fail('EngineUnavailable', 'no'),
    () => Promise.reject(new Error('its thread ended')),
    () => new Promise<never>(() => undefined),
  ];
  for (const listPod of ways) {
    const time = clock();
    const answer = podMade(pod, { ...asking, clock: time, listPod });
    await time.run(time.now() + 3000);
    const { trouble, containers, logDirectory } = await answer;
    assert.deepEqual([trouble, containers], ['the container engine does not answer', []]);
    assert.equal(logDirectory, '/var/log/pods/shop_web-n_u1');
  }
});
