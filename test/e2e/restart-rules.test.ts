// When containers start again: back-off, a container's own policy and rules, all of them at once. Durations are the
// engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { createdTimes, endedMs, historyOf, timesOf, told } from './harness/history.ts';
import { neverStops, pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { conditionOf, prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

const rules = (operator: 'In' | 'NotIn', values: number[], action = 'Restart') => [
  { action, exitCodes: { operator, values } },
];

/** A container that may not restart but for these exit codes. */
const restartsOn = (...rule: Parameters<typeof rules>): Partial<Container> => ({
  restartPolicy: 'Never',
  restartPolicyRules: rules(...rule),
});

/** Ends with each of these exit codes in turn, and from then on with the last. */
const endsWith = (...exitCodes: number[]): string => {
  const cases = exitCodes.slice(0, -1).map((exitCode, index) => `${index + 1}) exit ${exitCode};;`);
  return `echo x >> /work/runs; case $(wc -l < /work/runs) in ${cases.join(' ')} *) exit ${exitCodes.at(-1)};; esac`;
};

const isWaiting = (name: string, reason: string) => (seen: Pod) => waitingFor(seen, name) === reason;
describe('back-off', { concurrency: 4 }, () => {
  test('at once, after 10 s, after 20 s: CrashLoopBackOff, and why', async (t) => {
    const node = await startNode(t, {
      manifests: { 'loop.yaml': pod('loop', { containers: [shell('exit 4')] }) },
    });
    const says = (delay: string, { metadata }: Pod) =>
      `back-off ${delay} restarting failed container=main pod=loop-${node.name}_default(${metadata?.uid})`;
    const backsOff = async (restartCount: number, delay: string) => {
      const shown = await node.shows(
        'loop',
        `backs off for ${delay}`,
        (seen) =>
          isWaiting('main', 'CrashLoopBackOff')(seen) && statusOf(seen, 'main').restartCount === restartCount,
      );
      assert.equal(statusOf(shown, 'main').state?.waiting?.message, says(delay, shown));
      assert.equal(statusOf(shown, 'main').lastState?.terminated?.exitCode, 4);
      assert.equal(shown.status?.phase, 'Running');
      return shown;
    };
    const first = await backsOff(1, '10s');
    const secondEnd = await endedMs(node, statusOf(first, 'main').lastState?.terminated?.containerID);
    assert.equal((await prints(node, 'loop', 'CrashLoopBackOff')).ready, '0/1');
    // monopod's own end does not shorten it.
    await node.kill();
    await node.start();
    await backsOff(1, '10s');
    await backsOff(2, '20s');
    const history = await historyOf(node, 'loop');
    const [, second = 0, third = 0, ...more] = timesOf(history, 'start', 'main');
    const [firstEnd = 0] = timesOf(history, 'die', 'main');
    assert.deepEqual(more, []);
    assert.ok(second - firstEnd < 10_000, `first after ${second - firstEnd} ms`);
    assert.ok(third - secondEnd >= 10_000, `second after ${third - secondEnd} ms`);
  });

  test('each container has its own: one that backs off holds up no other', async (t) => {
    const node = await startNode(t);
    const containers = [
      shell('exit 1', { name: 'a' }),
      shell('exit 2', { name: 'b' }),
      shell(undefined, { name: 'good' }),
    ];
    await node.write('web.yaml', pod('web', { containers }));
    const shown = await node.shows(
      'web',
      'has two in back-off and one that runs',
      (seen) =>
        ['a', 'b'].every((name) => isWaiting(name, 'CrashLoopBackOff')(seen)) && statusOf(seen, 'good').ready,
    );
    for (const [name, exitCode] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      assert.match(
        statusOf(shown, name).state?.waiting?.message ?? '',
        new RegExp(`^back-off 10s .*container=${name} `),
      );
      assert.equal(statusOf(shown, name).lastState?.terminated?.exitCode, exitCode);
    }
    await node.docker.kill((await node.container('web', 'good')).Id);
    await node.shows('web', 'has it back', (seen) => statusOf(seen, 'good').restartCount === 1);
    const history = await historyOf(node, 'web');
    const [, again = 0] = timesOf(history, 'start', 'good');
    const [ended = 0] = timesOf(history, 'die', 'good');
    assert.ok(again - ended < 10_000, `back after ${again - ended} ms`);
  });
});

describe("a container's own restart policy", { concurrency: 4 }, () => {
  const bothRules = [...rules('In', [42]), ...rules('In', [42], 'RestartAllContainers')];
  const cases: { podPolicy: string; own: Partial<Container>; codes: number[]; restarts: number }[] = [
    { podPolicy: 'Always', own: { restartPolicy: 'Never' }, codes: [1], restarts: 0 },
    { podPolicy: 'Always', own: { restartPolicy: 'OnFailure' }, codes: [1, 0], restarts: 1 },
    { podPolicy: 'Never', own: { restartPolicy: 'OnFailure' }, codes: [1, 0], restarts: 1 },
    { podPolicy: 'Never', own: restartsOn('In', [42, 43]), codes: [43, 1], restarts: 1 },
    { podPolicy: 'OnFailure', own: restartsOn('NotIn', [0, 5]), codes: [6, 5], restarts: 1 },
    // The first rule that is met counts: the other container is left alone.
    {
      podPolicy: 'Never',
      own: { restartPolicy: 'Never', restartPolicyRules: bothRules },
      codes: [42, 0],
      restarts: 1,
    },
  ];
  for (const { podPolicy, own, codes, restarts } of cases)
    test(`in a Pod with ${podPolicy}: ${JSON.stringify(own)} of one that ends with ${codes}`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const containers = [
        work.shell('own', endsWith(...codes), own),
        work.shell('other', untilOpen('finish')),
      ];
      await node.write(
        'web.yaml',
        pod('web', { restartPolicy: podPolicy, volumes: work.volumes, containers }),
      );
      const last = codes.at(-1);
      const shown = await node.shows('web', 'has ended it for good', (seen) => {
        const { state, restartCount } = statusOf(seen, 'own');
        return (
          restartCount === restarts &&
          state?.terminated?.exitCode === last &&
          statusOf(seen, 'other').state?.running !== undefined
        );
      });
      assert.equal(shown.status?.phase, 'Running');
      assert.equal(statusOf(shown, 'other').restartCount, 0);
      if (podPolicy === 'Always') return;
      work.open('finish');
      const ended = await node.shows('web', 'has ended', (seen) =>
        ['Succeeded', 'Failed'].includes(seen.status?.phase ?? ''),
      );
      assert.equal(ended.status?.phase, last === 0 ? 'Succeeded' : 'Failed');
      assert.equal(createdTimes(await historyOf(node, 'web'), 'own'), restarts + 1);
    });

  test('Always in a Pod with Never: it starts again after a success as well, and the Pod never ends', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const containers = [
      work.shell('own', `echo x >> /work/runs; [ $(wc -l < /work/runs) -ge 2 ] && sleep 3600 & wait`, {
        restartPolicy: 'Always',
      }),
      work.shell('other', 'exit 0'),
    ];
    const spec = { volumes: work.volumes, containers, terminationGracePeriodSeconds: 1 };
    await node.write('web.yaml', pod('web', { ...spec, restartPolicy: 'Never' }));
    const shown = await node.shows(
      'web',
      'has it again',
      (seen) =>
        statusOf(seen, 'own').restartCount === 1 &&
        statusOf(seen, 'own').state?.running !== undefined &&
        statusOf(seen, 'other').state?.terminated !== undefined,
    );
    assert.equal(shown.status?.phase, 'Running');
    assert.equal(statusOf(shown, 'own').lastState?.terminated?.exitCode, 0);
    assert.equal(statusOf(shown, 'other').restartCount, 0);
  });

  test('an init container that may try only once fails a Pod with Always; one with a rule is tried again under Never', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const { volumes } = work;
    const once = work.shell('once', 'exit 1', { restartPolicy: 'Never' });
    await node.write('once.yaml', pod('once', { volumes, initContainers: [once] }));
    const ruled = work.shell('ruled', endsWith(42, 0), restartsOn('In', [42]));
    await node.write(
      'ruled.yaml',
      pod('ruled', { volumes, initContainers: [ruled], restartPolicy: 'Never' }),
    );
    await node.shows('once', 'has Failed', ({ status }) => status?.phase === 'Failed');
    await prints(node, 'once', 'Init:Error');
    assert.deepEqual(told(await historyOf(node, 'once')).slice(1, 3), ['start once', 'die once 1']);
    assert.deepEqual(timesOf(await historyOf(node, 'once'), 'start', 'main'), []);
    const shown = await node.running('ruled');
    assert.equal(statusOf(shown, 'ruled').restartCount, 1);
    assert.deepEqual(told(await historyOf(node, 'ruled')).slice(1), [
      'start ruled',
      'die ruled 42',
      'start ruled',
      'die ruled 0',
      'start main',
    ]);
  });
});

