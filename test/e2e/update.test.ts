// What becomes of a running Pod when its manifest is edited: replaced as a whole, kept through a bad edit, left alone
// by an edit that says the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { image } from '../setup/images.ts';
import { gated, pod, shell, stopsAfter, yaml } from './harness/manifest.ts';
import { freePort, startNode } from './harness/node.ts';
import { throughout, until } from './harness/until.ts';

describe('updates', { concurrency: 3 }, () => {
  test('an edited manifest replaces its Pod: the new one starts when the last container of the old is dead', async (t) => {
    const two = (words: string, imageName: string) =>
      pod('web', {
        containers: [
          shell(stopsAfter(0, words), { name: 'quick', image: imageName }),
          shell(stopsAfter(2, words), { name: 'slow', image: imageName }),
        ],
      });
    const node = await startNode(t, { manifests: { 'web.yaml': two('one', image.busybox) } });
    const first = await node.running('web');
    await node.write('web.yaml', two('two', image.busyboxNext));
    const second = await node.running('web', first);

    const events = (await node.events()).filter(
      ({ attributes }) => attributes['io.kubernetes.container.name'] !== 'POD',
    );
    const of = (action: string, uid = '') =>
      events
        .filter((event) => event.action === action && event.attributes['io.kubernetes.pod.uid'] === uid)
        .map(({ timeMs }) => timeMs);
    const deaths = of('die', first.metadata?.uid);
    const starts = of('start', second.metadata?.uid);
    assert.equal(deaths.length, 2);
    assert.equal(starts.length, 2);
    assert.ok(Math.min(...starts) > Math.max(...deaths));
    assert.equal(second.status?.containerStatuses?.[0]?.restartCount, 0);
    await until('nothing is left of the old Pod', async () =>
      (await node.containers('web')).every(({ uid }) => uid === second.metadata?.uid),
    );
  });

  test('what can be prepared is prepared while the old Pod still stops: the new sandbox stands before', async (t) => {
    const node = await startNode(t);
    const gate = gated(node.scratch);
    await node.write('web.yaml', pod('web', { ...gate.spec, hostname: 'one' }));
    const first = await node.running('web');
    await node.write('web.yaml', pod('web', { ...gate.spec, hostname: 'two' }));
    await until('a second sandbox runs beside the old Pod', async () => {
      const running = (await node.containers('web')).filter((seen) => seen.running);
      return running.length === 3 && running.filter(({ name }) => name === 'POD').length === 2;
    });
    await throughout('no second container runs', 500, async () => {
      const running = (await node.containers('web')).filter((seen) => seen.running && seen.name === 'main');
      return running.length === 1 && running[0]?.uid === first.metadata?.uid;
    });
    gate.open();
    await node.running('web', first);
  });

  test('an edit in the middle of a replacement wins: what was between never runs', async (t) => {
    const node = await startNode(t);
    const gate = gated(node.scratch);
    const version = (number: number) => pod('web', { ...gate.spec, hostname: `version-${number}` });
    await node.write('web.yaml', version(1));
    await node.running('web');
    for (const number of [2, 3, 4, 5]) {
      await node.write('web.yaml', version(number));
      // Apart, so that each is taken for an edit of its own.
      await until(
        `version ${number} is read`,
        async () => (await node.manifests())[0]?.staticPod?.pod.spec?.hostname === `version-${number}`,
      );
    }
    gate.open();
    await node.shows(
      'web',
      'runs version 5',
      ({ spec, status }) => spec?.hostname === 'version-5' && status?.phase === 'Running',
    );
    const started = (await node.events()).filter(
      ({ action, attributes }) => action === 'start' && attributes['io.kubernetes.container.name'] === 'main',
    );
    assert.equal(started.length, 2);
  });

  test('a manifest that is edited back ends as it was, under the same uid', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const first = await node.running('web');
    const other = pod('web', { hostname: 'other' });
    await node.write('web.yaml', other);
    const second = await node.running('web', first);
    await node.write('web.yaml', pod('web'));
    const third = await node.running('web', second);
    assert.equal(third.metadata?.uid, first.metadata?.uid);
  });

  test('a bad edit keeps the Pod running and is reported with line and column; mending it goes on from there', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    const before = await node.container('web');
    const good = yaml(pod('web'));
    const edits: [what: string, text: string, field: RegExp][] = [
      ['syntax', good.replace('spec:', 'spec: ['), /./],
      [
        'type',
        good.replace('containers:', 'terminationGracePeriodSeconds: soon\n  containers:'),
        /terminationGrace/,
      ],
      ['validation', good.replace('name: main', 'name: Main_'), /containers\[0\]\.name/],
    ];
    for (const [what, text, field] of edits) {
      await node.write('web.yaml', text);
      const entry = await until(`the ${what} error is reported`, async () =>
        (await node.manifests()).find(
          ({ state, errors }) => state === 'kept' && errors.some((one) => field.test(one.field || '.')),
        ),
      );
      assert.ok(entry.errors[0]?.line, what);
      assert.ok(entry.errors[0]?.column, what);
      const { stdout } = await node.cli('get', 'manifests');
      assert.match(stdout, new RegExp(`${entry.errors[0]?.line}\\D{1,12}${entry.errors[0]?.column}`), what);
      await node.write('web.yaml', good);
      await until(
        `the ${what} error is mended`,
        async () => (await node.manifests())[0]?.state === 'running',
      );
    }
    const after = await node.container('web');
    assert.equal(after.Id, before.Id);
    assert.equal(after.State.StartedAt, before.State.StartedAt);
  });

  test('a comment, a reformat or another order of keys changes nothing', async (t) => {
    const manifest = pod('web', { hostname: 'same' });
    const node = await startNode(t, { manifests: { 'web.yaml': manifest } });
    const first = await node.running('web');
    const before = await node.container('web');
    const same = [
      `# a comment\n${yaml(manifest)}`,
      JSON.stringify(manifest, null, 4),
      yaml({ spec: manifest.spec, metadata: manifest.metadata, kind: 'Pod', apiVersion: 'v1' }),
    ];
    for (const text of same) {
      await node.write('web.yaml', text);
      await throughout(
        'the Pod stays',
        700,
        async () => (await node.pod('web'))?.metadata?.uid === first.metadata?.uid,
      );
    }
    assert.equal((await node.container('web')).Id, before.Id);
  });

  test('a Pod with a host port is replaced by one with the same host port', async (t) => {
    const hostPort = await freePort();
    const serving = (words: string) =>
      pod('web', {
        containers: [
          shell(`echo ${words} > /tmp/page; httpd -f -p 8080 -h /tmp & trap "exit 0" TERM; wait`, {
            ports: [{ containerPort: 8080, hostPort, hostIP: '127.0.0.1' }],
          }),
        ],
      });
    const page = async () => (await fetch(`http://127.0.0.1:${hostPort}/page`)).text();
    const node = await startNode(t, { manifests: { 'web.yaml': serving('one') } });
    const first = await node.running('web');
    await until('one is served', async () => (await page()) === 'one\n');
    await node.write('web.yaml', serving('two'));
    await node.running('web', first);
    await until('two is served', async () => (await page()) === 'two\n');
  });

  test('restart is another generation of the same manifest; stop holds over a crash of monopod, until start', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const first = await node.running('web');
    assert.match((await node.cli('restart', 'web')).stdout, /^pod\/web-\S+ restarted\n$/);
    const second = await node.running('web', first);
    assert.notEqual(second.metadata?.uid, first.metadata?.uid);
    await node.kill();
    await node.start();
    assert.equal((await node.running('web')).metadata?.uid, second.metadata?.uid);
    assert.match((await node.cli('stop', 'web')).stdout, /^pod\/web-\S+ stopped\n$/);
    await node.kill();
    await node.start();
    await until('the manifest has been read', async () => (await node.manifests())[0]?.state === 'stopped');
    await throughout('nothing runs', 500, async () =>
      (await node.containers('web')).every(({ running }) => !running),
    );
    assert.match((await node.cli('start', 'web')).stdout, /^pod\/web-\S+ started\n$/);
    await node.running('web');
  });
});
