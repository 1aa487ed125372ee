// Sidecars, which are init containers with restartPolicy Always: they gate the next, run beside the rest, and start again
// by themselves. Order and durations are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createdTimes, endedMs, historyOf, timesOf, told } from './harness/history.ts';
import { pod } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { conditionOf, printed, prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

const execProbe = (script: string) => ({ exec: { command: ['sh', '-c', script] }, periodSeconds: 1 });

const hasStarted = async (node: TestNode, podName: string, name: string): Promise<boolean> =>
  timesOf(await historyOf(node, podName), 'start', name).length > 0;

/** Kills the container of that name and waits until it is back. */
async function dies(node: TestNode, podName: string, name: string, signal?: string): Promise<void> {
  const { Id } = await node.container(podName, name);
  await node.docker.kill(Id, signal);
  await until(`${name} is back`, async () => (await node.container(podName, name)).Id !== Id);
}

describe('sidecars', { concurrency: 4 }, () => {
  test('without a startup probe the next starts as soon as it runs, and both run beside the rest', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [work.sidecar('early'), work.shell('init', 'sleep 0.3'), work.sidecar('late')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    const shown = await node.running('web');
    assert.deepEqual(told(await historyOf(node, 'web')), [
      'start POD',
      'start early',
      'start init',
      'die init 0',
      'start late',
      'start main',
    ]);
    for (const name of ['early', 'late']) {
      const { state, started, ready } = statusOf(shown, name);
      assert.ok(state?.running, name);
      assert.deepEqual([started, ready], [true, true], name);
    }
    const { ready, status } = await printed(node, 'web');
    assert.deepEqual([ready, status], ['3/3', 'Running']);
  });

  test('its startup probe holds up the next until it has succeeded', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const startupProbe = { ...execProbe('echo x >> /work/asked; [ -e /work/up ]'), failureThreshold: 1000 };
    const initContainers = [work.sidecar('side', undefined, { startupProbe }), work.shell('next', 'exit 0')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    await until('it has been asked three times', () => work.read('asked').length >= 6);
    const shown = await node.shows(
      'web',
      'waits',
      (seen) => statusOf(seen, 'side').state?.running !== undefined,
    );
    assert.equal(await hasStarted(node, 'web', 'next'), false);
    assert.deepEqual([statusOf(shown, 'side').started, statusOf(shown, 'side').ready], [false, false]);
    assert.equal(shown.status?.phase, 'Pending');
    assert.deepEqual(
      ['next', 'main'].map((name) => waitingFor(shown, name)),
      ['PodInitializing', 'PodInitializing'],
    );
    assert.equal(conditionOf(shown, 'Initialized')?.status, 'False');
    await prints(node, 'web', 'Init:0/2');

    const openedMs = await node.docker.nowMs();
    work.open('up');
    const running = await node.running('web');
    assert.equal(statusOf(running, 'side').started, true);
    const history = await historyOf(node, 'web');
    assert.ok((timesOf(history, 'start', 'next')[0] ?? 0) > openedMs);
    assert.deepEqual(told(history).slice(1), ['start side', 'start next', 'die next 0', 'start main']);
  });

  test('one that ends before its startup probe has succeeded starts again, and the next waits all the while', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const script = '[ -e /work/tried ] || { touch /work/tried; exit 1; }; touch /work/up; sleep 3600 & wait';
    const startupProbe = { ...execProbe('[ -e /work/up ]'), failureThreshold: 1000 };
    const initContainers = [work.sidecar('side', script, { startupProbe }), work.shell('next', 'exit 0')];
    const spec = { volumes: work.volumes, terminationGracePeriodSeconds: 1, initContainers };
    await node.write('web.yaml', pod('web', { ...spec, restartPolicy: 'Never' }));
    await node.running('web');
    assert.deepEqual(told(await historyOf(node, 'web')).slice(1), [
      'start side',
      'die side 1',
      'start side',
      'start next',
      'die next 0',
      'start main',
    ]);
  });

  test('one that ends while a later init container runs starts again beside it, and holds up nothing', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [
      work.shell('before', 'exit 0'),
      work.sidecar('side'),
      work.shell('after', untilOpen('go')),
    ];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    await until('after runs', () => node.container('web', 'after'));
    await dies(node, 'web', 'side', 'SIGTERM');
    // Now it waits for its back-off, and the Pod's start does not wait with it.
    await node.docker.kill((await node.container('web', 'side')).Id);
    await node.shows(
      'web',
      'has its sidecar in back-off',
      (seen) => waitingFor(seen, 'side') === 'CrashLoopBackOff',
    );
    work.open('go');
    await until('main runs', () => node.container('web'));
    assert.deepEqual(told(await historyOf(node, 'web')).slice(3, 12), [
      'start side',
      'start after',
      'die side 0',
      'start side',
      'die side 137',
      'die after 0',
      'start main',
    ]);
  });

  for (const restartPolicy of ['Always', 'OnFailure', 'Never'] as const)
    test(`${restartPolicy}: it starts again by itself, whatever its exit code, by its own back-off`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const initContainers = [work.shell('init', 'exit 0'), work.sidecar('side')];
      await node.write('web.yaml', pod('web', { restartPolicy, volumes: work.volumes, initContainers }));
      const { metadata } = await node.running('web');
      const before = await node.containers('web');
      await dies(node, 'web', 'side', 'SIGTERM');
      const back = await node.shows(
        'web',
        'has it back',
        (seen) => statusOf(seen, 'side').state?.running !== undefined,
      );
      assert.equal(statusOf(back, 'side').restartCount, 1);
      assert.equal(statusOf(back, 'side').lastState?.terminated?.reason, 'Completed');

      await node.docker.kill((await node.container('web', 'side')).Id);
      const waits = await node.shows(
        'web',
        'waits for it',
        (seen) => waitingFor(seen, 'side') === 'CrashLoopBackOff',
      );
      assert.equal(
        statusOf(waits, 'side').state?.waiting?.message,
        `back-off 10s restarting failed container=side pod=web-${node.name}_default(${metadata?.uid})`,
      );
      assert.equal(statusOf(waits, 'side').lastState?.terminated?.exitCode, 137);
      assert.equal(waits.status?.phase, 'Running', 'its main container runs');
      assert.equal(conditionOf(waits, 'Initialized')?.status, 'True');
      assert.equal(conditionOf(waits, 'Ready')?.status, 'False', 'a sidecar counts for Ready');
      assert.equal((await prints(node, 'web', 'Init:CrashLoopBackOff')).ready, '1/2');
      const secondEnd = await endedMs(node, statusOf(waits, 'side').lastState?.terminated?.containerID);
      // Meanwhile a main container does not wait for what is not its own.
      const main = await node.container('web');
      if (restartPolicy !== 'Never') await dies(node, 'web', 'main');
      await node.shows('web', 'has it back again', (seen) => statusOf(seen, 'side').restartCount === 2);
      await until('it runs', () => node.container('web', 'side'));

      const history = await historyOf(node, 'web');
      const [, , third = 0] = timesOf(history, 'start', 'side');
      assert.ok(third - secondEnd >= 10_000, `back after ${third - secondEnd} ms`);
      assert.equal(createdTimes(history, 'init'), 1);
      if (restartPolicy === 'Never') assert.equal((await node.container('web')).Id, main.Id);
      else assert.ok((timesOf(history, 'start', 'main')[1] ?? 0) < third, 'main was back before it');
      const sandboxes = (those: typeof before) =>
        those.filter(({ name }) => name === 'POD').map(({ id }) => id);
      assert.deepEqual(sandboxes(await node.containers('web')), sandboxes(before));
    });

  test('one that is removed by hand comes back; the init containers after it do not run again', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [work.sidecar('side'), work.shell('init', 'exit 0')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    await node.running('web');
    const main = await node.container('web');
    await node.docker.remove((await node.container('web', 'side')).Id);
    // What ended it went with its container: nothing is known of it, or just that, if nobody heard it end.
    await node.shows('web', 'has it back', (seen) => {
      const { restartCount, state, lastState } = statusOf(seen, 'side');
      const reason = lastState?.terminated?.reason ?? 'ContainerStatusUnknown';
      return restartCount === 1 && state?.running !== undefined && reason === 'ContainerStatusUnknown';
    });
    assert.equal(createdTimes(await historyOf(node, 'web'), 'init'), 1);
    assert.equal((await node.container('web')).Id, main.Id);
  });

  test('it has probes and hooks like a main container', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const says = (word: string) => ({
      exec: { command: ['sh', '-c', `sleep 0.3; echo ${word} >> /work/steps`] },
    });
    const side = work.sidecar(
      'side',
      'rm -f /work/sick; trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done',
      {
        readinessProbe: execProbe('[ -e /work/ready ]'),
        livenessProbe: { ...execProbe('[ ! -e /work/sick ]'), failureThreshold: 1 },
        lifecycle: { postStart: says('postStart'), preStop: says('preStop') },
      },
    );
    const initContainers = [side, work.shell('next', 'echo next >> /work/steps')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    const unready = await node.running('web');
    assert.equal(work.read('steps'), 'postStart\nnext\n', 'the next waits for postStart');
    assert.deepEqual([statusOf(unready, 'side').started, statusOf(unready, 'side').ready], [true, false]);
    assert.equal(conditionOf(unready, 'Ready')?.message, 'containers with unready status: [side]');
    assert.equal((await prints(node, 'web', 'Running')).ready, '1/2');

    work.open('ready');
    await node.shows('web', 'is Ready', (seen) => conditionOf(seen, 'Ready')?.status === 'True');
    const main = await node.container('web');
    work.open('sick');
    await node.shows(
      'web',
      'has its sidecar restarted and Ready',
      (seen) => statusOf(seen, 'side').restartCount === 1 && conditionOf(seen, 'Ready')?.status === 'True',
    );
    assert.equal((await node.container('web')).Id, main.Id);
    assert.equal(work.read('steps'), 'postStart\nnext\npreStop\npostStart\n');
    await node.remove('web.yaml');
    await node.gone('web');
    assert.equal(work.read('steps'), 'postStart\nnext\npreStop\npostStart\npreStop\n');
  });
});
