// What runs as a Pod: sandbox, containers in its namespaces, init containers, volumes, names and labels, and how the
// containers of a Pod are stopped.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { image } from '../setup/images.ts';
import { neverStops, pod, shell, stopsAfter } from './harness/manifest.ts';
import { type Seen, startNode } from './harness/node.ts';

describe('a Pod', { concurrency: 3 }, () => {
  test('a manifest that appears runs as a Pod: sandbox first, containers in its network and IPC namespaces', async (t) => {
    const node = await startNode(t);
    await node.write(
      'web.yaml',
      pod('web', {
        containers: [
          shell('echo served > /tmp/page; httpd -f -p 8080 -h /tmp & trap "exit 0" TERM; wait', {
            name: 'server',
          }),
          shell(
            'until wget -q -O - http://127.0.0.1:8080/page; do sleep 0.1; done; trap "exit 0" TERM; sleep 3600 & wait',
            { name: 'client' },
          ),
        ],
      }),
    );
    const shown = await node.running('web');

    const seen = await node.containers('web');
    const sandbox = seen.find(({ name }) => name === 'POD') as Seen;
    assert.deepEqual(seen.map(({ name }) => name).toSorted(), ['POD', 'client', 'server']);
    const sandboxDetail = await node.docker.inspect(sandbox.id);
    for (const name of ['server', 'client']) {
      const { HostConfig, State } = await node.container('web', name);
      assert.equal(HostConfig.NetworkMode, `container:${sandbox.id}`);
      assert.equal(HostConfig.IpcMode, `container:${sandbox.id}`);
      assert.ok(State.StartedAt > (sandboxDetail?.State.StartedAt ?? ''));
    }
    assert.equal(shown.status?.podIP, sandboxDetail?.NetworkSettings.IPAddress);
    const client = await node.container('web', 'client');
    assert.match(await node.docker.logs(client.Id), /served/);
  });

  test("names and labels are those of the kubelet's Docker runtime", async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web', {}, { namespace: 'shop' }) } });
    const { metadata } = await node.running('web');

    const seen = await node.containers('web');
    const nameOf = (container: string) => seen.find(({ name }) => name === container)?.engineName;
    const rest = `web-${node.name}_shop_${metadata?.uid}_0`;
    assert.equal(nameOf('POD'), `k8s_POD_${rest}`);
    assert.equal(nameOf('main'), `k8s_main_${rest}`);
    for (const { labels } of seen) {
      assert.equal(labels['io.kubernetes.pod.name'], `web-${node.name}`);
      assert.equal(labels['io.kubernetes.pod.namespace'], 'shop');
      assert.equal(labels['io.kubernetes.pod.uid'], metadata?.uid);
      assert.equal(labels['monopod.dev/node'], node.name);
    }
  });

  test('init containers run in order, each to its end, before the others start', async (t) => {
    const step = (name: string) => shell(`echo ${name} >> /work/steps`, { name, volumeMounts });
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    const node = await startNode(t, {
      manifests: {
        'steps.yaml': pod('steps', {
          volumes: [{ name: 'work', emptyDir: {} }],
          initContainers: [step('one'), step('two'), step('three')],
          containers: [shell('cat /work/steps; trap "exit 0" TERM; sleep 3600 & wait', { volumeMounts })],
        }),
      },
    });
    const { status } = await node.running('steps');

    const main = await node.container('steps');
    assert.equal(await node.docker.logs(main.Id), 'one\ntwo\nthree\n');
    assert.deepEqual(
      status?.initContainerStatuses?.map(({ name, state }) => [name, state?.terminated?.exitCode]),
      [
        ['one', 0],
        ['two', 0],
        ['three', 0],
      ],
    );
  });

  test('a failing init container is tried again, and holds back the rest', async (t) => {
    const node = await startNode(t, {
      manifests: { 'stuck.yaml': pod('stuck', { initContainers: [shell('exit 3', { name: 'fails' })] }) },
    });
    const shown = await node.shows(
      'stuck',
      'has had its init container restarted',
      ({ status }) => (status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 1,
    );
    assert.equal(shown.status?.phase, 'Pending');
    assert.equal(shown.status?.conditions?.find(({ type }) => type === 'Initialized')?.status, 'False');
    assert.ok((await node.containers('stuck')).every(({ name, running }) => name !== 'main' || !running));
  });

  test('a removed Pod gets SIGTERM, all its containers at once, and the grace that it asks for', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'slow.yaml': pod('slow', {
          terminationGracePeriodSeconds: 30,
          containers: [
            shell(stopsAfter(2), { name: 'a' }),
            shell(stopsAfter(2), { name: 'b' }),
            shell(stopsAfter(2), { name: 'c' }),
          ],
        }),
      },
    });
    await node.running('slow');
    await node.remove('slow.yaml');
    await node.gone('slow');

    const events = (await node.events()).filter(
      ({ attributes }) => attributes['io.kubernetes.container.name'] !== 'POD',
    );
    const kills = events.filter(({ action }) => action === 'kill');
    const deaths = events.filter(({ action }) => action === 'die');
    assert.deepEqual(
      kills.map(({ attributes }) => attributes.signal),
      ['15', '15', '15'],
    );
    assert.deepEqual(
      deaths.map(({ attributes }) => attributes.exitCode),
      ['0', '0', '0'],
    );
    // At once: the last is told to stop before the first has ended.
    assert.ok(
      Math.max(...kills.map(({ timeMs }) => timeMs)) < Math.min(...deaths.map(({ timeMs }) => timeMs)),
    );
  });

  test('a container deaf to SIGTERM gets SIGKILL when the grace is over, and not before', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'deaf.yaml': pod('deaf', { terminationGracePeriodSeconds: 3, containers: [shell(neverStops)] }),
      },
    });
    await node.running('deaf');
    const { Id } = await node.container('deaf');
    await node.remove('deaf.yaml');
    await node.gone('deaf');

    const events = (await node.events()).filter(({ id }) => id === Id);
    const [term, kill] = events.filter(({ action }) => action === 'kill');
    assert.equal(term?.attributes.signal, '15');
    assert.equal(kill?.attributes.signal, '9');
    assert.ok((kill?.timeMs ?? 0) - (term?.timeMs ?? 0) >= 3_000);
  });

  test("an image's stop signal takes the place of SIGTERM", async (t) => {
    const script = 'trap "exit 7" USR1; echo ready; while :; do sleep 3600 & wait $!; done';
    const node = await startNode(t, {
      manifests: { 'usr1.yaml': pod('usr1', { containers: [shell(script, { image: image.stopsOnUsr1 })] }) },
    });
    await node.running('usr1');
    const { Id } = await node.container('usr1');
    await node.remove('usr1.yaml');
    await node.gone('usr1');

    const events = (await node.events()).filter(({ id }) => id === Id);
    assert.equal(events.find(({ action }) => action === 'kill')?.attributes.signal, '10');
    assert.equal(events.find(({ action }) => action === 'die')?.attributes.exitCode, '7');
  });

  test('an image that may not be pulled and is not there shows as ErrImageNeverPull, and runs once it is there', async (t) => {
    const node = await startNode(t);
    const absent = `monopod.test/${node.name}`;
    t.after(() => node.docker.removeImage(`${absent}:1`));
    const container = shell(undefined, { image: `${absent}:1`, imagePullPolicy: 'Never' });
    await node.write('absent.yaml', pod('absent', { containers: [container] }));
    await node.shows(
      'absent',
      'waits for its image',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull',
    );
    await node.docker.tagImage(image.busybox, absent, '1');
    await node.running('absent');
  });

  test('an image that cannot be pulled shows why, and an edit that names another is run', async (t) => {
    const wrong = shell(undefined, { image: 'registry.invalid/none:1' });
    const node = await startNode(t, { manifests: { 'typo.yaml': pod('typo', { containers: [wrong] }) } });
    const shown = await node.shows('typo', 'says that the pull failed', ({ status }) =>
      ['ErrImagePull', 'ImagePullBackOff'].includes(
        status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '',
      ),
    );
    assert.match(shown.status?.containerStatuses?.[0]?.state?.waiting?.message ?? '', /registry\.invalid/);
    assert.equal(shown.status?.phase, 'Pending');
    await node.write('typo.yaml', pod('typo'));
    await node.running('typo');
  });

  test('containers that are not of this monopod are never touched', async (t) => {
    const node = await startNode(t);
    const alike = {
      'io.kubernetes.pod.name': `web-${node.name}`,
      'io.kubernetes.pod.namespace': 'default',
      'io.kubernetes.pod.uid': 'someone-elses',
      'io.kubernetes.container.name': 'main',
    };
    const id = await node.docker.create('', { Image: image.busybox, Cmd: ['sleep', '3600'], Labels: alike });
    t.after(() => node.docker.remove(id));
    await node.docker.start(id);
    const before = await node.docker.inspect(id);

    await node.write('web.yaml', pod('web'));
    await node.running('web');
    await node.kill();
    await node.start();
    await node.remove('web.yaml');
    await node.gone('web');
    assert.deepEqual((await node.docker.inspect(id))?.State, before?.State);
  });
});