describe('RestartAllContainers', { concurrency: 4 }, () => {
  for (const trigger of ['main', 'side', 'init'] as const)
    test(`asked for by ${trigger}: all stop at once, without hooks, and the Pod starts over in its sandbox`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const asks = `[ -e /work/asked ] || { ${untilOpen('go')}; touch /work/asked; exit 88; };`;
      const own = (name: string, policy: 'Never' | 'Always') =>
        name === trigger && { ...restartsOn('In', [88], 'RestartAllContainers'), restartPolicy: policy };
      const runs = 'trap "exit 9" TERM; while :; do sleep 3600 & wait $!; done';
      const preStop = { exec: { command: ['sh', '-c', 'touch /work/preStop'] } };
      const script = (name: string, rest: string) => (name === trigger ? `${asks} ${rest}` : rest);
      await node.write(
        'web.yaml',
        pod('web', {
          restartPolicy: 'Never',
          volumes: [...work.volumes, { name: 'kept', emptyDir: {} }],
          initContainers: [
            work.shell('side', script('side', runs), { restartPolicy: 'Always', ...own('side', 'Always') }),
            work.shell('init', script('init', 'exit 0'), own('init', 'Never') || {}),
          ],
          containers: [
            work.shell('main', script('main', runs), own('main', 'Never') || {}),
            // Deaf: not its grace of 30 s is what it gets.
            work.shell('deaf', `echo x >> /kept/lives; cp /kept/lives /work/lives; ${neverStops}`, {
              lifecycle: { preStop },
              volumeMounts: [
                { name: 'work', mountPath: '/work' },
                { name: 'kept', mountPath: '/kept' },
              ],
            }),
          ],
        }),
      );
      if (trigger === 'init') await until('init runs', () => node.container('web', 'init'));
      else await node.running('web');
      const before = await node.containers('web');
      const [sandbox] = before.filter(({ name }) => name === 'POD');
      const seenUid = (await node.pod('web'))?.metadata?.uid;
      work.open('go');
      if (trigger !== 'init') {
        // For as long as the deaf one takes.
        const shown = await node.shows(
          'web',
          'says that it restarts all',
          (seen) => conditionOf(seen, 'AllContainersRestarting')?.status === 'True',
        );
        assert.equal(shown.status?.phase, 'Running');
        assert.equal(conditionOf(shown, 'Ready')?.status, 'False');
      }
      const ran = trigger === 'init' ? ['side', 'init'] : ['side', 'init', 'main', 'deaf'];
      await node.shows('web', 'starts over', (seen) =>
        ran.every((name) => statusOf(seen, name).lastState?.terminated?.reason === 'RestartingAllContainers'),
      );
      const shown = await node.running('web');
      assert.equal(shown.metadata?.uid, seenUid);
      for (const name of ran) {
        const { lastState, restartCount } = statusOf(shown, name);
        assert.equal(lastState?.terminated?.exitCode, 137, name);
        assert.equal(restartCount, 1, name);
      }
      assert.equal(conditionOf(shown, 'AllContainersRestarting')?.status, 'False');
      const sandboxes = (await node.containers('web')).filter(({ name }) => name === 'POD');
      assert.deepEqual(
        sandboxes.map(({ id }) => id),
        [sandbox?.id],
      );
      assert.equal(work.read('preStop'), '', 'no preStop');
      const history = await historyOf(node, 'web');
      const lines = told(history);
      const again = lines.lastIndexOf('start side');
      assert.deepEqual(lines.slice(again), [
        'start side',
        'start init',
        'die init 0',
        'start main',
        'start deaf',
      ]);
      assert.equal(
        lines.slice(0, again).filter((line) => line.startsWith('die')).length,
        ran.length,
        'the last of them is dead before the first starts',
      );
      if (trigger === 'init') return;
      assert.equal(work.read('lives'), 'x\nx\n', 'its volumes are kept');
      const [term = 0, kill = 0] = timesOf(history, 'kill', 'deaf');
      assert.ok(kill - term >= 2_000 && kill - term < 15_000, `SIGKILL after ${kill - term} ms`);
    });
});
