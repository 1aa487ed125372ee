// Sidecars, which are init containers with restartPolicy Always: they gate the next, run beside the rest, start again by
// themselves, and end last. Order and durations are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container } from '../../src/kubernetes/pod.ts';
import { createdTimes, historyOf, timesOf, told } from './harness/history.ts';
import { neverStops, pod } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { conditionOf, printed, prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, type Work, workOf } from './harness/work.ts';

/** By default it runs until it is told to stop, and then ends with 0. */
const sidecar = ({ shell }: Work, name: string, script?: string, more: Partial<Container> = {}): Container =>
  shell(name, script, { restartPolicy: 'Always', ...more });

/** Told to stop it does so with this exit code, once the test opens `file`. */
const endsWith = (exitCode: number, file?: string): string =>
  `trap "${file ? `until [ -e /work/${file} ]; do sleep 0.1; done; ` : ''}exit ${exitCode}" TERM; while :; do sleep 3600 & wait $!; done`;

const execProbe = (script: string) => ({ exec: { command: ['sh', '-c', script] }, periodSeconds: 1 });

const hasStarted = async (node: TestNode, podName: string, name: string): Promise<boolean> =>
  timesOf(await historyOf(node, podName), 'start', name).length > 0;

/** Kills the container of that name and waits until it is back. */
async function dies(node: TestNode, podName: string, name: string, signal?: string): Promise<void> {
  const { Id } = await node.container(podName, name);
  await node.docker.kill(Id, signal);
  await until(`${name} is back`, async () => (await node.container(podName, name)).Id !== Id);
}

