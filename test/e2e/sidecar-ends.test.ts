// How sidecars end: after the main containers, the last first, within one grace; and a Pod that has completed without
// them. Order and durations are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyOf, timesOf, told } from './harness/history.ts';
import { neverStops, pod } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

/** Told to stop it does so with this exit code, once the test opens `file`. */
const endsWith = (exitCode: number, file?: string): string =>
  `trap "${file ? `until [ -e /work/${file} ]; do sleep 0.1; done; ` : ''}exit ${exitCode}" TERM; while :; do sleep 3600 & wait $!; done`;

describe('the end of sidecars', { concurrency: 4 }, () => {
  test('a removed Pod: main containers end first and all at once, then the sidecars, the last first', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const slow = 'trap "sleep 0.5; exit 0" TERM; while :; do sleep 3600 & wait $!; done';
    const initContainers = [
      work.sidecar('one', slow),
      work.shell('init', 'exit 0'),
      work.sidecar('two', slow),
      work.sidecar('three', slow),
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
    const initContainers = ['one', 'two'].map((name) => work.sidecar(name, neverStops));
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
        work.sidecar('one', endsWith(exitCode === 0 ? 7 : 0, 'let')),
        work.sidecar('two', endsWith(exitCode === 0 ? 1 : 0)),
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
      await node.docker.kill((await node.container('job', 'two')).Id);
      await node.shows(
        'job',
        'has it back',
        (seen) =>
          statusOf(seen, 'two').restartCount === 1 && statusOf(seen, 'two').state?.running !== undefined,
      );
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
    const initContainers = [work.sidecar('crashing', 'sleep 0.5; exit 1'), work.sidecar('deaf', neverStops)];
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
    const spec = { volumes: work.volumes, initContainers: [work.sidecar('side')] };
    await node.write('web.yaml', pod('web', { ...spec, containers: [work.shell('main', script)] }));
    await node.shows('web', 'is restarted', (seen) => statusOf(seen, 'main').restartCount === 1);
    const shown = await node.running('web');
    assert.equal(statusOf(shown, 'side').restartCount, 0);
    assert.deepEqual(timesOf(await historyOf(node, 'web'), 'kill', 'side'), []);
  });
});
