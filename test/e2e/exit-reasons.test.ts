// How a container ended, as /pods tells it: reason, exit code, termination message, and the attempt before.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { createdTimes, historyOf, timesOf } from './harness/history.ts';
import { neverStops, pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

const once = (name: string, container: Container, more: Partial<Pod['spec']> = {}): Pod =>
  pod(name, { restartPolicy: 'Never', containers: [container], ...more });

/** Waits until the one container of the Pod has ended; how it did. */
async function endOf(node: TestNode, name: string) {
  const shown = await node.shows(
    name,
    'has ended',
    (seen) => statusOf(seen, 'main').state?.terminated !== undefined,
  );
  const { terminated } = statusOf(shown, 'main').state ?? {};
  return { phase: shown.status?.phase, ...terminated };
}

describe('exit reasons', { concurrency: 4 }, () => {
  test('Completed, Error, and the signal that killed it', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'good.yaml': once('good', shell('exit 0')),
        'bad.yaml': once('bad', shell('exit 7')),
        'kill.yaml': once('kill', shell(neverStops)),
        'segv.yaml': once('segv', {
          ...shell(),
          command: ['sh', '-c', 'sh -c "kill -SEGV \\$\\$"; exit $?'],
        }),
      },
    });
    await node.running('kill');
    await node.docker.kill((await node.container('kill')).Id);
    for (const [name, phase, reason, exitCode] of [
      ['good', 'Succeeded', 'Completed', 0],
      ['bad', 'Failed', 'Error', 7],
      ['segv', 'Failed', 'Error', 139],
      ['kill', 'Failed', 'Error', 137],
    ] as const) {
      const end = await endOf(node, name);
      assert.deepEqual([end.phase, end.reason, end.exitCode], [phase, reason, exitCode], name);
      await prints(node, name, reason);
    }
  });

  test('137 after the SIGKILL that follows the grace', async (t) => {
    const node = await startNode(t);
    const spec = {
      terminationGracePeriodSeconds: 2,
      activeDeadlineSeconds: 6,
      containers: [shell(neverStops)],
    };
    await node.write('deaf.yaml', pod('deaf', spec));
    const end = await endOf(node, 'deaf');
    assert.deepEqual([end.reason, end.exitCode], ['Error', 137]);
    const [term = 0, kill = 0] = timesOf(await historyOf(node, 'deaf'), 'kill', 'main');
    assert.ok(kill - term >= 2_000);
  });

  test('OOMKilled: over its memory limit', async (t) => {
    const node = await startNode(t);
    const eats = 'x=$(head -c 100m /dev/zero | tr "\\0" a); echo $x | wc -c';
    const limits = { resources: { limits: { memory: '16Mi' } } };
    await node.write('hungry.yaml', once('hungry', shell(eats, limits)));
    const end = await endOf(node, 'hungry');
    assert.deepEqual([end.phase, end.reason, end.exitCode], ['Failed', 'OOMKilled', 137]);
    await prints(node, 'hungry', 'OOMKilled');
  });

  test('ContainerCannotRun: no such program, or not one that may be run', async (t) => {
    const node = await startNode(t, {
      manifests: {
        'absent.yaml': once('absent', { ...shell(), command: ['/no/such/program'] }),
        'denied.yaml': once('denied', { ...shell(), command: ['/etc/passwd'] }),
      },
    });
    for (const [name, exitCode, words] of [
      ['absent', 127, /\/no\/such\/program.*no such file or directory/],
      ['denied', 126, /\/etc\/passwd.*permission denied/],
    ] as const) {
      const end = await endOf(node, name);
      assert.deepEqual(
        [end.phase, end.reason, end.exitCode],
        ['Failed', 'ContainerCannotRun', exitCode],
        name,
      );
      assert.match(end.message ?? '', words);
      await prints(node, name, 'ContainerCannotRun');
    }
  });

  test('StartError: the engine could not even try', async (t) => {
    const node = await startNode(t);
    const { volumes } = workOf(node);
    // A directory over a file.
    const container = shell(undefined, { volumeMounts: [{ name: 'work', mountPath: '/etc/passwd' }] });
    await node.write('web.yaml', once('web', container, { volumes }));
    const end = await endOf(node, 'web');
    assert.deepEqual([end.phase, end.reason, end.exitCode], ['Failed', 'StartError', 128]);
    assert.match(end.message ?? '', /not a directory/);
    await prints(node, 'web', 'StartError');
  });

  test('one that cannot be started is tried again by policy, with back-off, as any other', async (t) => {
    const node = await startNode(t);
    const container = { ...shell(), command: ['/no/such/program'] };
    await node.write('web.yaml', pod('web', { containers: [container] }));
    const shown = await node.shows(
      'web',
      'backs off',
      (seen) => waitingFor(seen, 'main') === 'CrashLoopBackOff',
    );
    const { restartCount, lastState } = statusOf(shown, 'main');
    assert.deepEqual([restartCount, lastState?.terminated?.reason], [1, 'ContainerCannotRun']);
    assert.match(lastState?.terminated?.message ?? '', /no such file/);
  });
});

