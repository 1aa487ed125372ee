// postStart as the containers see it: what waits for it, and what a failing or interrupted one leads to; and the signal
// that a container asks to be stopped with. Times are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { image } from '../setup/images.ts';
import { lifeIn, livesOf } from './harness/lives.ts';
import { shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { exec, says, stepper, stepping, stepsOf, waitsFor } from './harness/steps.ts';
import { throughout, until } from './harness/until.ts';

const statusOf = (shown: Pod | undefined, name = 'main') =>
  [...(shown?.status?.initContainerStatuses ?? []), ...(shown?.status?.containerStatuses ?? [])].find(
    (status) => status.name === name,
  );

describe('postStart', { concurrency: 4 }, () => {
  test('the next container waits for postStart, and until then its own is not shown as running', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const postStart = exec(`${waitsFor('open')}; ${says('hook ends')}`);
    const one = shell(stepper('one'), { name: 'one', lifecycle: { postStart } });
    const two = shell(stepper('two'), { name: 'two' });
    await node.write('web.yaml', stepping('web', steps, { containers: [one, two] }));
    await steps.has('one start');
    await until('the hook runs', async () =>
      (await livesOf(node, 'web')).some(({ execsMs }) => execsMs.length > 0),
    );
    await throughout('the Pod waits for the hook', 500, async () => {
      const shown = await node.pod('web');
      const { state, started, ready } = statusOf(shown, 'one') ?? {};
      assert.equal(state?.waiting?.reason, 'ContainerCreating');
      assert.deepEqual([started, ready, shown?.status?.phase], [false, false, 'Pending']);
      return (await livesOf(node, 'web')).length === 1;
    });
    steps.put('open');
    const shown = await node.running('web');
    await steps.has('two start');
    assert.deepEqual(steps.read(), ['one start', 'hook ends', 'two start']);
    const startedAt = statusOf(shown, 'one')?.state?.running?.startedAt ?? '';
    const { startedMs } = await lifeIn(node, 'web', 'one');
    assert.equal(Date.parse(startedAt), Math.floor(startedMs / 1000) * 1000, 'as the engine started it');
  });

  test("postStart by HTTP asks the Pod's address and takes any answer; by sleep it takes that time", async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const page = [
      '#!/bin/sh',
      'printf "Content-Type: text/plain\\r\\n\\r\\nok"',
      'echo "$REQUEST_METHOD $QUERY_STRING $HTTP_USER_AGENT $HTTP_X_TOLD" >> /steps/log',
    ].join('\n');
    const serves = `mkdir -p /www/cgi-bin; echo '${page}' > /www/cgi-bin/hook; chmod +x /www/cgi-bin/hook
      trap "exit 0" TERM; httpd -f -p 8080 -h /www & wait`;
    const listens = exec('until grep -qsi :1F90 /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done');
    const httpHeaders = [{ name: 'X-Told', value: 'twice' }];
    const containers: Container[] = [
      shell(serves, { name: 'server', lifecycle: { postStart: listens } }),
      shell(undefined, {
        name: 'asks',
        ports: [{ name: 'web', containerPort: 8080 }],
        lifecycle: { postStart: { httpGet: { port: 'web', path: '/cgi-bin/hook?by=name', httpHeaders } } },
      }),
      shell(undefined, {
        name: 'misses',
        lifecycle: { postStart: { httpGet: { port: 8080, path: '/not-there' } } },
      }),
      shell(undefined, { name: 'sleeps', lifecycle: { postStart: { sleep: { seconds: 2 } } } }),
      shell(undefined, { name: 'last' }),
    ];
    await node.write('web.yaml', stepping('web', steps, { containers }));
    await node.running('web');
    assert.deepEqual(steps.read(), ['GET by=name kube-lifecycle/1.36 twice']);
    const lives = await livesOf(node, 'web');
    assert.deepEqual(
      lives.map(({ name }) => name),
      ['server', 'asks', 'misses', 'sleeps', 'last'],
    );
    const [sleeps, last] = lives.slice(-2);
    assert.ok((last?.startedMs ?? 0) - (sleeps?.startedMs ?? 0) >= 2_000);
  });

  test("a sidecar's postStart holds back the init container after it", async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const postStart = exec(
      `until grep -q "sidecar start" /steps/log; do sleep 0.05; done; ${says('hook ends')}`,
    );
    const initContainers = [
      shell(stepper('sidecar'), { name: 'sidecar', restartPolicy: 'Always', lifecycle: { postStart } }),
      shell(says('init'), { name: 'init' }),
    ];
    await node.write(
      'web.yaml',
      stepping('web', steps, { initContainers, containers: [shell(says('main'))] }),
    );
    await steps.has('main');
    assert.deepEqual(steps.read().slice(0, 4), ['sidecar start', 'hook ends', 'init', 'main']);
  });

  test('a failing postStart stops its container gracefully, preStop first; the restart policy says what follows', async (t) => {
    const node = await startNode(t);
    const cases = [
      { name: 'always', restartPolicy: 'Always', exitCode: 3, again: true },
      { name: 'again', restartPolicy: 'OnFailure', exitCode: 3, again: true },
      { name: 'well', restartPolicy: 'OnFailure', exitCode: 0, phase: 'Succeeded' },
      { name: 'never', restartPolicy: 'Never', exitCode: 3, phase: 'Failed' },
    ];
    await Promise.all(
      cases.map(async ({ name, restartPolicy, exitCode, again, phase }) => {
        const steps = stepsOf(node, name);
        const lifecycle = {
          postStart: exec(
            `until grep -q "main start" /steps/log; do sleep 0.05; done; ${says('hook')}; exit 1`,
          ),
          preStop: exec(says('preStop')),
        };
        const containers = [shell(stepper('main', { exitCode }), { lifecycle })];
        await node.write(`${name}.yaml`, stepping(name, steps, { restartPolicy, containers }));
        const shown = await node.shows(name, 'shows what its postStart has led to', ({ status }) =>
          again
            ? status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff'
            : status?.phase === phase,
        );
        const status = statusOf(shown);
        const ended = again ? status?.lastState?.terminated : status?.state?.terminated;
        assert.equal(ended?.exitCode, exitCode, name);
        assert.equal(status?.restartCount, again ? 1 : 0, name);
        if (again)
          assert.match(
            status?.state?.waiting?.message ?? '',
            /^back-off 10s restarting failed container=main /,
          );
        const once = ['main start', 'hook', 'preStop', 'main TERM', 'main ends'];
        assert.deepEqual(steps.read(), again ? [...once, ...once] : once, name);
      }),
    );
    assert.match(
      node.log,
      /postStart hook failed.*Exec lifecycle hook .* for Container .*main.* in Pod .* exited with 1/,
    );
  });

  test("lifecycle.stopSignal takes the place of the image's and of SIGTERM, of a sidecar as well", async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const initContainers = [
      shell(stepper('sidecar', { exitCode: 8 }), {
        name: 'sidecar',
        restartPolicy: 'Always',
        lifecycle: { stopSignal: 'SIGUSR1' },
      }),
    ];
    const containers = [
      shell(stepper('main', { exitCode: 7 }), {
        image: image.stopsOnUsr1,
        lifecycle: { stopSignal: 'SIGUSR2', preStop: exec(says('preStop')) },
      }),
    ];
    await node.write(
      'web.yaml',
      stepping('web', steps, { os: { name: 'linux' }, initContainers, containers }),
    );
    await node.running('web');
    await steps.has('main start');
    const { Config } = await node.container('web');
    assert.equal(Config.StopSignal, 'SIGUSR2');
    await node.remove('web.yaml');
    await node.gone('web');
    assert.deepEqual(steps.read().slice(2), [
      'preStop',
      'main USR2',
      'main ends',
      'sidecar USR1',
      'sidecar ends',
    ]);
    assert.equal((await lifeIn(node, 'web')).exitCode, 7);
    assert.equal((await lifeIn(node, 'web', 'sidecar')).exitCode, 8);
  });

  test('a postStart that was under way when monopod was killed runs again, in the same container', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const postStart = exec(`${says('hook')}; ${waitsFor('open')}`);
    const containers = [
      shell(stepper('main'), { lifecycle: { postStart } }),
      shell(stepper('next'), { name: 'next' }),
    ];
    await node.write('web.yaml', stepping('web', steps, { containers }));
    await steps.has('hook');
    await node.kill();
    await node.start();
    await until('the hook runs again', () => steps.read().filter((line) => line === 'hook').length === 2);
    assert.equal(statusOf(await node.pod('web'))?.state?.running, undefined);
    assert.equal((await livesOf(node, 'web')).length, 1);
    steps.put('open');
    const shown = await node.running('web');
    await steps.has('next start');
    assert.equal((await lifeIn(node, 'web')).execsMs.length, 2);
    assert.deepEqual(
      shown.status?.containerStatuses?.map(({ restartCount }) => restartCount),
      [0, 0],
    );
  });
});
