// Status while monopod ends and starts again, and while nothing changes: what is seen before is seen after, word for
// word, no state in between says anything else, and who watches hears nothing twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { judge, type Published, published } from './harness/published.ts';
import { conditionOf, statusOf } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { workOf } from './harness/work.ts';

/** Notes each time that it is asked, in `file`. */
const asks = (file: string): Partial<Container['readinessProbe']> & object => ({
  exec: { command: ['sh', '-c', `echo asked >> /work/${file}`] },
  periodSeconds: 1,
  timeoutSeconds: 10,
});

type Work = ReturnType<typeof workOf>;

const timesAsked = (work: Work, file: string) => work.read(file).split('\n').length - 1;

const askedAgain = async (work: Work, file: string, times: number) => {
  const before = timesAsked(work, file);
  await until(`${file} was asked ${times} times more`, () => timesAsked(work, file) >= before + times);
};

const readyOf = (shown?: Pod) => shown && conditionOf(shown, 'Ready')?.status;
const isReady = (shown: Pod): boolean => readyOf(shown) === 'True';

const toSecond = (time = ''): string => `${time.slice(0, 19)}Z`;

/** How monopod ends, and how often the probes are asked before it ends again: once not at all. */
const ends = [
  ['stop', 2],
  ['kill', 0],
  ['kill', 2],
] as const;

/** Of each container that has one: its own times by the engine, as its status should have them. */
async function agreesWithEngine(node: TestNode, shown: Pod): Promise<void> {
  const { initContainerStatuses = [], containerStatuses = [] } = shown.status ?? {};
  for (const { name, state, lastState, containerID } of [...initContainerStatuses, ...containerStatuses]) {
    for (const ended of [state?.terminated, lastState?.terminated]) {
      if (!ended) continue;
      const own = (await node.docker.inspect(`${ended.containerID}`.replace('docker://', '')))?.State;
      const [startedAt, finishedAt] = [toSecond(own?.StartedAt), toSecond(own?.FinishedAt)];
      assert.deepEqual([ended.startedAt, ended.finishedAt], [startedAt, finishedAt], name);
    }
    const own = (await node.docker.inspect(`${containerID}`.replace('docker://', '')))?.State;
    if (state?.running) assert.equal(state.running.startedAt, toSecond(own?.StartedAt), name);
  }
}

