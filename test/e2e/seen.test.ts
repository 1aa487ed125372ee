// What a person sees: /pods and health over HTTP, the verbs of the command line, the trace of a change.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { MonopodProcess } from './harness/process.ts';
import { until } from './harness/until.ts';

describe('what a person sees', { concurrency: 3 }, () => {
  test('/pods is a v1 PodList with the status that a kubelet would give', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'web.yaml': pod('web', {
          containers: [
            shell(undefined, { resources: { requests: { cpu: '10m' }, limits: { memory: '64Mi' } } }),
          ],
        }),
      },
    });
    await node.running('web');
    const answer = await node.get('/pods');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    const list = (await answer.json()) as { kind: string; apiVersion: string; items: Pod[] };
    assert.equal(list.kind, 'PodList');
    assert.equal(list.apiVersion, 'v1');
    const { status } = list.items[0] as Pod;
    assert.equal(status?.phase, 'Running');
    const conditions = Object.fromEntries((status?.conditions ?? []).map((one) => [one.type, one.status]));
    for (const type of ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'])
      assert.equal(conditions[type], 'True');
    assert.deepEqual(status?.podIPs, [{ ip: status?.podIP }]);
    assert.ok(status?.hostIP);
    assert.deepEqual(status?.hostIPs?.[0], { ip: status?.hostIP });
    assert.ok(!Number.isNaN(Date.parse(`${status?.startTime}`)));
    assert.equal(status?.qosClass, 'Burstable');
    const seen = await node.container('web');
    const [container] = status?.containerStatuses ?? [];
    assert.equal(container?.containerID, `docker://${seen.Id}`);
    assert.match(container?.imageID ?? '', /sha256:[0-9a-f]{64}$/);
    assert.equal(container?.started, true);
    assert.equal(container?.ready, true);
    assert.equal(container?.restartCount, 0);
    assert.ok(container?.state?.running?.startedAt);
    assert.equal(container?.lastState?.terminated, undefined);
  });

  test('unknown paths are 404, other methods 405, healthz says ok', async (t) => {
    const node = await startNode(t);
    assert.equal((await node.get('/nothing')).status, 404);
    assert.equal((await node.get('/pods', { method: 'POST' })).status, 405);
    const healthz = await fetch(`http://127.0.0.1:${node.healthzPort}/healthz`);
    assert.equal(healthz.status, 200);
    assert.equal(await healthz.text(), 'ok');
  });

  test('get pods shows each Pod in a table, wide, as JSON and as YAML', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const shown = await node.running('web');
    const table = await node.cli('get', 'pods');
    assert.equal(table.code, 0);
    const [head = '', line = ''] = table.stdout.split('\n');
    assert.match(head, /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE/);
    assert.match(line, new RegExp(`^web-${node.name}\\s+1/1\\s+Running\\s+0\\s+\\d+s`));
    assert.match((await node.cli('get', 'pods', '-o', 'wide')).stdout, new RegExp(`${shown.status?.podIP}`));
    const json = JSON.parse((await node.cli('get', 'pods', '-o', 'json')).stdout);
    assert.equal(json.items[0].metadata.uid, shown.metadata?.uid);
    const { parse } = await import('yaml');
    assert.deepEqual(parse((await node.cli('get', 'pods', '-o', 'yaml')).stdout), json);
  });

  test('get pods -w goes on with a line for each change', async (t) => {
    const node = await startNode(t);
    const watch = new MonopodProcess(['get', 'pods', '-w', `--root-dir=${node.root}`]);
    t.after(() => watch.end('SIGKILL'));
    await node.write('web.yaml', pod('web'));
    await until('it shows the Pod Running', () => /web-\S+\s+1\/1\s+Running/.test(watch.stdout));
    await node.remove('web.yaml');
    await until(
      'it shows the Pod Terminating or ended',
      () => /Terminating|Succeeded|Completed|Failed/.test(watch.stdout),
      {
        seen: () => watch.stdout,
      },
    );
  });

  test('get manifests shows each file, its state and why', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'web.yaml': pod('web'),
        'bad.yaml': pod('bad', { containers: [] }),
        'old.yaml~': 'x',
      },
    });
    await node.running('web');
    const { code, stdout } = await node.cli('get', 'manifests');
    assert.equal(code, 0);
    const lineOf = (file: string) =>
      stdout.split('\n').find((line) => line.includes(`/${file} `) || line.includes(`${file} `));
    assert.match(lineOf('web.yaml') ?? '', /running/i);
    assert.match(lineOf('bad.yaml') ?? '', /rejected/i);
    assert.match(lineOf('old.yaml~') ?? '', /ignored/i);
    assert.match(stdout, /spec\.containers/);
  });

  test('the command line says so when no monopod runs there', async (t) => {
    const node = await startNode(t);
    await node.stop();
    const { code, stdout, stderr } = await node.cli('get', 'pods');
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /not running|no monopod/i);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  test("trace shows the waterfall of a Pod's last change, from the file to the container", async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const { metadata } = await node.running('web');
    const stages = [/source/, /decode/, /dispatch/, /sandbox/i, /container/i];
    const shown = await until('the trace has all stages', async () => {
      const { stdout } = await node.cli('trace', metadata?.name ?? '');
      return stages.every((stage) => stage.test(stdout)) && stdout;
    });
    assert.match(shown, /\d(\.\d+)? ?m?s/);
    await node.remove('web.yaml');
    await node.gone('web');
    await until('the trace is of the termination', async () => {
      const { stdout } = await node.cli('trace', metadata?.name ?? '');
      return /terminat|kill/i.test(stdout);
    });
    const unknown = await node.cli('trace', 'nobody');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.stderr, /nobody/);
  });

  test('logs tell what happened to which Pod, one line each', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const { metadata } = await node.running('web');
    await node.remove('web.yaml');
    await node.gone('web');
    const about = node.log.split('\n').filter((line) => line.includes(`web-${node.name}`));
    assert.ok(about.length >= 2, node.log);
    assert.ok(about.some((line) => line.includes(`${metadata?.uid}`)));
  });
});
