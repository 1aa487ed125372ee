// A Pod's status through its life: phases, conditions and when they turned, and what is said of its containers. Ids and
// times are held against the engine's own, and every state that was to be seen is judged.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { judge, published } from './harness/published.ts';
import { conditionOf, statusOf } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

/** Type, status and reason: `Ready False ContainersNotReady`. */
const verdicts = ({ status }: Pod): string[] =>
  (status?.conditions ?? []).map(({ type, status, reason }) =>
    [type, status, reason].filter(Boolean).join(' '),
  );

const conditions = (sandbox: string, initialized: string, ready: string): string[] => [
  `PodReadyToStartContainers ${sandbox}`,
  `Initialized ${initialized}`,
  `Ready ${ready}`,
  `ContainersReady ${ready}`,
  'PodScheduled True',
];

const messageOf = (shown: Pod, type: string) => conditionOf(shown, type)?.message;

const how = (shown: Pod, name: string): string => {
  const { state } = statusOf(shown, name);
  return state?.running ? 'Running' : `${state?.waiting?.reason ?? state?.terminated?.reason}`;
};

/** Waits until the phase is this and the container is shown so. */
const shows = (node: TestNode, podName: string, phase: string, name: string, state: string): Promise<Pod> =>
  node.shows(
    podName,
    `is ${phase} with ${name} ${state}`,
    (shown) => shown.status?.phase === phase && how(shown, name) === state,
  );

const isReady = (shown: Pod): boolean => conditionOf(shown, 'Ready')?.status === 'True';

const opened = (file: string): Partial<Container['readinessProbe']> & object => ({
  exec: { command: ['test', '-e', `/work/${file}`] },
  periodSeconds: 1,
  failureThreshold: 1000,
});

/** RFC 3339 to the second, as the engine's own time has it. */
const toSecond = (time: string): string => `${time.slice(0, 19)}Z`;

