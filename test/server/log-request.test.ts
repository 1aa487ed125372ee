// What is asked for, and what the kubelet refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { hasContainer, logContainerId, logOptions, runsContainer } from '../../src/server/log-request.ts';

const nowMs = Date.parse('2026-01-02T03:04:05.678Z');
const options = (text: string) => logOptions(Object.fromEntries(new URLSearchParams(text)), nowMs);
const plain = { follow: false, timestamps: false };

test('the query is PodLogOptions', () => {
  assert.deepEqual(options(''), plain);
  assert.deepEqual(options('follow=1&timestamps=true'), { follow: true, timestamps: true });
  assert.deepEqual(options('follow=false&timestamps=0'), plain);
  assert.deepEqual(options('tailLines=0&limitBytes=5'), { ...plain, tailLines: 0, limitBytes: 5 });
  assert.deepEqual(options('sinceSeconds=5'), { ...plain, since: '2026-01-02T03:04:00.678000000Z' });
  for (const [time, since] of [
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000000Z'],
    ['2026-01-02T03:04:05.000000001+02:00', '2026-01-02T01:04:05.000000001Z'],
  ] as const)
    assert.deepEqual(options(`sinceTime=${encodeURIComponent(time)}`), { ...plain, since });
});

test('what cannot be read is 400, what makes no sense 422', () => {
  for (const bad of ['tailLines=x', 'sinceSeconds=1.5', 'limitBytes=1k', 'sinceTime=yesterday'])
    assert.deepEqual(options(bad), { status: 400, message: '{"message": "Unable to decode query."}' }, bad);
  for (const bad of [
    'tailLines=-1',
    'sinceSeconds=0',
    'limitBytes=0',
    'sinceSeconds=1&sinceTime=2026-01-02T03:04:05Z',
  ])
    assert.deepEqual(options(bad), { status: 422, message: '{"message": "Invalid request."}' }, bad);
});

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
const ended = (id?: string) => ({
  terminated: { exitCode: 1, ...(id && { containerID: `docker://${id}` }) },
});
const web = (
  more: Partial<Status>,
  where: 'containerStatuses' | 'initContainerStatuses' = 'containerStatuses',
): Pod => ({
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'main' }], initContainers: [{ name: 'init' }] },
  status: {
    [where]: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, ...more }],
  },
});
const current = (more: Partial<Status>) => logContainerId(web(more), 'main', false);
const refused = (message: string) => ({ status: 400, message });

test('the attempt that runs, else the one that ended last', () => {
  assert.equal(current({ state: { running: {} }, containerID: 'docker://a' }), 'a');
  assert.equal(current({ state: ended('a') }), 'a');
  assert.equal(current({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended('b') }), 'b');
  assert.equal(current({ state: ended(), lastState: ended('b') }), 'b');
  const init = web({ state: { running: {} }, containerID: 'docker://i' }, 'initContainerStatuses');
  assert.equal(logContainerId(init, 'main', false), 'i');
  assert.deepEqual(current({ state: ended() }), refused('container "main" in pod "web" is terminated'));
});

test('the attempt before', () => {
  const both = { state: { running: {} }, containerID: 'docker://a', lastState: ended('b') };
  assert.equal(logContainerId(web(both), 'main', true), 'b');
  assert.deepEqual(
    logContainerId(web({ ...both, lastState: {} }), 'main', true),
    refused('previous terminated container "main" in pod "web" not found'),
  );
});

test('a container that has not run says what it waits for', () => {
  for (const [reason, why] of [
    ['ContainerCreating', 'ContainerCreating'],
    ['ErrImagePull', "image can't be pulled"],
    ['ImagePullBackOff', 'trying and failing to pull image'],
  ])
    assert.deepEqual(
      current({ state: { waiting: { reason } } }),
      refused(`container "main" in pod "web" is waiting to start: ${why}`),
    );
  assert.deepEqual(current({}), refused('container "main" in pod "web" is waiting to start - no logs yet'));
  assert.deepEqual(
    logContainerId(web({}), 'init', false),
    refused('container "init" in pod "web" is not available'),
  );
});

test('whether it is of the Pod, and runs', () => {
  const pod = web({ state: { running: {} }, containerID: 'docker://a' });
  assert.deepEqual(
    ['main', 'init', 'no'].map((name) => hasContainer(pod, name)),
    [true, true, false],
  );
  assert.deepEqual([runsContainer(pod, 'a'), runsContainer(pod, 'b')], [true, false]);
  assert.equal(runsContainer(web({ state: ended('a'), containerID: 'docker://a' }), 'a'), false);
});
