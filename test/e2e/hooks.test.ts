// postStart and preStop as the containers see them: what waits for them, what they cost, and what a failing or hanging
// one leads to. Times are the engine's; lower bounds are promises, upper ones only tell right from wrong.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { image } from '../setup/images.ts';
import { lifeIn, livesOf, signalMs } from './harness/lives.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { deafStepper, type Steps, says, stepper, stepsIn, waitsFor } from './harness/steps.ts';
import { throughout, until } from './harness/until.ts';

const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } });

/** A Pod whose containers, hooks included, write their steps. */
const stepping = (name: string, { volume, volumeMounts }: Steps, spec: PodSpec): Pod =>
  pod(name, {
    ...spec,
    volumes: [volume],
    ...(spec.initContainers && {
      initContainers: spec.initContainers.map((one) => ({ ...one, volumeMounts })),
    }),
    containers: spec.containers.map((one) => ({ ...one, volumeMounts })),
  });

const stepsOf = (node: TestNode, name: string) => stepsIn(join(node.scratch, `steps-${name}`));

const statusOf = (shown: Pod | undefined, name = 'main') =>
  [...(shown?.status?.initContainerStatuses ?? []), ...(shown?.status?.containerStatuses ?? [])].find(
    (status) => status.name === name,
  );

describe('hooks', { concurrency: 4 }, () => {
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
    assert.ok((life.execsEndedMs[0] ?? 0) <= signalMs(life, '15'));
    const tookMs = signalMs(life, '9') - beforeMs;
    assert.ok(tookMs >= 8_000, `SIGKILL after ${tookMs} ms`);
    // With a grace that began only after the hook it would be 13 s at least.
    assert.ok(tookMs < 12_500, `SIGKILL after ${tookMs} ms`);
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
    assert.ok(leftMs >= 2_000 && leftMs < 6_000, `SIGKILL ${leftMs} ms after SIGTERM`);
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
