// activeDeadlineSeconds: when a Pod's time is over, whatever it is at. Durations are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { endedMs, historyOf, timesOf } from './harness/history.ts';
import { neverStops, pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { conditionOf, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

const startTimeMs = ({ status }: Pod) => Date.parse(status?.startTime ?? '');

const deadlineExceeded = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

async function exceedsDeadline(node: TestNode, name: string): Promise<Pod> {
  const shown = await node.shows(
    name,
    'has exceeded its deadline',
    ({ status }) => status?.phase === 'Failed',
  );
  const { phase, reason, message } = shown.status ?? {};
  assert.deepEqual({ phase, reason, message }, deadlineExceeded);
  return shown;
}

/** Nothing of it runs, and none of its containers was started more often than this. */
async function isOver(node: TestNode, name: string, starts: Record<string, number>): Promise<void> {
  await until(`nothing of ${name} runs`, async () =>
    (await node.containers(name)).every(({ running, name: what }) => !running && what !== 'POD'),
  );
  const history = await historyOf(node, name);
  for (const [container, times] of Object.entries(starts))
    assert.equal(timesOf(history, 'start', container).length, times, `starts of ${container}`);
}

describe('activeDeadlineSeconds', { concurrency: 4 }, () => {
  test('a Pod that ends before is not touched by it', async (t) => {
    const node = await startNode(t);
    const spec = { restartPolicy: 'Never', activeDeadlineSeconds: 12, containers: [shell('exit 0')] };
    await node.write('job.yaml', pod('job', spec));
    const done = await node.shows('job', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    await until('its time is over', async () => (await node.docker.nowMs()) > startTimeMs(done) + 13_000);
    const { phase, reason } = (await node.pod('job'))?.status ?? {};
    assert.deepEqual([phase, reason], ['Succeeded', undefined]);
  });

  test('it passes in back-off, of a main or an init container: it is not tried again', async (t) => {
    const node = await startNode(t);
    const fails = [shell('exit 6', { name: 'fails' })];
    await node.write('main.yaml', pod('main', { activeDeadlineSeconds: 9, containers: fails }));
    await node.write('init.yaml', pod('init', { activeDeadlineSeconds: 9, initContainers: fails }));
    const ends: number[] = [];
    for (const name of ['main', 'init']) {
      const shown = await node.shows(
        name,
        'backs off',
        (seen) => waitingFor(seen, 'fails') === 'CrashLoopBackOff',
      );
      ends.push(await endedMs(node, statusOf(shown, 'fails').lastState?.terminated?.containerID));
    }
    for (const name of ['main', 'init']) {
      const shown = await exceedsDeadline(node, name);
      assert.equal(statusOf(shown, 'fails').state?.terminated?.exitCode, 6);
      assert.equal(statusOf(shown, 'fails').restartCount, 1);
    }
    const nextTryMs = Math.max(...ends) + 10_000;
    await until('the back-off is over', async () => (await node.docker.nowMs()) > nextTryMs + 1_000);
    await isOver(node, 'main', { fails: 2 });
    await isOver(node, 'init', { fails: 2, main: 0 });
  });

  test('a Pod that runs longer has Failed, its containers get their grace, and nothing starts again', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const containers = [
      work.shell('main', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'),
      work.shell('deaf', neverStops),
    ];
    const initContainers = [work.sidecar('side')];
    const spec = { volumes: work.volumes, initContainers, containers, terminationGracePeriodSeconds: 3 };
    await node.write('web.yaml', pod('web', { ...spec, activeDeadlineSeconds: 12 }));
    await node.running('web');
    const shown = await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 1, deaf: 1, side: 1 });
    const history = await historyOf(node, 'web');
    const [term = 0] = timesOf(history, 'kill', 'main');
    assert.ok(term - startTimeMs(shown) >= 12_000, `${term - startTimeMs(shown)} ms after its start`);
    const [deafTerm = 0, kill = 0] = timesOf(history, 'kill', 'deaf');
    assert.ok(kill - deafTerm >= 3_000, `SIGKILL after ${kill - deafTerm} ms`);
    const over = await exceedsDeadline(node, 'web');
    assert.deepEqual(
      ['main', 'deaf'].map((name) => statusOf(over, name).state?.terminated?.exitCode),
      [0, 137],
    );
    assert.equal(conditionOf(over, 'Ready')?.reason, 'PodFailed');
    // It is not forgotten, and not begun anew.
    await node.kill();
    await node.start();
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 1, deaf: 1, side: 1 });
  });

  test('it passes while an init container runs: that is stopped, and the main one never starts', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [work.shell('init', untilOpen('never'))];
    await node.write(
      'web.yaml',
      pod('web', { activeDeadlineSeconds: 8, volumes: work.volumes, initContainers }),
    );
    await until('init runs', () => node.container('web', 'init'));
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { init: 1, main: 0 });
    const over = await exceedsDeadline(node, 'web');
    assert.equal(statusOf(over, 'init').state?.terminated?.exitCode, 143);
    assert.equal(waitingFor(over, 'main'), 'PodInitializing');
  });

  test('it passes while the image is waited for', async (t) => {
    const node = await startNode(t);
    const absent = shell(undefined, { image: `monopod.test/${node.name}:1`, imagePullPolicy: 'Never' });
    await node.write('web.yaml', pod('web', { activeDeadlineSeconds: 6, containers: [absent] }));
    await node.shows(
      'web',
      'waits for its image',
      (seen) => waitingFor(seen, 'main') === 'ErrImageNeverPull',
    );
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 0 });
  });

  test('it passes while monopod is down: it counts from the start of the Pod', async (t) => {
    const node = await startNode(t);
    await node.write('web.yaml', pod('web', { activeDeadlineSeconds: 8, terminationGracePeriodSeconds: 1 }));
    const before = await node.running('web');
    await node.kill();
    await until('its time is over', async () => (await node.docker.nowMs()) > startTimeMs(before) + 9_000);
    await node.start();
    const shown = await exceedsDeadline(node, 'web');
    assert.equal(shown.status?.startTime, before.status?.startTime);
    await isOver(node, 'web', { main: 1 });
  });
});