const message = (script: string, more: Partial<Container> = {}) => once('said', shell(script, more));
const fallsBack = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;
const lines = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');

describe('termination messages', { concurrency: 4 }, () => {
  test('from the file, from another file, from the log, or none', async (t) => {
    const cases: Record<string, { container: Container; says: string | undefined }> = {
      file: {
        container: shell('printf "out of %s" cheese > /dev/termination-log; exit 1'),
        says: 'out of cheese',
      },
      success: { container: shell('echo all is well > /dev/termination-log'), says: 'all is well\n' },
      custom: {
        container: shell('echo custom > /tmp/last-words; exit 1', {
          terminationMessagePath: '/tmp/last-words',
        }),
        says: 'custom\n',
      },
      quiet: { container: shell('echo not asked for; exit 1'), says: undefined },
      log: { container: shell('echo one; sleep 0.5; echo two >&2; exit 1', fallsBack), says: 'one\ntwo\n' },
      filefirst: {
        container: shell('echo log; echo file > /dev/termination-log; exit 1', fallsBack),
        says: 'file\n',
      },
      logsuccess: { container: shell('echo log; exit 0', fallsBack), says: undefined },
    };
    const node = await startNode(t);
    for (const [name, { container }] of Object.entries(cases))
      await node.write(`${name}.yaml`, once(name, container));
    for (const [name, { says }] of Object.entries(cases)) {
      await endOf(node, name);
      if (says !== undefined)
        await node.shows(
          name,
          'has its message',
          (seen) => statusOf(seen, 'main').state?.terminated?.message === says,
        );
    }
    // The others have theirs by now.
    for (const name of ['quiet', 'logsuccess'])
      assert.equal((await endOf(node, name)).message, undefined, name);
  });

  for (const [what, manifest, says] of [
    [
      'of a file the last 4096 bytes',
      message(
        'head -c 5000 /dev/zero | tr "\\0" a > /dev/termination-log; printf END >> /dev/termination-log; exit 1',
      ),
      `${'a'.repeat(4093)}END`,
    ],
    [
      'of a log the last 2048 bytes',
      message('head -c 5000 /dev/zero | tr "\\0" a; printf END; exit 1', fallsBack),
      `${'a'.repeat(2045)}END`,
    ],
    ['of a log the last 80 lines', message('seq 200; exit 1', fallsBack), lines(80, 121)],
  ] as const)
    test(`${what}, and after a restart of monopod as before`, async (t) => {
      const node = await startNode(t, { manifests: { 'said.yaml': manifest } });
      const has = (seen: Pod) => statusOf(seen, 'main').state?.terminated?.message === says;
      const shown = await node.shows('said', 'has its message', has);
      await node.kill();
      await node.start();
      const again = await node.shows('said', 'has it still', has);
      assert.deepEqual(statusOf(again, 'main'), statusOf(shown, 'main'));
    });

  test('the containers of a Pod share 12 KiB: each of six is left 2048 bytes', async (t) => {
    const says = 'head -c 5000 /dev/zero | tr "\\0" a > /dev/termination-log; exit 1';
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const node = await startNode(t);
    const containers = names.map((name) => shell(says, { name }));
    await node.write('many.yaml', pod('many', { restartPolicy: 'Never', containers }));
    await node.shows('many', 'has their messages', (seen) =>
      names.every((name) => statusOf(seen, name).state?.terminated?.message === 'a'.repeat(2048)),
    );
  });

  test('each attempt has its own: the next begins with an empty file', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const script = `[ -e /work/second ] || { echo first > /dev/termination-log; touch /work/second; exit 1; };
      cp /dev/termination-log /work/found; ${untilOpen('end')}; exit 2`;
    await node.write(
      'web.yaml',
      pod('web', { volumes: work.volumes, containers: [work.shell('main', script)] }),
    );
    await node.shows(
      'web',
      'runs again',
      (seen) =>
        statusOf(seen, 'main').state?.running !== undefined &&
        statusOf(seen, 'main').lastState?.terminated?.message === 'first\n',
    );
    work.open('end');
    const shown = await node.shows(
      'web',
      'has ended',
      (seen) => statusOf(seen, 'main').lastState?.terminated?.exitCode === 2,
    );
    assert.equal(statusOf(shown, 'main').lastState?.terminated?.message, undefined);
    assert.equal(work.read('found'), '');
  });

  test('an init container that fails says why', async (t) => {
    const node = await startNode(t);
    const init = shell('echo no database > /dev/termination-log; exit 1', { name: 'init' });
    await node.write('web.yaml', pod('web', { restartPolicy: 'Never', initContainers: [init] }));
    await node.shows(
      'web',
      'says why',
      (seen) => statusOf(seen, 'init').state?.terminated?.message === 'no database\n',
    );
  });
});