describe('sidecars', { concurrency: 3 }, () => {
  test('without a startup probe the next starts as soon as it runs, and both run beside the rest', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [sidecar(work, 'early'), work.shell('init', 'sleep 0.3'), sidecar(work, 'late')];
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
    const initContainers = [sidecar(work, 'side', undefined, { startupProbe }), work.shell('next', 'exit 0')];
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
    const initContainers = [sidecar(work, 'side', script, { startupProbe }), work.shell('next', 'exit 0')];
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
      sidecar(work, 'side'),
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
      const initContainers = [work.shell('init', 'exit 0'), sidecar(work, 'side')];
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
      // Meanwhile a main container does not wait for what is not its own.
      const main = await node.container('web');
      if (restartPolicy !== 'Never') await dies(node, 'web', 'main');
      await node.shows('web', 'has it back again', (seen) => statusOf(seen, 'side').restartCount === 2);
      await until('it runs', () => node.container('web', 'side'));

      const history = await historyOf(node, 'web');
      const [, secondEnd = 0] = timesOf(history, 'die', 'side');
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
    const initContainers = [sidecar(work, 'side'), work.shell('init', 'exit 0')];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers }));
    await node.running('web');
    const main = await node.container('web');
    await node.docker.remove((await node.container('web', 'side')).Id);
    const back = await node.shows(
      'web',
      'has it back',
      (seen) =>
        statusOf(seen, 'side').restartCount === 1 && statusOf(seen, 'side').state?.running !== undefined,
    );
    assert.equal(statusOf(back, 'side').lastState?.terminated?.exitCode, 137);
    assert.equal(createdTimes(await historyOf(node, 'web'), 'init'), 1);
    assert.equal((await node.container('web')).Id, main.Id);
  });

  test('it has probes and hooks like a main container', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const says = (word: string) => ({
      exec: { command: ['sh', '-c', `sleep 0.3; echo ${word} >> /work/steps`] },
    });
    const side = sidecar(work, 'side', `rm -f /work/sick; ${endsWith(0)}`, {
      readinessProbe: execProbe('[ -e /work/ready ]'),
      livenessProbe: { ...execProbe('[ ! -e /work/sick ]'), failureThreshold: 1 },
      lifecycle: { postStart: says('postStart'), preStop: says('preStop') },
    });
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

  test('a removed Pod: main containers end first and all at once, then the sidecars, the last first', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const slow = 'trap "sleep 0.5; exit 0" TERM; while :; do sleep 3600 & wait $!; done';
    const initContainers = [
      sidecar(work, 'one', slow),
      work.shell('init', 'exit 0'),
      sidecar(work, 'two', slow),
      sidecar(work, 'three', slow),
    ];
    const containers = [work.shell('main', slow), work.shell('other', slow)];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers, containers }));
    await node.running('web');
    const before = (await historyOf(node, 'web')).length;
    await node.remove('web.yaml');
    await node.gone('web');
    const ends = told((await historyOf(node, 'web')).slice(before), ['kill', 'die']).filter(
      (line) => !line.includes('POD'),
    );
    assert.deepEqual(ends.slice(0, 2).toSorted(), ['kill main 15', 'kill other 15']);
    assert.deepEqual(ends.slice(2, 4).toSorted(), ['die main 0', 'die other 0']);
    assert.deepEqual(
      ends.slice(4),
      ['three', 'two', 'one'].flatMap((name) => [`kill ${name} 15`, `die ${name} 0`]),
    );
  });

  test('within the same grace: when the main one has used it up, each sidecar is left two seconds', async (t) => {
    const graceMs = 8_000;
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = ['one', 'two'].map((name) => sidecar(work, name, neverStops));
    const spec = { terminationGracePeriodSeconds: graceMs / 1000, volumes: work.volumes, initContainers };
    await node.write('web.yaml', pod('web', { ...spec, containers: [work.shell('main', neverStops)] }));
    await node.running('web');
    await node.remove('web.yaml');
    await node.gone('web');
    const history = await historyOf(node, 'web');
    const kills = Object.fromEntries(
      ['main', 'two', 'one'].map((name) => [name, timesOf(history, 'kill', name)]),
    );
    const [term = 0, kill = 0] = kills.main ?? [];
    assert.ok(kill - term >= graceMs, `main got ${kill - term} ms`);
    for (const name of ['two', 'one']) {
      const [ownTerm = 0, ownKill = 0] = kills[name] ?? [];
      assert.ok(ownKill - ownTerm >= 2_000, `${name} got ${ownKill - ownTerm} ms`);
      // One grace for each would be three times that; even two seconds for each in turn would begin later.
      assert.ok(
        ownKill - term < 2 * graceMs,
        `${name} had its SIGKILL ${ownKill - term} ms after the first SIGTERM`,
      );
    }
    assert.deepEqual(
      told(history, ['kill', 'die']).filter((line) => !line.includes('POD') && line.includes('die')).length,
      3,
    );
  });

  for (const [restartPolicy, exitCode, phase, status] of [
    ['OnFailure', 0, 'Succeeded', 'Completed'],
    ['Never', 0, 'Succeeded', 'Completed'],
    ['Never', 5, 'Failed', 'Error'],
  ] as const)
    test(`${restartPolicy}: with its main containers ended (${exitCode}) the Pod is ${phase} by them alone, and sidecars stop`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const initContainers = [
        // How they take it, and what became of them before, is not asked.
        sidecar(work, 'one', endsWith(exitCode === 0 ? 7 : 0, 'let')),
        sidecar(work, 'two', endsWith(exitCode === 0 ? 1 : 0)),
      ];
      const containers = [
        work.shell('short', 'exit 0'),
        work.shell('main', `${untilOpen('finish')}; exit ${exitCode}`),
      ];
      await node.write(
        'job.yaml',
        pod('job', { restartPolicy, volumes: work.volumes, initContainers, containers }),
      );
      await node.shows(
        'job',
        'has one main container left',
        (seen) => statusOf(seen, 'short').state?.terminated !== undefined,
      );
      await dies(node, 'job', 'two');
      await node.shows('job', 'has it back', (seen) => statusOf(seen, 'two').state?.running !== undefined);
      assert.equal(
        (await prints(node, 'job', 'NotReady')).ready,
        '3/4',
        'one that has ended does not stop them',
      );

      work.open('finish');
      const stopping = await node.shows(
        'job',
        'has ended',
        (seen) => statusOf(seen, 'main').state?.terminated !== undefined,
      );
      assert.equal(stopping.status?.phase, 'Running', 'a sidecar still stops');
      await until(
        'one is told to stop',
        async () => timesOf(await historyOf(node, 'job'), 'kill', 'one').length > 0,
      );
      work.open('let');
      const ended = await node.shows('job', `is ${phase}`, (seen) => seen.status?.phase === phase);
      for (const name of ['one', 'two']) assert.ok(statusOf(ended, name).state?.terminated, name);
      assert.equal((await prints(node, 'job', status)).ready, '0/4');
      const history = told(await historyOf(node, 'job'), ['kill', 'die']).filter(
        (line) => !line.includes('POD'),
      );
      assert.deepEqual(history.slice(-5), [
        `die main ${exitCode}`,
        'kill two 15',
        `die two ${exitCode === 0 ? 1 : 0}`,
        'kill one 15',
        `die one ${exitCode === 0 ? 7 : 0}`,
      ]);
      // And so it stays.
      await node.kill();
      await node.start();
      await node.shows('job', `is still ${phase}`, (seen) => seen.status?.phase === phase);
      assert.deepEqual(
        ['one', 'two', 'main'].map((name) => statusOf(ended, name).restartCount),
        [0, 1, 0],
      );
    });

  test('one that waits for its back-off, or is deaf, does not keep a Pod from its end', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [
      sidecar(work, 'crashing', 'sleep 0.5; exit 1'),
      sidecar(work, 'deaf', neverStops),
    ];
    const containers = [work.shell('main', untilOpen('finish'))];
    const spec = { volumes: work.volumes, initContainers, containers, terminationGracePeriodSeconds: 2 };
    await node.write('job.yaml', pod('job', { ...spec, restartPolicy: 'OnFailure' }));
    await node.shows(
      'job',
      'has one in back-off',
      (seen) => waitingFor(seen, 'crashing') === 'CrashLoopBackOff',
    );
    work.open('finish');
    const ended = await node.shows('job', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    assert.equal(statusOf(ended, 'crashing').state?.terminated?.exitCode, 1);
    assert.equal(statusOf(ended, 'deaf').state?.terminated?.exitCode, 137);
    const history = await historyOf(node, 'job');
    const [term = 0, kill = 0] = timesOf(history, 'kill', 'deaf');
    assert.ok(kill - term >= 2_000);
  });

  test('under Always a main container that has completed starts again, and its sidecars run on', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const script = `[ -e /work/done ] || { touch /work/done; exit 0; }; ${endsWith(0)}`;
    const spec = { volumes: work.volumes, initContainers: [sidecar(work, 'side')] };
    await node.write('web.yaml', pod('web', { ...spec, containers: [work.shell('main', script)] }));
    await node.shows('web', 'is restarted', (seen) => statusOf(seen, 'main').restartCount === 1);
    const shown = await node.running('web');
    assert.equal(statusOf(shown, 'side').restartCount, 0);
    assert.deepEqual(timesOf(await historyOf(node, 'web'), 'kill', 'side'), []);
  });
});
