// Init containers: strict order, never again, failures, and what is shown of the Pod meanwhile. Order is the engine's.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import { createdTimes, endedMs, historyOf, timesOf, told } from './harness/history.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { conditionOf, prints, statusOf, waitingFor } from './harness/seen.ts';
import { throughout, until } from './harness/until.ts';
import { untilOpen, type Work, workOf } from './harness/work.ts';

const policies = ['Always', 'OnFailure', 'Never'] as const;

/** Waits until the container has a process. */
const runs = (node: TestNode, podName: string, name: string) =>
  until(`${name} runs`, async () => {
    const seen = await node.containers(podName);
    return seen.some((one) => one.name === name && one.running) && node.container(podName, name);
  });

const created = async (node: TestNode, podName: string, ...names: string[]) => {
  const history = await historyOf(node, podName);
  return names.map((name) => createdTimes(history, name));
};

/** `one` ends at once, `two` when the test lets it. */
const oneTwo = ({ volumes, shell: at }: Work, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  volumes,
  initContainers: [at('one', 'exit 0'), at('two', untilOpen('two'))],
  ...more,
});

describe('init containers', { concurrency: 4 }, () => {
  test('one after the other, each once, and the main ones after the last, in their order', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const steps = ['third', 'first', 'second'].map((name) => work.shell(name, 'sleep 0.3'));
    const containers = [work.shell('z'), work.shell('a')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers: steps, containers }));
    const shown = await node.running('web');
    assert.deepEqual(told(await historyOf(node, 'web')), [
      'start POD',
      ...['third', 'first', 'second'].flatMap((name) => [`start ${name}`, `die ${name} 0`]),
      'start z',
      'start a',
    ]);
    for (const { name } of steps) {
      const { state, ready, restartCount } = statusOf(shown, name);
      assert.deepEqual(
        [state?.terminated?.reason, state?.terminated?.exitCode, ready, restartCount],
        ['Completed', 0, true, 0],
      );
    }
  });

  test('until they are through the Pod is Pending, the others are PodInitializing, and get pods counts them', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const spec: Partial<PodSpec> = {
      volumes: work.volumes,
      initContainers: [
        work.shell('one', untilOpen('one')),
        work.sidecar('side'),
        work.shell('two', untilOpen('two')),
      ],
      containers: [
        work.shell('main', undefined, {
          lifecycle: { postStart: { exec: { command: ['sh', '-c', untilOpen('main')] } } },
        }),
      ],
    };
    await node.write('web.yaml', pod('web', spec));
    assert.equal((await prints(node, 'web', 'Init:0/3')).ready, '0/2');
    const first = await node.shows(
      'web',
      'runs one',
      (seen) => statusOf(seen, 'one').state?.running !== undefined,
    );
    assert.equal(first.status?.phase, 'Pending');
    for (const name of ['side', 'two', 'main']) assert.equal(waitingFor(first, name), 'PodInitializing');
    assert.equal(conditionOf(first, 'Initialized')?.status, 'False');
    assert.equal(
      conditionOf(first, 'Initialized')?.message,
      'containers with incomplete status: [one side two]',
    );

    work.open('one');
    assert.equal((await prints(node, 'web', 'Init:2/3')).ready, '1/2');
    const second = await node.shows(
      'web',
      'runs two',
      (seen) => statusOf(seen, 'two').state?.running !== undefined,
    );
    assert.equal(second.status?.phase, 'Pending', 'a sidecar that runs does not make it Running');
    assert.equal(waitingFor(second, 'main'), 'PodInitializing');

    work.open('two');
    await prints(node, 'web', 'PodInitializing');
    work.open('main');
    assert.equal((await prints(node, 'web', 'Running')).ready, '2/2');
    assert.equal(conditionOf(await node.running('web'), 'Initialized')?.status, 'True');
  });

  for (const how of ['stop', 'kill'] as const)
    test(`none of them runs again after monopod got ${how === 'stop' ? 'SIGTERM' : 'SIGKILL'}, whatever ran meanwhile`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      await node.write('web.yaml', pod('web', oneTwo(work)));
      const two = await runs(node, 'web', 'two');
      // While one of them runs.
      await node[how]();
      await node.start();
      await node.shows('web', 'runs two', (seen) => statusOf(seen, 'two').state?.running !== undefined);
      assert.equal((await node.container('web', 'two')).Id, two.Id);
      // It ends while monopod is not there.
      await node[how]();
      work.open('two');
      await until('two has ended', async () => !(await node.docker.inspect(two.Id))?.State.Running);
      await node.start();
      const before = await node.running('web');
      // After all of them have.
      await node[how]();
      await node.start();
      const after = await node.running('web');
      assert.deepEqual(after.status?.initContainerStatuses, before.status?.initContainerStatuses);
      assert.deepEqual(await created(node, 'web', 'one', 'two', 'main'), [1, 1, 1]);
      assert.deepEqual(
        ['one', 'two', 'main'].map((name) => statusOf(after, name).restartCount),
        [0, 0, 0],
      );
    });

  test('none of them runs again when its container is removed by hand, then or later', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const removed = async (name: string) => {
      const found = (await node.containers('web')).find((one) => one.name === name);
      await node.docker.remove(found?.id ?? '');
    };
    await node.write('web.yaml', pod('web', oneTwo(work)));
    await runs(node, 'web', 'two');
    await removed('one');
    work.open('two');
    await node.running('web');
    await removed('two');
    // What the main container needs is there: its restart brings none of them back.
    await node.docker.kill((await node.container('web')).Id);
    const back = await node.shows('web', 'is back', (seen) => statusOf(seen, 'main').restartCount === 1);
    await node.running('web');
    assert.deepEqual(await created(node, 'web', 'one', 'two', 'main'), [1, 1, 2]);
    for (const name of ['one', 'two']) assert.equal(statusOf(back, name).state?.terminated?.exitCode, 0);
    assert.equal(back.status?.phase, 'Running');
  });

  test('nor when that happened while monopod was down, the main container dead as well', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    work.open('two');
    await node.write('web.yaml', pod('web', oneTwo(work)));
    await node.running('web');
    await node.kill();
    for (const { name, id } of await node.containers('web')) {
      if (name === 'one' || name === 'two') await node.docker.remove(id);
      if (name === 'main') await node.docker.kill(id);
    }
    await node.start();
    await node.shows('web', 'is back', (seen) => statusOf(seen, 'main').restartCount === 1);
    const back = await node.running('web');
    assert.deepEqual(await created(node, 'web', 'one', 'two', 'main'), [1, 1, 2]);
    for (const name of ['one', 'two']) {
      assert.equal(statusOf(back, name).state?.terminated?.exitCode, 0);
      assert.equal(statusOf(back, name).ready, true);
    }
  });

  test('nor when monopod has lost its memory, and the engine what was left of them', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    work.open('two');
    await node.write('web.yaml', pod('web', oneTwo(work)));
    await node.running('web');
    const main = await node.container('web');
    await node.kill();
    rmSync(join(node.root, 'checkpoints'), { recursive: true });
    for (const { name, id } of await node.containers('web'))
      if (name === 'one' || name === 'two') await node.docker.remove(id);
    await node.start();
    const back = await node.running('web');
    assert.equal(
      (await node.container('web')).Id,
      main.Id,
      'its main container runs: so they have done their part',
    );
    assert.deepEqual(await created(node, 'web', 'one', 'two', 'main'), [1, 1, 1]);
    for (const name of ['one', 'two']) assert.equal(statusOf(back, name).state?.terminated?.exitCode, 0);
  });

  test('a killed sandbox runs all of them again, sidecars in their place, before the main one', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    work.open('two');
    const spec = oneTwo(work, {
      initContainers: [
        work.shell('one', 'exit 0'),
        work.sidecar('side'),
        work.shell('two', untilOpen('two')),
      ],
      containers: [work.shell('main')],
    });
    await node.write('web.yaml', pod('web', spec));
    const { metadata } = await node.running('web');
    const before = (await historyOf(node, 'web')).length;
    work.close('two');
    const sandbox = (await node.containers('web')).find(({ name }) => name === 'POD');
    await node.docker.kill(sandbox?.id ?? '');
    const meanwhile = await node.shows(
      'web',
      'runs two again',
      (seen) =>
        statusOf(seen, 'two').state?.running !== undefined && statusOf(seen, 'two').restartCount === 1,
    );
    assert.equal(meanwhile.status?.phase, 'Pending');
    assert.equal(waitingFor(meanwhile, 'main'), 'PodInitializing');
    assert.equal(statusOf(meanwhile, 'main').lastState?.terminated?.exitCode, 0);
    work.open('two');
    const back = await node.running('web');
    assert.equal(back.metadata?.uid, metadata?.uid);
    assert.deepEqual(told((await historyOf(node, 'web')).slice(before)), [
      'die POD 137',
      'die main 0',
      'die side 0',
      'start POD',
      'start one',
      'die one 0',
      'start side',
      'start two',
      'die two 0',
      'start main',
    ]);
    for (const name of ['one', 'side', 'two', 'main'])
      assert.equal(statusOf(back, name).restartCount, 1, name);
  });

  test('under Never a killed sandbox starts nothing again, neither main nor init containers: the Pod has Failed', async (t) => {
    const node = await startNode(t);
    const [init, main] = [workOf(node, 'init'), workOf(node, 'main')];
    main.open('two');
    // It takes its SIGTERM well: that is not what it was there for.
    const two = init.shell('two', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done');
    const initContainers = [init.shell('one', 'exit 0'), two];
    await node.write('init.yaml', pod('init', oneTwo(init, { restartPolicy: 'Never', initContainers })));
    const fails = main.shell('main', 'trap "exit 9" TERM; while :; do sleep 3600 & wait $!; done');
    await node.write('main.yaml', pod('main', oneTwo(main, { restartPolicy: 'Never', containers: [fails] })));
    await node.running('main');
    await runs(node, 'init', 'two');
    for (const { name, id } of await node.containers()) if (name === 'POD') await node.docker.kill(id);
    for (const name of ['init', 'main']) {
      await node.shows(name, 'has Failed', ({ status }) => status?.phase === 'Failed');
      assert.deepEqual(await created(node, name, 'POD', 'one', 'two'), [1, 1, 1]);
    }
    assert.deepEqual(timesOf(await historyOf(node, 'init'), 'start', 'main'), []);
  });

  for (const restartPolicy of policies)
    test(`${restartPolicy}: what comes of one that fails`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const spec: Partial<PodSpec> = {
        ...oneTwo(work, { restartPolicy }),
        initContainers: [work.sidecar('side'), work.shell('fails', '[ -e /work/mended ] || exit 3')],
      };
      await node.write('web.yaml', pod('web', spec));
      if (restartPolicy === 'Never') {
        const failed = await node.shows('web', 'has Failed', ({ status }) => status?.phase === 'Failed');
        assert.deepEqual(
          [
            statusOf(failed, 'fails').state?.terminated?.reason,
            statusOf(failed, 'fails').state?.terminated?.exitCode,
          ],
          ['Error', 3],
        );
        assert.equal(waitingFor(failed, 'main'), 'PodInitializing');
        assert.equal((await prints(node, 'web', 'Init:Error')).ready, '0/2');
        // Its sidecar is of no use any more, and so is its sandbox.
        await until('nothing of it runs', async () =>
          (await node.containers('web')).every(({ running, name }) => !running && name !== 'POD'),
        );
        assert.deepEqual(await created(node, 'web', 'POD', 'side', 'fails'), [1, 1, 1]);
        assert.deepEqual(timesOf(await historyOf(node, 'web'), 'start', 'main'), []);
        return;
      }
      const backsOff = await node.shows(
        'web',
        'backs off',
        (seen) => waitingFor(seen, 'fails') === 'CrashLoopBackOff',
      );
      const { state, lastState, restartCount } = statusOf(backsOff, 'fails');
      assert.equal(
        state?.waiting?.message,
        `back-off 10s restarting failed container=fails pod=web-${node.name}_default(${backsOff.metadata?.uid})`,
      );
      assert.deepEqual([lastState?.terminated?.exitCode, lastState?.terminated?.reason], [3, 'Error']);
      assert.equal(restartCount, 1);
      assert.equal(backsOff.status?.phase, 'Pending');
      assert.equal(waitingFor(backsOff, 'main'), 'PodInitializing');
      assert.equal((await prints(node, 'web', 'Init:CrashLoopBackOff')).restarts, '1');
      const second = await endedMs(node, lastState?.terminated?.containerID);
      // Its back-off is its own: the sidecar beside it starts again at once.
      const side = await node.container('web', 'side');
      await node.docker.kill(side.Id);
      await node.shows('web', 'has its sidecar again', (seen) => statusOf(seen, 'side').restartCount === 1);
      work.open('mended');
      await node.running('web');
      const history = await historyOf(node, 'web');
      const [, , third = 0] = timesOf(history, 'start', 'fails');
      assert.ok(third - second >= 10_000, `tried again after ${third - second} ms`);
      assert.deepEqual(createdTimes(history, 'fails'), 3);
      const [sideEnded = 0] = timesOf(history, 'die', 'side');
      const [, sideBack = 0] = timesOf(history, 'start', 'side');
      assert.ok(sideBack - sideEnded < 10_000, `the sidecar was back after ${sideBack - sideEnded} ms`);
    });

  test('one that waits for its image holds up the rest, and says why', async (t) => {
    const node = await startNode(t);
    const absent = shell('exit 0', {
      name: 'absent',
      image: `monopod.test/${node.name}:1`,
      imagePullPolicy: 'Never',
    });
    await node.write('web.yaml', pod('web', { initContainers: [absent] }));
    await prints(node, 'web', 'Init:ErrImageNeverPull');
    const shown = await node.pod('web');
    assert.equal(shown?.status?.phase, 'Pending');
    await throughout('nothing of it starts', 500, async () =>
      told(await historyOf(node, 'web')).every((line) => line === 'start POD'),
    );
  });
});