test('lastState is the attempt before, as the engine had it; what was before that is gone', async (t) => {
  const node = await startNode(t);
  const work = workOf(node);
  const script = `echo x >> /work/runs; n=$(wc -l < /work/runs); ${untilOpen('$n')}; exit $n`;
  await node.write(
    'web.yaml',
    pod('web', { volumes: work.volumes, containers: [work.shell('main', script)] }),
  );
  const seconds = (time: string) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
  const ids: string[] = [];
  for (const attempt of [1, 2, 3]) {
    const shown = await node.shows(
      'web',
      `runs for the ${attempt}. time`,
      (seen) =>
        statusOf(seen, 'main').state?.running !== undefined &&
        statusOf(seen, 'main').restartCount === attempt - 1,
    );
    const { state, lastState, containerID = '' } = statusOf(shown, 'main');
    const { Id, State } = await node.container('web');
    assert.equal(containerID, `docker://${Id}`);
    assert.equal(state?.running?.startedAt, seconds(State.StartedAt));
    const before = await node.docker.inspect(ids.at(-1) ?? 'none');
    if (attempt === 1) assert.deepEqual(lastState, {});
    else
      assert.deepEqual(lastState?.terminated, {
        exitCode: attempt - 1,
        reason: 'Error',
        startedAt: seconds(before?.State.StartedAt ?? ''),
        finishedAt: seconds(before?.State.FinishedAt ?? ''),
        containerID: `docker://${ids.at(-1)}`,
      });
    ids.push(Id);
    work.open(`${attempt}`);
  }
  await until(
    'the first attempt is gone',
    async () => (await node.docker.inspect(ids[0] ?? '')) === undefined,
  );
  assert.ok(await node.docker.inspect(ids[1] ?? ''), 'the one before is kept');
  assert.equal(createdTimes(await historyOf(node, 'web'), 'main'), 3);
});
