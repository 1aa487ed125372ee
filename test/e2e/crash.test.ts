// monopod ended at any moment, gently or not, and started again: no container notices, and what changed meanwhile
// takes effect.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { neverStops, pod, shell, stopsAfter } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { throughout, until } from './harness/until.ts';

/** What must be the same after as before. */
const lasting = ({ metadata, status }: Pod) => ({
  uid: metadata?.uid,
  startTime: status?.startTime,
  phase: status?.phase,
  podIP: status?.podIP,
  init: status?.initContainerStatuses,
  containers: status?.containerStatuses,
});

const idsOf = async (node: TestNode) => (await node.containers()).map(({ id }) => id).toSorted();

describe('monopod ended and started again', { concurrency: 3 }, () => {
  for (const how of ['stop', 'kill'] as const) {
    test(`after ${how === 'stop' ? 'SIGTERM' : 'SIGKILL'} the Pods run on, and are adopted as they are`, async (t) => {
      const node = await startNode(t, {
        manifests: {
          'web.yaml': pod('web', { initContainers: [shell('exit 0', { name: 'init' })] }),
          'done.yaml': pod('done', { restartPolicy: 'Never', containers: [shell('exit 4')] }),
        },
      });
      await node.running('web');
      // A restart count to keep.
      await node.docker.kill((await node.container('web')).Id);
      await node.shows(
        'web',
        'is restarted',
        ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
      );
      const web = await node.running('web');
      const done = await node.shows('done', 'has Failed', ({ status }) => status?.phase === 'Failed');
      await until('the sandbox of the Pod that has ended is gone', async () =>
        (await node.containers('done')).every(({ name }) => name !== 'POD'),
      );
      const ids = await idsOf(node);

      const { code, signal } = await node[how]();
      if (how === 'stop') assert.equal(code, 0);
      else assert.equal(signal, 'SIGKILL');
      assert.ok((await node.containers('web')).filter(({ running }) => running).length === 2);
      const eventsBefore = (await node.events()).length;
      await node.start();
      const again = await node.running('web');
      const doneAgain = await node.shows('done', 'has Failed', ({ status }) => status?.phase === 'Failed');
      await throughout(
        'nothing is done to them',
        1_000,
        async () => (await node.events()).length === eventsBefore,
      );
      assert.deepEqual(lasting(again), lasting(web));
      assert.deepEqual(lasting(doneAgain), lasting(done));
      assert.deepEqual(await idsOf(node), ids);
    });
  }

  test('killed again and again while Pods come up, it ends with each Pod once', async (t) => {
    const manifests = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [
        `${name}.yaml`,
        pod(name, {
          initContainers: [shell('sleep 0.3', { name: 'init' })],
          containers: [shell(), shell(undefined, { name: 'other' })],
        }),
      ]),
    );
    const node = await startNode(t, { manifests });
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve, 150 * round));
      await node.kill();
      await node.start();
    }
    for (const name of ['a', 'b', 'c']) {
      await node.running(name);
      await until(`${name} has one sandbox and two containers that run`, async () => {
        const running = (await node.containers(name)).filter((seen) => seen.running);
        return (
          running
            .map((seen) => seen.name)
            .toSorted()
            .join() === 'POD,main,other'
        );
      });
      const shown = await node.pod(name);
      for (const { restartCount } of shown?.status?.containerStatuses ?? []) assert.equal(restartCount, 0);
    }
  });

  test('a termination under way goes on with the grace that is left', async (t) => {
    const grace = 6;
    const node = await startNode(t, {
      manifests: {
        'deaf.yaml': pod('deaf', { terminationGracePeriodSeconds: grace, containers: [shell(neverStops)] }),
      },
    });
    await node.running('deaf');
    const { Id } = await node.container('deaf');
    await node.remove('deaf.yaml');
    const killsOf = async () =>
      (await node.events()).filter(({ id, action }) => id === Id && action === 'kill');
    await until('it has got SIGTERM', async () => (await killsOf()).length > 0);
    await node.kill();
    await node.start();
    await node.gone('deaf');
    const kills = await killsOf();
    const hard = kills.find(({ attributes }) => attributes.signal === '9');
    const waitedMs = (hard?.timeMs ?? 0) - (kills[0]?.timeMs ?? 0);
    assert.ok(waitedMs >= grace * 1000, `SIGKILL after ${waitedMs} ms`);
    // A grace that began anew at the restart would be longer by what had passed before it; the machine may be slow.
    assert.ok(waitedMs < grace * 1000 + 4_000, `SIGKILL after ${waitedMs} ms`);
  });

  test('what was removed meanwhile is stopped gracefully, what was edited is replaced, the rest is left alone', async (t) => {
    const version = (value: string) => pod('edited', { hostname: value, containers: [shell(stopsAfter(1))] });
    const node = await startNode(t, {
      manifests: {
        'removed.yaml': pod('removed', { containers: [shell(stopsAfter(1))] }),
        'edited.yaml': version('one'),
        'left.yaml': pod('left'),
      },
    });
    const edited = await node.running('edited');
    await node.running('removed');
    await node.running('left');
    const left = await node.container('left');
    await node.kill();
    await node.remove('removed.yaml');
    await node.write('edited.yaml', version('two'));
    await node.start();
    await node.gone('removed');
    const replaced = await node.running('edited', edited);
    assert.equal(replaced.spec?.hostname, 'two');
    assert.equal((await node.container('left')).Id, left.Id);
    const deaths = (await node.events()).filter(
      ({ action, attributes }) => action === 'die' && attributes['io.kubernetes.container.name'] === 'main',
    );
    assert.deepEqual(
      deaths.map(({ attributes }) => attributes.exitCode),
      ['0', '0'],
    );
  });

  test('a container that died while monopod was down counts as one restart', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const before = await node.running('web');
    const { Id } = await node.container('web');
    await node.kill();
    await node.docker.kill(Id);
    await until('it is dead', async () => !(await node.docker.inspect(Id))?.State.Running);
    await node.start();
    const after = await node.back('web');
    assert.equal(after.metadata?.uid, before.metadata?.uid);
    assert.equal(after.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 137);
  });

  test('a bad edit made while monopod was down does not stop the Pod either', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const before = await node.running('web');
    const { Id } = await node.container('web');
    await node.kill();
    await node.write('web.yaml', 'kind: Pod\nspec: [');
    await node.start();
    await until('the manifest is kept', async () => (await node.manifests())[0]?.state === 'kept');
    assert.equal((await node.container('web')).Id, Id);
    assert.equal((await node.running('web')).metadata?.uid, before.metadata?.uid);
  });
});
