// preStop as the containers see it: when it runs, what it costs of the grace, and what a failing or hanging one leads to.
// Times are the engine's; lower bounds are promises, upper ones only tell right from wrong.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { lifeIn, signalMs } from './harness/lives.ts';
import { shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { deafStepper, exec, says, stepper, stepping, stepsOf, waitsFor } from './harness/steps.ts';
import { until } from './harness/until.ts';

const statusOf = (shown: Pod | undefined, name = 'main') =>
  [...(shown?.status?.initContainerStatuses ?? []), ...(shown?.status?.containerStatuses ?? [])].find(
    (status) => status.name === name,
  );

describe('preStop', { concurrency: 4 }, () => {
  test("preStop's time counts against the grace", async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'slow');
    const lifecycle = { preStop: exec(`${says('hook')}; sleep 5; ${says('hook ends')}`) };
    const containers = [shell(deafStepper('main'), { lifecycle })];
    await node.write('slow.yaml', stepping('slow', steps, { terminationGracePeriodSeconds: 8, containers }));
    await node.running('slow');
    await steps.has('main start');
    const beforeMs = await node.docker.nowMs();
    await node.remove('slow.yaml');
    await node.gone('slow');
    assert.deepEqual(steps.read(), ['main start', 'hook', 'hook ends', 'main TERM']);
    const life = await lifeIn(node, 'slow');
    assert.deepEqual(
      life.signals.map(({ signal }) => signal),
      ['15', '9'],
    );
    const hookEndedMs = life.execsEndedMs[0] ?? 0;
    assert.ok(hookEndedMs > beforeMs && hookEndedMs <= signalMs(life, '15'));
    assert.ok(signalMs(life, '9') - beforeMs >= 8_000, 'not before the grace is over');
    assert.ok(
      signalMs(life, '9') - hookEndedMs < 8_000,
      'a grace that began after the hook would not be over yet',
    );
    assert.equal(life.exitCode, 137);
  });

  test('a hanging preStop is cut off with the grace, and leaves two seconds for the stop signal', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'hangs');
    const lifecycle = { preStop: exec('sleep 3600') };
    const containers = [
      shell(stepper('tidy', { seconds: 1 }), { name: 'tidy', lifecycle }),
      shell(deafStepper('deaf'), { name: 'deaf', lifecycle }),
    ];
    await node.write(
      'hangs.yaml',
      stepping('hangs', steps, { terminationGracePeriodSeconds: 3, containers }),
    );
    await node.running('hangs');
    await steps.has('tidy start');
    await steps.has('deaf start');
    const beforeMs = await node.docker.nowMs();
    await node.remove('hangs.yaml');
    await node.gone('hangs');
    const [tidy, deaf] = [await lifeIn(node, 'hangs', 'tidy'), await lifeIn(node, 'hangs', 'deaf')];
    for (const life of [tidy, deaf]) {
      assert.equal(life.execsMs.length, 1);
      assert.ok(signalMs(life, '15') - beforeMs >= 3_000, 'the hook has all of the grace');
    }
    assert.deepEqual([tidy.exitCode, tidy.signals.length], [0, 1], 'tidied up within its two seconds');
    const leftMs = signalMs(deaf, '9') - signalMs(deaf, '15');
    assert.ok(leftMs >= 2_000 && leftMs < 20_000, `SIGKILL ${leftMs} ms after SIGTERM`);
    assert.match(node.log, /preStop hook failed/);
  });

  test('preStop by sleep and by HTTP; each container has a hook, and a time, of its own', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const page = `#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\nok"\n${says('asked')}`;
    const serves = `mkdir -p /www/cgi-bin; echo '${page}' > /www/cgi-bin/hook; chmod +x /www/cgi-bin/hook
      httpd -p 8080 -h /www; ${stepper('server')}`;
    const containers = [
      shell(serves, {
        name: 'server',
        lifecycle: { preStop: { httpGet: { port: 8080, path: '/cgi-bin/hook' } } },
      }),
      shell(undefined, { name: 'sleeps', lifecycle: { preStop: { sleep: { seconds: 3 } } } }),
      shell(undefined, { name: 'plain' }),
    ];
    await node.write('web.yaml', stepping('web', steps, { containers }));
    await node.running('web');
    await steps.has('server start');
    const beforeMs = await node.docker.nowMs();
    await node.remove('web.yaml');
    await node.gone('web');
    assert.deepEqual(steps.read(), ['server start', 'asked', 'server TERM', 'server ends']);
    const sleeps = await lifeIn(node, 'web', 'sleeps');
    assert.ok(signalMs(sleeps, '15') - beforeMs >= 3_000);
    for (const name of ['server', 'plain'])
      assert.ok(
        (await lifeIn(node, 'web', name)).diedMs < signalMs(sleeps, '15'),
        `${name} waits for no other`,
      );
  });

  test('preStop runs for an update and for a liveness kill as well', async (t) => {
    const node = await startNode(t);
    const updated = stepsOf(node, 'updated');
    const version = (hostname: string) =>
      stepping('updated', updated, {
        hostname,
        containers: [shell(stepper(hostname), { lifecycle: { preStop: exec(says(`${hostname} preStop`)) } })],
      });
    const sick = stepsOf(node, 'sick');
    await node.write('updated.yaml', version('one'));
    await node.write(
      'sick.yaml',
      stepping('sick', sick, {
        containers: [
          shell(stepper('main'), {
            livenessProbe: {
              exec: { command: ['test', '!', '-e', '/steps/sick'] },
              periodSeconds: 1,
              failureThreshold: 1,
            },
            // The next attempt finds itself well.
            lifecycle: { preStop: exec(`rm /steps/sick; ${says('preStop')}`) },
          }),
        ],
      }),
    );
    const first = await node.running('updated');
    await updated.has('one start');
    await node.write('updated.yaml', version('two'));
    await node.running('sick');
    await sick.has('main start');
    sick.put('sick');
    await node.running('updated', first);
    await updated.has('two start');
    assert.deepEqual(updated.read(), ['one start', 'one preStop', 'one TERM', 'one ends', 'two start']);
    await node.shows('sick', 'has been restarted', (shown) => {
      const { restartCount, state } = statusOf(shown) ?? {};
      return restartCount === 1 && state?.running !== undefined;
    });
    await until('the second attempt has begun', () => sick.read().length === 5, { seen: sick.read });
    assert.deepEqual(sick.read(), ['main start', 'preStop', 'main TERM', 'main ends', 'main start']);
  });

  test('a preStop that fails, or has no such program, costs nothing but itself', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'fails');
    const containers = [
      shell(stepper('one'), { name: 'one', lifecycle: { preStop: exec('exit 1') } }),
      shell(stepper('two'), {
        name: 'two',
        lifecycle: { preStop: { exec: { command: ['/not-there'] } } },
      }),
      shell(stepper('three'), {
        name: 'three',
        lifecycle: { preStop: { httpGet: { port: 1, path: '/' } } },
      }),
    ];
    await node.write('fails.yaml', stepping('fails', steps, { containers }));
    await node.running('fails');
    for (const name of ['one', 'two', 'three']) await steps.has(`${name} start`);
    await node.remove('fails.yaml');
    await node.gone('fails');
    for (const name of ['one', 'two', 'three']) {
      const { signals, exitCode } = await lifeIn(node, 'fails', name);
      assert.deepEqual([signals.map(({ signal }) => signal), exitCode], [['15'], 0], name);
    }
    assert.equal(node.log.match(/preStop hook failed/g)?.length, 3);
  });

  test('a container that ends while its preStop hangs has stopped; one that ends by itself has no preStop', async (t) => {
    const node = await startNode(t);
    const [hangs, done] = [stepsOf(node, 'hangs'), stepsOf(node, 'done')];
    await node.write(
      'hangs.yaml',
      stepping('hangs', hangs, {
        terminationGracePeriodSeconds: 3600,
        containers: [
          shell(`${says('main start')}; ${waitsFor('open')}; exit 5`, {
            lifecycle: { preStop: exec(`${says('preStop')}; sleep 3600`) },
          }),
        ],
      }),
    );
    await node.write(
      'done.yaml',
      stepping('done', done, {
        restartPolicy: 'Never',
        containers: [shell(says('main'), { lifecycle: { preStop: exec(says('preStop')) } })],
      }),
    );
    await node.running('hangs');
    await node.remove('hangs.yaml');
    await hangs.has('preStop');
    hangs.put('open');
    await node.gone('hangs');
    const { signals, exitCode } = await lifeIn(node, 'hangs');
    // The hook goes with its container, maybe a moment before: then a last SIGTERM finds nobody.
    assert.ok(signals.every(({ signal }) => signal === '15'));
    assert.equal(exitCode, 5);

    await node.shows('done', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    await node.remove('done.yaml');
    await node.gone('done');
    assert.deepEqual(done.read(), ['main']);
  });

  test("sidecars' preStop hooks run at once with the others', their stop signals wait for their turn", async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const sidecar = (name: string) =>
      shell(stepper(name), {
        name,
        restartPolicy: 'Always',
        lifecycle: { preStop: exec(says(`${name} preStop`)) },
      });
    const containers = [
      // It goes only when the hooks of the sidecars have run.
      shell(
        `trap '${says('main TERM')}; until [ $(grep -c preStop /steps/log) = 3 ]; do sleep 0.05; done; ${says('main ends')}; exit 0' TERM
        ${says('main start')}; while :; do sleep 3600 & wait $!; done`,
        { lifecycle: { preStop: exec(says('main preStop')) } },
      ),
    ];
    await node.write(
      'web.yaml',
      stepping('web', steps, { initContainers: [sidecar('one'), sidecar('two')], containers }),
    );
    await node.running('web');
    await steps.has('main start');
    await node.remove('web.yaml');
    await node.gone('web');
    const stopping = steps.read().slice(3);
    assert.deepEqual(stopping.slice(-5), ['main ends', 'two TERM', 'two ends', 'one TERM', 'one ends']);
    assert.deepEqual(stopping.filter((line) => line.endsWith('preStop')).toSorted(), [
      'main preStop',
      'one preStop',
      'two preStop',
    ]);
    assert.ok(stopping.indexOf('main preStop') < stopping.indexOf('main TERM'));
  });
});