describe('status through restarts of monopod, and its volume', { concurrency: 4 }, () => {
  test('a Pod that is probed every second and stays as it is says nothing, whoever watches', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const main = work.shell('main', undefined, {
      readinessProbe: asks('ready'),
      livenessProbe: asks('alive'),
    });
    const initContainers = [
      work.shell('side', undefined, { restartPolicy: 'Always', livenessProbe: asks('side') }),
    ];
    await node.write('web.yaml', pod('web', { volumes: work.volumes, initContainers, containers: [main] }));
    const before = await node.shows('web', 'is Ready', isReady);
    // What may still wait to be said is said by then.
    await askedAgain(work, 'alive', 2);
    const all = await published(t, node);
    const { log } = node;
    await Promise.all(['ready', 'alive', 'side'].map((file) => askedAgain(work, file, 10)));
    assert.deepEqual(
      all.words.map(({ type }) => type),
      ['list'],
    );
    assert.deepEqual(await node.pod('web'), { ...before });
    assert.equal(node.log, log);
    // The stream is alive all the same.
    await node.remove('web.yaml');
    await node.gone('web');
    await until('its end is told', () => all.words.at(-1)?.type === 'removed');
    judge(all.statesOf('web'));
  });

  test('ended by SIGTERM and by SIGKILL: every state that can be seen is as before, Ready does not flicker', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const web = pod('web', {
      volumes: work.volumes,
      initContainers: [
        work.shell('init', 'sleep 1.1'),
        work.shell('side', undefined, { restartPolicy: 'Always', readinessProbe: asks('side') }),
      ],
      containers: [
        work.shell('main', undefined, { readinessProbe: asks('ready'), livenessProbe: asks('alive') }),
      ],
    });
    const done = pod('done', { restartPolicy: 'Never', containers: [shell('sleep 1.1; exit 4')] });
    const held = pod('held', { readinessGates: [{ conditionType: 'example.com/never' }] });
    for (const one of [web, done, held]) await node.write(`${one.metadata?.name}.yaml`, one);
    await node.shows('web', 'is Ready', isReady);
    // A restart, so that there is a last state to keep.
    await node.docker.kill((await node.container('web')).Id);
    const before = [
      await node.shows('done', 'has Failed', ({ status }) => status?.phase === 'Failed'),
      await node.running('held'),
      await node.shows('web', 'is Ready again', (shown) => {
        return statusOf(shown, 'main').restartCount === 1 && isReady(shown);
      }),
    ];
    await until('the sandbox of the Pod that has ended is gone', async () =>
      (await node.containers('done')).every(({ name }) => name !== 'POD'),
    );

    const all = await published(t, node);
    void all.poll();
    for (const [round, [end, times]] of ends.entries()) {
      await node[end]();
      await node.start();
      await until('who watches is back', () => all.begun === round + 2);
      // By then each probe has been asked by this monopod as well.
      await Promise.all(['side', 'ready', 'alive'].map((file) => askedAgain(work, file, times)));
    }

    const lists = [...all.polled, ...all.words.flatMap((word) => (word.type === 'list' ? [word.pods] : []))];
    assert.ok(lists.length > 4);
    const plain = (one?: Pod) => ({ metadata: one?.metadata, spec: one?.spec, status: one?.status });
    for (const list of lists) assert.deepEqual(list.map(plain), before.map(plain));
    assert.deepEqual(
      all.words.filter(({ type }) => type !== 'list'),
      [],
      'nothing has changed',
    );
    for (const one of before) await agreesWithEngine(node, (await node.pod(`${nameOf(one)}`)) as Pod);

    function nameOf({ metadata }: Pod): string | undefined {
      return metadata?.name?.replace(`-${node.name}`, '');
    }
  });

  test('what changes while monopod is down turns once, now, and the rest keeps its times', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const readinessProbe = {
      exec: { command: ['test', '-e', '/work/ready'] },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    work.open('ready');
    await node.write(
      'web.yaml',
      pod('web', { volumes: work.volumes, containers: [work.shell('main', undefined, { readinessProbe })] }),
    );
    const before = await node.shows('web', 'is Ready', isReady);
    const all = await published(t, node);
    await node.kill();
    work.close('ready');
    // So that a time that is set anew differs.
    await until('a second has passed', () => Date.now() - Date.parse(`${turnOf(before)}`) > 2_000);
    await node.start();
    const after = await node.shows('web', 'is not Ready', (shown) => readyOf(shown) === 'False');
    assert.ok(Date.parse(`${turnOf(after)}`) - Date.parse(`${turnOf(before)}`) >= 2_000);
    for (const type of ['PodReadyToStartContainers', 'Initialized', 'PodScheduled'])
      assert.deepEqual(conditionOf(after, type), conditionOf(before, type));
    judge(all.statesOf('web'));
    const turns = all.statesOf('web').map(readyOf);
    assert.deepEqual(
      turns.filter((status, index) => status !== turns[index - 1]),
      ['True', 'False'],
    );

    function turnOf(shown: Pod) {
      return conditionOf(shown, 'Ready')?.lastTransitionTime;
    }
  });

  test('a Pod that was stopping stops until the same moment', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const script = `trap "until [ -e /work/stop ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 3600 & wait $!; done`;
    const containers = [work.shell('main', script)];
    const spec = { terminationGracePeriodSeconds: 120, volumes: work.volumes, containers };
    await node.write('web.yaml', pod('web', spec));
    await node.running('web');
    const all = await published(t, node);
    void all.poll();
    await node.remove('web.yaml');
    const stopping = ({ metadata }: Pod) => metadata?.deletionTimestamp !== undefined;
    const before = await node.shows('web', 'is stopping', stopping);
    const states = all.statesOf('web').length;
    for (const end of ['stop', 'kill'] as const) {
      await node[end]();
      await node.start();
      assert.deepEqual(await node.shows('web', 'is stopping', stopping), before);
    }
    for (const state of all.statesOf('web').slice(states)) {
      assert.deepEqual(state.metadata, before.metadata);
      assert.deepEqual(state.status, before.status);
    }
    assert.ok(all.polled.every((list) => list.length === 1));
    work.open('stop');
    await node.gone('web');
    judge(all.statesOf('web'));
  });

  test('of two readers each sees the same words, and none of them twice', async (t) => {
    const node = await startNode(t);
    const [one, other] = [await published(t, node), await published(t, node)];
    const restartPolicy = 'Never';
    for (const name of ['a', 'b', 'c'])
      await node.write(
        `${name}.yaml`,
        pod(name, { restartPolicy, containers: [shell('exit 0'), shell('exit 0', { name: 'b' })] }),
      );
    for (const name of ['a', 'b', 'c'])
      await node.shows(name, 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    for (const name of ['a', 'b', 'c']) {
      await node.remove(`${name}.yaml`);
      await node.gone(name);
    }
    const gone = ({ words }: Published) =>
      words.flatMap((word) => (word.type === 'removed' ? [word.pod.metadata?.name] : []));
    const names = ['a', 'b', 'c'].map((name) => `${name}-${node.name}`);
    for (const reader of [one, other]) {
      await until('it knows that all are gone', () => names.every((name) => gone(reader).includes(name)), {
        seen: () => gone(reader),
      });
      assert.deepEqual(gone(reader), names);
    }
    assert.deepEqual(one.words, other.words);
    for (const name of ['a', 'b', 'c']) {
      const texts = one.statesOf(name).map((state) => JSON.stringify(state));
      assert.deepEqual(
        texts.filter((text, index) => text === texts[index - 1]),
        [],
      );
      judge(one.statesOf(name));
    }
  });
});