describe('status', { concurrency: 4 }, () => {
  test("ids and times are the engine's, of the container that runs and of the one before it", async (t) => {
    const node = await startNode(t, {
      manifests: { 'web.yaml': pod('web', { initContainers: [shell('sleep 1.1', { name: 'init' })] }) },
    });
    await node.running('web');
    const first = await node.container('web');
    await node.docker.kill(first.Id);
    const shown = await node.shows('web', 'runs again', (seen) => {
      const { restartCount, state } = statusOf(seen, 'main');
      return restartCount === 1 && state?.running !== undefined;
    });

    const second = await node.container('web');
    const main = statusOf(shown, 'main');
    assert.equal(main.containerID, `docker://${second.Id}`);
    assert.equal(main.state?.running?.startedAt, toSecond(second.State.StartedAt));
    const last = (await node.docker.inspect(first.Id))?.State;
    assert.deepEqual(main.lastState?.terminated, {
      exitCode: 137,
      reason: 'Error',
      startedAt: toSecond(`${last?.StartedAt}`),
      finishedAt: toSecond(`${last?.FinishedAt}`),
      containerID: `docker://${first.Id}`,
    });

    const id = (await node.containers('web')).find(({ name }) => name === 'init')?.id;
    const init = await node.docker.inspect(`${id}`);
    const ended = statusOf(shown, 'init');
    assert.equal(ended.containerID, `docker://${id}`);
    assert.equal(ended.state?.terminated?.startedAt, toSecond(`${init?.State.StartedAt}`));
    assert.equal(ended.state?.terminated?.finishedAt, toSecond(`${init?.State.FinishedAt}`));

    const [summary] = (await node.docker.containers([`monopod.dev/root-dir=${node.root}`])).filter(
      ({ Id }) => Id === second.Id,
    );
    for (const { imageID } of [main, ended]) assert.equal(imageID, summary?.ImageID);
    const sandbox = (await node.containers('web')).find(({ name }) => name === 'POD');
    const { Created = '' } = (await node.docker.inspect(sandbox?.id ?? '')) ?? {};
    assert.ok(Date.parse(`${shown.status?.startTime}`) <= Date.parse(Created), 'accepted before it was made');
  });

  test('phases and conditions through a life: init container, sidecar, readiness, completion, end', async (t) => {
    const node = await startNode(t);
    const all = await published(t, node);
    const work = workOf(node);
    const side = `trap "until [ -e /work/stop ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 3600 & wait $!; done`;
    await node.write(
      'web.yaml',
      pod('web', {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 120,
        volumes: work.volumes,
        initContainers: [
          work.shell('init', untilOpen('init')),
          work.shell('side', side, { restartPolicy: 'Always', startupProbe: opened('started') }),
        ],
        containers: [work.shell('main', untilOpen('end'), { readinessProbe: opened('ready') })],
      }),
    );

    const inInit = await shows(node, 'web', 'Pending', 'init', 'Running');
    assert.deepEqual(
      verdicts(inInit),
      conditions('True', 'False ContainersNotInitialized', 'False ContainersNotReady'),
    );
    assert.equal(messageOf(inInit, 'Initialized'), 'containers with incomplete status: [init side]');
    assert.equal(messageOf(inInit, 'Ready'), 'containers with unready status: [side main]');
    assert.deepEqual([how(inInit, 'side'), how(inInit, 'main')], ['PodInitializing', 'PodInitializing']);

    work.open('init');
    const inSide = await shows(node, 'web', 'Pending', 'side', 'Running');
    assert.equal(messageOf(inSide, 'Initialized'), 'containers with incomplete status: [side]');
    assert.deepEqual([statusOf(inSide, 'init').ready, statusOf(inSide, 'side').started], [true, false]);
    assert.equal(how(inSide, 'main'), 'PodInitializing');

    work.open('started');
    const unready = await shows(node, 'web', 'Running', 'main', 'Running');
    assert.deepEqual(verdicts(unready), conditions('True', 'True', 'False ContainersNotReady'));
    assert.equal(messageOf(unready, 'ContainersReady'), 'containers with unready status: [main]');
    assert.deepEqual([statusOf(unready, 'side').ready, statusOf(unready, 'main').started], [true, true]);

    work.open('ready');
    const ready = await node.shows('web', 'is Ready', isReady);
    assert.deepEqual(verdicts(ready), conditions('True', 'True', 'True'));
    assert.equal(messageOf(ready, 'Ready'), undefined);

    work.open('end');
    const completing = await shows(node, 'web', 'Running', 'main', 'Completed');
    assert.equal(how(completing, 'side'), 'Running');
    assert.deepEqual(verdicts(completing), conditions('True', 'True', 'False ContainersNotReady'));

    work.open('stop');
    const ended = await node.shows('web', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    assert.deepEqual(verdicts(ended), conditions('False', 'True PodCompleted', 'False PodCompleted'));

    const [first, ...rest] = all.statesOf('web');
    assert.deepEqual(
      first && verdicts(first),
      conditions('False', 'False ContainersNotInitialized', 'False ContainersNotReady'),
    );
    judge([first as Pod, ...rest]);
    const phases = all.statesOf('web').map(({ status }) => status?.phase);
    assert.deepEqual(
      phases.filter((phase, index) => phase !== phases[index - 1]),
      ['Pending', 'Running', 'Succeeded'],
    );
  });

  /** What one-container Pods come to, by restart policy and exit code. */
  const ends = [
    ['Never', 0, 'Succeeded', 'Completed', 'False PodCompleted'],
    ['Never', 3, 'Failed', 'Error', 'False PodFailed'],
    ['OnFailure', 0, 'Succeeded', 'Completed', 'False PodCompleted'],
    ['OnFailure', 3, 'Running', 'CrashLoopBackOff', 'False ContainersNotReady'],
    ['Always', 0, 'Running', 'CrashLoopBackOff', 'False ContainersNotReady'],
    ['Always', 3, 'Running', 'CrashLoopBackOff', 'False ContainersNotReady'],
  ] as const;

  test('each restart policy, and an end that is well or not: phase, state and conditions', async (t) => {
    const node = await startNode(t);
    const all = await published(t, node);
    const nameOf = (policy: string, code: number) => `${policy.toLowerCase()}-${code}`;
    for (const [restartPolicy, code] of ends) {
      const name = nameOf(restartPolicy, code);
      await node.write(
        `${name}.yaml`,
        pod(name, { restartPolicy, containers: [shell(`sleep 0.3; exit ${code}`)] }),
      );
    }
    for (const [policy, code, phase, state, ready] of ends) {
      const name = nameOf(policy, code);
      const shown = await shows(node, name, phase, 'main', state);
      const over = phase !== 'Running';
      const initialized = phase === 'Succeeded' ? 'True PodCompleted' : 'True';
      assert.deepEqual(verdicts(shown), conditions(over ? 'False' : 'True', initialized, ready), name);
      const { state: now, lastState, restartCount } = statusOf(shown, 'main');
      assert.equal((now?.terminated ?? lastState?.terminated)?.exitCode, code, name);
      assert.ok(over ? restartCount === 0 : restartCount >= 1, `${name}: ${restartCount}`);
      judge(all.statesOf(name));
    }
  });

  test('an init container that fails: for good under Never, tried again under Always', async (t) => {
    const node = await startNode(t);
    const spec = (restartPolicy: string): Partial<PodSpec> => ({
      restartPolicy,
      initContainers: [shell('exit 4', { name: 'init' })],
    });
    await node.write('never.yaml', pod('never', spec('Never')));
    await node.write('always.yaml', pod('always', spec('Always')));

    const never = await shows(node, 'never', 'Failed', 'init', 'Error');
    assert.deepEqual(
      verdicts(never),
      conditions('False', 'False ContainersNotInitialized', 'False PodFailed'),
    );
    const always = await shows(node, 'always', 'Pending', 'init', 'CrashLoopBackOff');
    assert.deepEqual(
      verdicts(always),
      conditions('True', 'False ContainersNotInitialized', 'False ContainersNotReady'),
    );
    for (const shown of [never, always]) assert.equal(how(shown, 'main'), 'PodInitializing');
    assert.equal(statusOf(always, 'init').lastState?.terminated?.exitCode, 4);
  });

  test('observedGeneration stands where the manifest has a generation, and nowhere else', async (t) => {
    const node = await startNode(t, {
      manifests: { 'with.yaml': pod('with', {}, { generation: 7 }), 'without.yaml': pod('without') },
    });
    const observed = async (name: string) => {
      const { status } = await node.running(name);
      return [status, ...(status?.conditions ?? [])].map((one) => one?.observedGeneration);
    };
    assert.deepEqual(await observed('with'), [7, 7, 7, 7, 7, 7]);
    assert.deepEqual(new Set(await observed('without')), new Set([undefined]));
  });

  test('a readiness gate keeps the Pod unready, not its containers, until the manifest says that it is met', async (t) => {
    const conditionType = 'example.com/fed';
    const gated = pod('gated', { readinessGates: [{ conditionType }] });
    const withStatus = (name: string, status: string): Pod => ({
      ...gated,
      metadata: { name },
      status: { conditions: [{ type: conditionType, status }] },
    });
    const node = await startNode(t, {
      manifests: {
        'gated.yaml': gated,
        'unmet.yaml': withStatus('unmet', 'False'),
        'met.yaml': withStatus('met', 'True'),
      },
    });
    for (const [name, message] of [
      ['gated', `corresponding condition of pod readiness gate "${conditionType}" does not exist.`],
      ['unmet', `the status of pod readiness gate "${conditionType}" is not "True", but False`],
    ] as const) {
      const shown = await node.running(name);
      const ready = conditionOf(shown, 'Ready');
      assert.deepEqual(
        [ready?.status, ready?.reason, ready?.message],
        ['False', 'ReadinessGatesNotReady', message],
      );
      assert.equal(conditionOf(shown, 'ContainersReady')?.status, 'True');
    }
    const met = await node.running('met');
    assert.equal(isReady(met), true);
    assert.equal(conditionOf(met, conditionType)?.status, 'True');
  });

  test('PodReadyToStartContainers: not before there is a sandbox, not after it was killed, and again with the next', async (t) => {
    const node = await startNode(t);
    const all = await published(t, node);
    const work = workOf(node);
    const script = `trap "until [ -e /work/stop ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 3600 & wait $!; done`;
    const containers = [work.shell('main', script)];
    const spec = { terminationGracePeriodSeconds: 120, volumes: work.volumes, containers };
    await node.write('web.yaml', pod('web', spec));
    const before = await node.running('web');
    const sandboxReady = (shown?: Pod) => shown && conditionOf(shown, 'PodReadyToStartContainers')?.status;
    assert.deepEqual([sandboxReady(all.statesOf('web')[0]), sandboxReady(before)], ['False', 'True']);

    const sandbox = (await node.containers('web')).find(({ name }) => name === 'POD');
    await node.docker.kill(sandbox?.id ?? '');
    const without = await node.shows(
      'web',
      'has no sandbox',
      (shown) => sandboxReady(shown) === 'False' && !isReady(shown),
    );
    assert.equal(how(without, 'main'), 'Running');
    assert.equal(conditionOf(without, 'Initialized')?.status, 'True');
    work.open('stop');
    const again = await node.shows('web', 'is Ready again', isReady);
    assert.equal(sandboxReady(again), 'True');
    judge(all.statesOf('web'));
    const turns = all.statesOf('web').map(sandboxReady);
    assert.deepEqual(
      turns.filter((status, index) => status !== turns[index - 1]),
      ['False', 'True', 'False', 'True'],
    );
  });

  test('a Pod that stops says until when, and is not ready; its last word is how it ended', async (t) => {
    const node = await startNode(t);
    const all = await published(t, node);
    const work = workOf(node);
    const script = `trap "until [ -e /work/stop ]; do sleep 0.1; done; exit 3" TERM; while :; do sleep 3600 & wait $!; done`;
    const containers = [work.shell('main', script)];
    const spec = { terminationGracePeriodSeconds: 47, volumes: work.volumes, containers };
    await node.write('web.yaml', pod('web', spec));
    const before = await node.running('web');
    assert.equal(before.metadata?.deletionTimestamp, undefined);
    assert.equal(before.metadata?.deletionGracePeriodSeconds, undefined);
    await node.remove('web.yaml');
    const stopping = await node.shows(
      'web',
      'is stopping',
      ({ metadata }) => metadata?.deletionTimestamp !== undefined,
    );
    assert.equal(stopping.status?.phase, 'Running');
    assert.equal(how(stopping, 'main'), 'Running');
    assert.deepEqual(verdicts(stopping), conditions('True', 'True', 'False ContainersNotReady'));
    assert.equal(stopping.metadata?.deletionGracePeriodSeconds, 47);
    work.open('stop');
    await node.gone('web');

    const events = await node.events();
    const termMs = events.find(({ action }) => action === 'kill')?.timeMs ?? 0;
    const untilMs = Date.parse(`${stopping.metadata?.deletionTimestamp}`);
    // The time runs from when the stop began, just before the signal.
    assert.ok(untilMs <= termMs + 47_000 && untilMs > termMs + 47_000 - 20_000, `${termMs} ${untilMs}`);
    await until('the Pod was taken away', () => all.words.at(-1)?.type === 'removed');
    const last = all.statesOf('web').at(-1) as Pod;
    assert.equal(last.status?.phase, 'Failed');
    assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 3);
    assert.deepEqual(verdicts(last), conditions('False', 'True', 'False PodFailed'));
    judge(all.statesOf('web'));
  });
});
