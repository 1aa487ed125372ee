// What happens when a container ends, by itself or by someone's hand: restart policy, back-off, and coming back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { throughout, until } from './harness/until.ts';

describe('restarts', { concurrency: 3 }, () => {
  test('Never: what ended stays ended, and the Pod has Succeeded or Failed', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'good.yaml': pod('good', { restartPolicy: 'Never', containers: [shell('exit 0')] }),
        'bad.yaml': pod('bad', { restartPolicy: 'Never', containers: [shell('exit 5')] }),
      },
    });
    await node.shows('good', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    const bad = await node.shows('bad', 'has Failed', ({ status }) => status?.phase === 'Failed');
    const [container] = bad.status?.containerStatuses ?? [];
    assert.equal(container?.state?.terminated?.exitCode, 5);
    assert.equal(container?.restartCount, 0);
  });

  test('OnFailure: a failure is tried again, a success is not', async (t) => {
    const script = 'echo x >> /work/tries; [ $(wc -l < /work/tries) -ge 2 ]';
    const node = await startNode(t, {
      manifests: {
        'job.yaml': pod('job', {
          restartPolicy: 'OnFailure',
          volumes: [{ name: 'work', emptyDir: {} }],
          containers: [shell(script, { volumeMounts: [{ name: 'work', mountPath: '/work' }] })],
        }),
      },
    });
    const done = await node.shows('job', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    assert.equal(done.status?.containerStatuses?.[0]?.restartCount, 1);
  });

  test('Always: a container that keeps ending is restarted at once first, then backs off, and an edit resets that', async (t) => {
    const ends = (code: number) => pod('loop', { containers: [shell(`exit ${code}`)] });
    const node = await startNode(t, { manifests: { 'loop.yaml': ends(1) } });
    const backedOff = await node.shows(
      'loop',
      'backs off',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    const [container] = backedOff.status?.containerStatuses ?? [];
    assert.equal(container?.lastState?.terminated?.exitCode, 1);
    assert.equal(container?.restartCount, 1);
    assert.match(container?.state?.waiting?.message ?? '', /back-off 10s/);

    await node.write('loop.yaml', ends(2));
    const again = await node.shows(
      'loop',
      'has tried the edited command twice',
      ({ status }) =>
        status?.containerStatuses?.[0]?.restartCount === 1 &&
        status.containerStatuses[0].lastState?.terminated?.exitCode === 2,
    );
    assert.notEqual(again.metadata?.uid, backedOff.metadata?.uid);
  });

  test('a container killed by hand comes back in the same sandbox, as one restart', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const first = await node.running('web');
    const sandbox = (await node.containers('web')).find(({ name }) => name === 'POD');
    const killed = await node.container('web');
    await node.docker.kill(killed.Id);
    const back = await node.back('web');
    assert.equal(back.metadata?.uid, first.metadata?.uid);
    assert.equal(back.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 137);
    assert.deepEqual(
      (await node.containers('web')).filter(({ name }) => name === 'POD').map(({ id }) => id),
      [sandbox?.id],
    );
  });

  test('a container removed by hand comes back', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    const { Id } = await node.container('web');
    await node.docker.remove(Id);
    await until('another container runs', async () => (await node.container('web')).Id !== Id);
    await node.running('web');
  });

  for (const [how, harm] of [
    ['killed', 'kill'],
    ['removed', 'remove'],
  ] as const) {
    test(`a sandbox ${how} by hand comes back, and all containers with it, in one new sandbox`, async (t) => {
      const node = await startNode(t, {
        manifests: {
          'web.yaml': pod('web', {
            containers: [shell(undefined, { name: 'a' }), shell(undefined, { name: 'b' })],
          }),
        },
      });
      const first = await node.running('web');
      const old = await node.containers('web');
      const sandbox = old.find(({ name }) => name === 'POD');
      await node.docker[harm](sandbox?.id ?? '');
      await until('all of it is new and running', async () => {
        const now = (await node.containers('web')).filter(({ running }) => running);
        return now.length === 3 && now.every(({ id }) => !old.some((other) => other.id === id));
      });
      const back = await node.running('web');
      assert.equal(back.metadata?.uid, first.metadata?.uid);
      await until(
        'nothing is left of the old',
        async () => (await node.containers('web')).filter(({ name }) => name === 'POD').length === 1,
      );
    });
  }

  test('init containers do not run again when a container restarts', async (t) => {
    const node = await startNode(t, {
      manifests: { 'web.yaml': pod('web', { initContainers: [shell('exit 0', { name: 'init' })] }) },
    });
    await node.running('web');
    await node.docker.kill((await node.container('web')).Id);
    await node.shows(
      'web',
      'is restarted',
      ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
    );
    await node.running('web');
    const starts = (await node.events()).filter(
      ({ action, attributes }) => action === 'start' && attributes['io.kubernetes.container.name'] === 'init',
    );
    assert.equal(starts.length, 1);
  });

  test('while nothing happens, nothing is done: no container is created, nothing is logged', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    // What is said of the start is said by then.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { log } = node;
    const events = (await node.events()).length;
    await throughout('the log is still', 3_000, () => node.log === log);
    assert.equal((await node.events()).length, events);
  });
});
